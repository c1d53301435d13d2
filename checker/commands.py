"""The commands that put one question to documents on disk: the Python API with files and formats."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from checker import api, check_output
from checker.checks import no_new_access, no_public_access, trusted_access
from checker.errors import UsageError
from checker.output import CLOSED, PASSED, Output
from checker.policy import catalogue
from checker.policy.guess import guess_type
from checker.policy.model import Policy, PolicyType
from checker.policy.nearest import nearest_action
from checker.policy.parse import parse_policy
from checker.source.json_reader import read_json
from checker.source.places import quoted
from checker.source.tree import Node
from checker.source.yaml_reader import read_yaml
from checker.symbolic.assumptions import ASSUMPTIONS
from checker.symbolic.question import Budget, Question

_CODES: Final = {"PASS": PASSED, "FAIL": CLOSED, "UNDECIDED": CLOSED}
_MOST_BYTES: Final = 5 * 1024 * 1024


def check_no_new_access(args: Namespace) -> Output:
    """Return whether the new policy allows what the existing one does not."""
    if args.existing == args.new == "-":
        raise UsageError("standard input is one document: name a file for the other")
    nodes = _node(args.new), _node(args.existing)
    kind = _type(args, nodes)
    new, existing = (parse_policy(node, kind) for node in nodes)
    _recheck(args, "no-new-access", no_new_access.ask(existing, new))
    result = api.check_no_new_access(existing, new, budget=_budget(args))
    return _checked(result, "no-new-access", new, args.new, args)


def check_access_not_granted(args: Namespace) -> Output:
    """Return whether the policy grants any of the listed actions on the listed resources."""
    policy = _policy(args)
    question = api.granted_question(policy, args.action, args.resource)
    _recheck(args, "access-not-granted", question)
    result = api.check_access_not_granted(policy, args.action, args.resource, budget=_budget(args))
    _doubt(args.action)
    return _checked(result, "access-not-granted", policy, args.policy, args)


def _doubt(actions: Sequence[str]) -> None:
    """Say which actions AWS does not have today: that nobody may do them may not be what was asked."""
    for action in api.listed_actions(actions):
        if next(catalogue.matching(action), None) is None:
            hint = nearest_action(action.text)
            line = f"{quoted(action.text)} is no action of today" + (f" ({hint})" if hint else "")
            sys.stderr.write(f"note: {line}\n")


def check_no_public_access(args: Namespace) -> Output:
    """Return whether the policy of a resource allows a stranger anything."""
    kind = no_public_access.resource_type(args.resource_type).policy_type
    policy = parse_policy(_node(args.policy), kind)
    _recheck(args, "no-public-access", no_public_access.ask(policy, args.resource_type))
    result = api.check_no_public_access(policy, args.resource_type, budget=_budget(args))
    return _checked(result, "no-public-access", policy, args.policy, args)


def check_trusted_access(args: Namespace) -> Output:
    """Return whether the policy allows anyone who is not trusted."""
    node = _node(args.policy)
    is_trust = guess_type(node) is PolicyType.TRUST
    looks = PolicyType.TRUST if is_trust else PolicyType.RESOURCE
    policy = parse_policy(node, PolicyType(args.policy_type or looks))
    question = trusted_access.ask(policy, args.account, args.org, args.service, args.vpc)
    _recheck(args, "trusted-access", question)
    result = api.check_trusted_access(
        policy, args.account, args.org, args.service, vpcs=args.vpc, budget=_budget(args)
    )
    return _checked(result, "trusted-access", policy, args.policy, args)


def evaluate(args: Namespace) -> Output:
    """Return what the policy decides about one request, and which statement decided."""
    policy = _policy(args)
    try:
        request = json.loads(_text(args.request))
    except ValueError as error:
        raise UsageError(f"{_name(args.request)}: the request is not JSON: {error}") from error
    if not isinstance(request, dict):
        raise UsageError(f"{_name(args.request)}: the request is not an object")
    decision = api.evaluate(policy, request)
    statement = decision.statement
    if args.format == "json":
        said: dict[str, object] = {"decision": str(decision)}
        if statement is not None:
            said["statementIndex"] = statement.index
            if statement.sid is not None:
                said["statementId"] = statement.sid
        return Output(json.dumps(said, indent=2) + "\n", PASSED)
    by = "" if statement is None else f" (statement {_named(statement.index, statement.sid)})"
    return Output(f"{decision}{by}\n", PASSED)


def assumptions(args: Namespace) -> Output:
    """Return what is taken for granted about requests."""
    if args.format == "json":
        rows = [
            {"id": a.id, "grade": a.grade, "says": a.says, "source": a.source} for a in ASSUMPTIONS
        ]
        return Output(json.dumps(rows, indent=2) + "\n", PASSED)
    lines = [f"{a.grade}  {a.id}\n     {a.says}\n     source: {a.source}" for a in ASSUMPTIONS]
    return Output("\n".join(lines) + "\n", PASSED)


def _checked(
    result: api.CheckResult, check: str, policy: Policy, file: str, args: Namespace
) -> Output:
    text = check_output.shown(result, check, policy, _name(file), args.format or "text")
    return Output(text, _CODES[result.result])


def _recheck(args: Namespace, check: str, question: Question) -> None:
    """Write the question out for another solver, where that is asked for."""
    if args.smtlib:
        from checker import recheck  # noqa: PLC0415  loads the second encoding

        recheck.write(args.smtlib, 1, check, question)


def _named(index: int, sid: str | None) -> str:
    return f"{index}" if sid is None else f"{index}, {quoted(sid)}"


def _budget(args: Namespace) -> Budget:
    return Budget(args.budget) if args.budget is not None else api.DEFAULT_BUDGET


def _type(args: Namespace, nodes: Sequence[Node]) -> PolicyType:
    """Return the policy type that was named, else the one that the documents look like."""
    if args.policy_type:
        return PolicyType(args.policy_type)
    guesses = [guess_type(node) for node in nodes]
    return next((kind for kind in guesses if kind is not None), PolicyType.IDENTITY)


def _policy(args: Namespace) -> Policy:
    node = _node(args.policy)
    return parse_policy(node, _type(args, (node,)))


def _node(file: str) -> Node:
    text = _text(file)
    name = _name(file)
    if file.lower().endswith((".yaml", ".yml")):
        roots = read_yaml(text, name)
        if len(roots) != 1:
            raise UsageError(f"{name}: holds {len(roots)} documents, not one policy")
        return roots[0]
    return read_json(text, name)


def _text(file: str) -> str:
    """Return the text of a file; `-` is standard input."""
    try:
        data = sys.stdin.buffer.read(_MOST_BYTES + 1) if file == "-" else _bytes(file)
    except OSError as error:
        raise UsageError(f"cannot read {_name(file)}: {error.strerror or error}") from error
    if len(data) > _MOST_BYTES:
        raise UsageError(f"{_name(file)} is larger than 5 MiB, the most that is read")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{_name(file)} is not UTF-8 text") from error


def _bytes(file: str) -> bytes:
    with Path(file).open("rb") as opened:
        return opened.read(_MOST_BYTES + 1)


def _name(file: str) -> str:
    return "standard input" if file == "-" else file
