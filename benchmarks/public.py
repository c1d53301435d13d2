"""What a public-access question takes beside a new-access question about the same policies.

    python -m benchmarks.public [--sample N] [--clock cpu]

Few policies of resources are published, so two kinds are measured: the policies of the corpus with somebody
to grant to (everyone, everyone in an organization, an account), and small ones, one for each rule about who is
a stranger. Public access is a question about a whole policy, so it stands beside that of a policy that is
new; what a change takes, of which most is the same text, is told too.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from benchmarks.corpus import ROOT, Update, sample, updates
from benchmarks.measure import CLOCKS, Clock, explain
from benchmarks.verdicts import row
from checker.checks import no_new_access, no_public_access
from checker.policy.model import Policy, PolicyType
from checker.policy.parse import parse_policy
from checker.source.tree import from_python
from checker.symbolic import solver
from checker.symbolic.question import Question, Undecided

Document: TypeAlias = dict[str, Any]

_CASES: Final = ROOT / "tests" / "cases"
_KIND: Final = "AWS::S3::Bucket"
_FOR: Final[tuple[Document, ...]] = (
    {"Principal": "*"},
    {"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}},
    {"Principal": {"AWS": "111122223333"}},
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One policy of a resource, its old version, and the type of the resource."""

    name: str
    old: Policy
    new: Policy
    kind: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables; 1 if public access takes longer."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.public", description=__doc__)
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="about N changes")
    parser.add_argument("--clock", choices=CLOCKS, default="wall", help="cpu: for busy machines")
    given = parser.parse_args(arguments)
    _, found = updates()
    every = [update for update in found if update.policy_type is PolicyType.IDENTITY]
    longer = False
    for name, asked in (
        ("policies of the corpus", list(_changed(sample(every, given.sample)))),
        ("small policies", list(_small())),
    ):
        longer |= _measured(name, asked, CLOCKS[given.clock])
    return int(longer)


def _measured(name: str, asked: Sequence[Asked], clock: Clock) -> bool:
    changed: list[float] = []
    new: list[float] = []
    public: list[float] = []
    undecided = 0
    for each in asked:
        for seconds, question in (
            (changed, no_new_access.ask(each.old, each.new)),
            (new, no_new_access.ask(no_new_access.nothing(each.new), each.new)),
            (public, no_public_access.ask(each.new, each.kind)),
        ):
            took, is_open = _took(question, clock)
            seconds.append(took)
            undecided += is_open
    print(
        f"\n| {len(asked)} {name} | median | p90 | p99 | max | in all |\n|---|---|---|---|---|---|"
    )
    rows = [("public access", public), ("new access, the policy being new", new)]
    if any(each.old.statements for each in asked):
        rows.append(("new access, compared with its old version", changed))
    for what, seconds in rows:
        print(f"{row(what, seconds)} {sum(seconds):.1f} s |")
    print(f"\nundecided: {undecided}")
    return sum(public) > sum(new)


def _took(question: Question, clock: Clock) -> tuple[float, bool]:
    started = clock()
    answer = solver.answer(question)
    explain(question, answer)
    return clock() - started, isinstance(answer, Undecided)


def _changed(of: Sequence[Update]) -> Iterator[Asked]:
    for number, update in enumerate(of):
        to = _FOR[number % len(_FOR)]
        old, new = (_granted(document, to) for document in (update.old, update.new))
        yield Asked(update.name, old, new, _KIND)


def _granted(document: object, to: Document) -> Policy:
    """Return the policy of an identity as that of a resource."""
    assert isinstance(document, dict)  # noqa: S101  a policy
    found = document["Statement"]
    statements = found if isinstance(found, list) else [found]
    every = [
        {**each, **to, "Condition": each.get("Condition", {}) | to.get("Condition", {})}
        for each in statements
    ]
    for each in every:
        if not each["Condition"]:
            del each["Condition"]
    return _policy({**document, "Statement": every}, PolicyType.RESOURCE)


def _small() -> Iterator[Asked]:
    for case in json.loads((_CASES / "semantics.json").read_text()):
        if case["kind"] == "public":
            yield _one(case["id"], case["policy"], case["resourceType"])
    for line in (_CASES / "public-access.jsonl").read_text().splitlines():
        case = json.loads(line)
        document = {"Version": "2012-10-17", "Statement": case["statements"]}
        yield _one(case["why"], document, case["type"])


def _one(name: str, document: Document, kind: str) -> Asked:
    policy_type = no_public_access.resource_type(kind).policy_type
    if policy_type is PolicyType.TRUST:
        for statement in document["Statement"]:
            statement.pop("Resource", None)
    new = _policy(document, policy_type)
    return Asked(name, no_new_access.nothing(new), new, kind)


def _policy(document: Document, policy_type: PolicyType) -> Policy:
    return parse_policy(from_python(document), policy_type)


if __name__ == "__main__":
    sys.exit(main())
