"""Real policies with random parts of them unused: the proofs hold, and what they say is so."""

from __future__ import annotations

import json
import lzma
import random
from fnmatch import fnmatchcase
from os import environ
from pathlib import Path
from typing import Any

import jsonpatch
import pytest

from checker.policy.catalogue import matching
from checker.policy.evaluate import decide
from checker.policy.load import policy_of
from checker.policy.model import Caller, CallerKind, Effect, Policy, PolicyType, Request
from checker.refinement.access import granted
from checker.refinement.api import refine
from checker.refinement.edits import Edit, ElementEdit
from checker.refinement.trie import words

CORPUS = Path(environ.get("ACCESS_GATE_CORPUS", Path(__file__).parents[2] / "shared" / "corpus"))
FILE = CORPUS / "managed-policy-updates-2019-2023.jsonl.xz"
HOW_MANY = 300
ALICE = Caller(CallerKind.USER, "arn:aws:iam::111122223333:user/alice")

Document = dict[str, Any]


def policies() -> list[tuple[str, Document]]:
    if not FILE.exists():
        pytest.skip("the corpus is not beside the repository")
    with lzma.open(FILE) as lines:
        latest = {row["name"]: row["head"] for row in map(json.loads, lines)}
    return random.Random(7).sample(sorted(latest.items()), HOW_MANY)  # noqa: S311


@pytest.mark.slow
def test_real_policies() -> None:
    draw = random.Random(11)  # noqa: S311
    for name, document in policies():
        before = policy_of(document, PolicyType.IDENTITY)
        share = draw.uniform(0.05, 0.95)
        allowed = sorted(granted(replaced_denies(before)))
        drop = {action for action in allowed if draw.random() < share}
        result = refine(document, report(drop))
        if result.policy is None:
            assert not set(allowed) - drop or not drop, name
            continue
        assert jsonpatch.apply_patch(document, list(result.patch)) == result.policy
        after = policy_of(json.dumps(result.policy), PolicyType.IDENTITY)
        assert granted(replaced_denies(after)) == set(allowed) - drop, name
        same_decisions(before, after, draw.sample(allowed, min(len(allowed), 40)), drop)
        entries_are_short(document, result.policy, drop)
        lists_are_shorter(before, result.edits, drop)


def report(actions: set[str]) -> list[Document]:
    services: dict[str, list[str]] = {}
    for action in sorted(actions):
        service, _, name = action.partition(":")
        services.setdefault(service, []).append(name)
    return [{"serviceNamespace": s, "actions": names} for s, names in services.items()]


def replaced_denies(policy: Policy) -> Policy:
    """Return the policy without its Deny statements: what its Allow statements speak of."""
    allows = tuple(s for s in policy.statements if s.effect is Effect.ALLOW)
    return Policy(type=policy.type, statements=allows, version=policy.version, span=policy.span)


def same_decisions(before: Policy, after: Policy, actions: list[str], drop: set[str]) -> None:
    """Hold both policies to one decision on a request for each action and listed resource."""
    resources = {
        pattern.text.replace("*", "x").replace("?", "y")
        for statement in before.statements
        if statement.resources is not None
        for pattern in statement.resources.patterns
        if pattern.text != "*" and "$" not in pattern.text and pattern.text.count(":") >= 5
    }
    for action in actions:
        for resource in ("*", *sorted(resources)[:10]):
            request = Request(ALICE, action, resource)
            if action in drop:
                assert decide(after, request) != "Allow"
            else:
                assert decide(after, request) == decide(before, request)


def entries_are_short(before: Document, after: Document, drop: set[str]) -> None:
    """Hold each new wildcard to the trie: one word less would cover an action to drop."""
    old = {entry for statement in statements(before) for entry in listed(statement)}
    dropped = {action.lower() for action in drop}
    for statement in statements(after):
        for entry in listed(statement):
            if entry in old or not entry.endswith("*"):
                continue
            service, _, prefix = entry[:-1].partition(":")
            shorter = f"{service}:{''.join(words(prefix)[:-1])}*".lower()
            reached = any(fnmatchcase(action, shorter) for action in dropped)
            outside = not any(fnmatchcase(shorter[:-1] + "x", each.lower()) for each in old)
            assert reached or outside or not prefix, entry


def lists_are_shorter(before: Policy, edits: tuple[Edit, ...], drop: set[str]) -> None:
    """Hold what takes the place of an entry to the names that are left of it, one by one."""
    for edit in edits:
        if not isinstance(edit, ElementEdit) or edit.name != edit.new_name:
            continue
        patterns = before.statements[edit.statement].actions.patterns
        for pattern, outcome in zip(patterns, edit.outcomes, strict=True):
            left = [action for action in matching(pattern) if action not in drop]
            assert len(json.dumps(outcome or ())) <= len(json.dumps(left))


def statements(document: Document) -> list[Document]:
    found = document["Statement"]
    return [s for s in (found if isinstance(found, list) else [found]) if s["Effect"] == "Allow"]


def listed(statement: Document) -> list[str]:
    found = statement.get("Action", [])
    return found if isinstance(found, list) else [found]
