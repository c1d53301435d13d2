"""What is measured: real updates of policies where there are any, small cases otherwise."""

from __future__ import annotations

import json
import lzma
from collections.abc import Sequence
from dataclasses import dataclass
from os import environ
from pathlib import Path
from typing import Final

from checker.policy.model import PolicyType

ROOT: Final = Path(__file__).resolve().parent.parent
CORPUS: Final = Path(environ.get("ACCESS_GATE_CORPUS", ROOT.parent / "shared" / "corpus"))
UPDATES: Final = CORPUS / "managed-policy-updates-2019-2023.jsonl.xz"
_CASES: Final = ROOT / "tests" / "cases" / "semantics.json"


@dataclass(frozen=True, slots=True)
class Update:
    """Two versions of one policy, as documents."""

    name: str
    policy_type: PolicyType
    old: object
    new: object


def updates() -> tuple[str, list[Update]]:
    """Return what the updates are, in words, and the updates."""
    if UPDATES.exists():
        with lzma.open(UPDATES, "rt") as lines:
            rows = [json.loads(line) for line in lines]
        found = [
            Update(f"{r['name']} {r['date'][:10]}", PolicyType.IDENTITY, r["base"], r["head"])
            for r in rows
        ]
        return "changes that AWS made to its managed policies, 2019 to 2023", found
    cases = [case for case in json.loads(_CASES.read_text()) if case["kind"] == "pair"]
    return "pairs of small policies, one for each rule of the language", [
        Update(case["id"], PolicyType(case["policyType"]), case["base"], case["head"])
        for case in cases
    ]


def sample(of: Sequence[Update], count: int) -> list[Update]:
    """Return about `count` updates, evenly spread; all of them if `count` is 0."""
    step = max(1, len(of) // count) if count else 1
    return list(of[::step])[: count or None]
