"""How cost grows with the number of changed policies and with the number of statements.

    python -m benchmarks.growth --plot docs/images/growth.svg

The statements have the shape of real ones: a service's actions, partly by wildcard, on the ARNs of
an application, a third of them under a condition, one in ten a Deny. The new version differs in
five statements, a Deny among them: all of them narrower (it holds), or one of them wider (it fails).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from math import log
from pathlib import Path
from typing import Final, TypeAlias

from benchmarks import plot
from benchmarks.corpus import Update
from benchmarks.measure import CLOCKS, Clock, cost, shown
from checker.policy.model import PolicyType

Document: TypeAlias = dict[str, object]
Point: TypeAlias = tuple[float, float]

STATEMENTS: Final = (10, 30, 100, 300, 1000, 3000)
POLICIES: Final = (1, 2, 5, 10, 20, 50, 100, 200)
_PERIOD: Final = 60  # after so many statements their kinds come again
_KINDS: Final = (5, 12, 19, 26, 33)  # of those that change; the third is a Deny
_IN_A_POLICY: Final = 10
_RUNS: Final = 5
_APART: Final = 120_000  # statements of one run are none of another's
_SERVICES: Final = (
    ("s3", "bucket", ("Get*", "PutObject", "DeleteObject", "ListBucket")),
    ("dynamodb", "table", ("GetItem", "PutItem", "Query", "BatchGet*")),
    ("sqs", "queue", ("SendMessage", "ReceiveMessage", "Get*")),
    ("lambda", "function", ("InvokeFunction", "Get*", "List*")),
    ("ec2", "instance", ("Describe*", "StartInstances", "StopInstances")),
    ("logs", "log-group", ("CreateLogStream", "PutLogEvents", "Describe*")),
    ("kms", "key", ("Decrypt", "GenerateDataKey*", "DescribeKey")),
    ("sns", "topic", ("Publish", "Subscribe", "List*")),
    ("secretsmanager", "secret", ("GetSecretValue", "DescribeSecret")),
    ("ssm", "parameter", ("GetParameter*", "PutParameter")),
    ("ecr", "repository", ("BatchGetImage", "GetDownloadUrlForLayer", "Put*")),
    ("states", "stateMachine", ("StartExecution", "Describe*")),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--most", type=int, default=STATEMENTS[-1], metavar="STATEMENTS")
    parser.add_argument("--clock", choices=CLOCKS, default="wall", help="cpu: for busy machines")
    parser.add_argument("--plot", type=Path, metavar="FILE.svg")
    given = parser.parse_args(arguments)
    cost(version(_IN_A_POLICY, wider=True))  # what is loaded once
    clock = CLOCKS[given.clock]
    sizes = [size for size in STATEMENTS if size <= given.most]
    lines: dict[str, list[Point]] = {}
    for name, wider in (("holds", False), ("fails", True)):
        lines[f"statements, {name}"] = points(sizes, partial(one, wider=wider), clock)
    lines["policies"] = points(POLICIES, several, clock)
    print("| | " + " | ".join(f"{n:,}" for n in sizes) + " | exponent |")
    print("|---" * (len(sizes) + 2) + "|")
    for name, line in list(lines.items())[:2]:
        print(row(name, line))
    print("\n| | " + " | ".join(map(str, POLICIES)) + " | exponent |")
    print("|---" * (len(POLICIES) + 2) + "|")
    print(row("changed policies", lines["policies"]))
    if given.plot:
        given.plot.write_text(
            plot.growth("Verdict and explanation", "statements or policies", lines)
        )
    return 0


def points(
    sizes: Sequence[int], made: Callable[[int, int], Sequence[Update]], clock: Clock
) -> list[Point]:
    """Return the seconds that a size takes: the least of five runs, each on other policies."""
    return [
        (float(size), min(_seconds(made(size, run), clock) for run in range(_RUNS)))
        for size in sizes
    ]


def _seconds(updates: Sequence[Update], clock: Clock) -> float:
    return sum(cost(update, clock).deciding for update in updates)


def row(name: str, line: Sequence[Point]) -> str:
    """Return a row of a table of times with the exponent of their growth."""
    cells = " | ".join(shown(seconds) for _, seconds in line)
    return f"| {name} | {cells} | {exponent(line):.2f} |"


def exponent(line: Sequence[Point]) -> float:
    """Return k of the best fit of c·n^k: a line through the logarithms."""
    xs, ys = [log(x) for x, _ in line], [log(y) for _, y in line]
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    above = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True))
    return above / sum((x - mean_x) ** 2 for x in xs)


def one(size: int, run: int, *, wider: bool) -> list[Update]:
    """Return the update of one policy of so many statements."""
    return [version(size, wider=wider, first=run * _APART)]


def several(count: int, run: int) -> list[Update]:
    """Return updates of so many policies, each different, every other one with new access."""
    return [
        version(_IN_A_POLICY, wider=bool(i % 2), first=run * _APART + i * _IN_A_POLICY)
        for i in range(count)
    ]


def version(size: int, *, wider: bool, first: int = 0) -> Update:
    """Return an update of a policy of so many statements."""
    old = [_statement(first + i) for i in range(size)]
    new = [*old]
    for place in _changed(size):
        new[place] = _narrower(first + place)
    if wider:
        place = _changed(size)[0]
        new[place] = _wider(first + place)
    documents = ({"Version": "2012-10-17", "Statement": body} for body in (old, new))
    return Update(f"{size} statements", PolicyType.IDENTITY, *documents)


def _changed(size: int) -> list[int]:
    """Return the places that change: all over the policy, of the same kinds whatever its size."""
    starts = (i * size // len(_KINDS) // _PERIOD * _PERIOD for i in range(len(_KINDS)))
    places = ((start + kind) % size for start, kind in zip(starts, _KINDS, strict=True))
    return list(dict.fromkeys(places))


def _statement(number: int) -> Document:
    service, kind, actions = _SERVICES[number % len(_SERVICES)]
    account = f"{111122220000 + number % 7}"
    found: Document = {
        "Sid": f"S{number}",
        "Effect": "Deny" if number % 10 == 9 else "Allow",
        "Action": [f"{service}:{name}" for name in actions],
        "Resource": [
            f"arn:aws:{service}:*:{account}:{kind}/app-{number}",
            f"arn:aws:{service}:*:{account}:{kind}/app-{number}/*",
        ],
    }
    if number % 3 == 0:
        found["Condition"] = {"StringEquals": {"aws:ResourceTag/team": f"team-{number % 20}"}}
    elif number % 10 == 9:
        found["Condition"] = {"Bool": {"aws:SecureTransport": "false"}}
    return found


def _narrower(number: int) -> Document:
    """Return the statement with a region of its own; of a Deny, without its condition."""
    statement = _statement(number)
    if statement["Effect"] == "Deny":
        return {k: v for k, v in statement.items() if k != "Condition"}
    condition = statement.get("Condition", {})
    assert isinstance(condition, dict)  # noqa: S101
    equals = {**condition.get("StringEquals", {}), "aws:RequestedRegion": "eu-west-1"}
    return {**statement, "Condition": {"StringEquals": equals}}


def _wider(number: int) -> Document:
    """Return the statement on one more application."""
    statement = _statement(number)
    service, kind, _ = _SERVICES[number % len(_SERVICES)]
    more = f"arn:aws:{service}:*:{111122220000 + number % 7}:{kind}/shared-{number}/*"
    resources = statement["Resource"]
    assert isinstance(resources, list)  # noqa: S101
    return {**statement, "Effect": "Allow", "Resource": [*resources, more]}


if __name__ == "__main__":
    started = time.perf_counter()
    code = main()
    print(f"\n{shown(time.perf_counter() - started)} in all", file=sys.stderr)
    sys.exit(code)
