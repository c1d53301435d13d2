"""A second encoding and a second solver have to come to the engine's answers.

cvc5 gets a limit of steps, not of time, so what it leaves open is the same on every machine. Each
question without two answers is named here, so that none of them goes unnoticed.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from os import environ
from pathlib import Path
from typing import Any

import cvc5
import pytest
import z3

from checker.checks import access_not_granted, no_new_access, no_public_access
from checker.checks.resource_types import RESOURCE_TYPES
from checker.policy.evaluate_pattern import glob
from checker.policy.model import Policy, PolicyType, Wildcard
from checker.policy.parse import parse_policy
from checker.policy.parse_listed import listed_action, listed_resource
from checker.source.tree import from_python
from checker.symbolic.question import Holds, Question, Undecided, Violated
from checker.symbolic.smtlib import InexpressibleError, script
from checker.symbolic.smtlib_terms import Piece, Term, matches, quoted
from checker.symbolic.solver import answer
from checker.symbolic.terms import unescaped
from tests.close_versions import versions
from tests.drawing import randomly
from tests.strangers import fitting

HERE = Path(__file__).parent
CORPUS = Path(environ.get("ACCESS_GATE_CORPUS", HERE.parents[1] / "shared" / "corpus"))
UPDATES = "managed-policy-updates-2019-2023.jsonl.xz"
STEPS = 30_000


@dataclass(frozen=True)
class Case:
    name: str
    question: Question


@dataclass(frozen=True)
class Tally:
    """What became of the questions: how many both decided alike, and the names of all others."""

    agreed: int
    different: Sequence[str]
    unknown: Sequence[str]
    inexpressible: Sequence[str]
    undecided: Sequence[str]


def policy(document: Any, policy_type: str = "identity") -> Policy:
    return parse_policy(from_python(document), PolicyType(policy_type))


def semantics() -> Iterator[Case]:
    for case in json.loads((HERE / "cases" / "semantics.json").read_text()):
        if case["kind"] == "pair":
            old, new = (policy(case[side], case["policyType"]) for side in ("base", "head"))
            yield Case(case["id"], no_new_access.ask(old, new))
        elif case["kind"] == "access-not-granted":
            actions = [listed_action(text) for text in case["access"].get("actions", ())]
            resources = [listed_resource(text) for text in case["access"].get("resources", ())]
            asked = policy(case["policy"], case["policyType"])
            yield Case(case["id"], access_not_granted.ask(asked, actions, resources))


def drawn(seeds: Iterable[int]) -> Iterator[Case]:
    for seed in seeds:
        pair = versions(randomly(seed))
        if pair:
            new, old = pair
            yield Case(str(seed), no_new_access.ask(old, new))


def updates() -> Iterator[Case]:
    with lzma.open(CORPUS / UPDATES, "rt") as lines:
        for line in lines:
            if len(line) < 3000:
                row = json.loads(line)
                question = no_new_access.ask(policy(row["base"]), policy(row["head"]))
                yield Case(f"{row['name']} {row['date'][:10]}", question)


def strangers_asked() -> Iterator[Case]:
    for line in (HERE / "cases" / "public-access.jsonl").read_text().splitlines():
        case = json.loads(line)
        kind = RESOURCE_TYPES[case["type"]].policy_type
        asked = policy(
            {"Version": "2012-10-17", "Statement": fitting(case["statements"], kind)}, kind
        )
        yield Case(case["why"], no_public_access.ask(asked, case["type"]))


def put_to_both(cases: Iterable[Case]) -> Tally:
    agreed = 0
    found: dict[str, list[str]] = {
        name: [] for name in ("different", "unknown", "inexpressible", "undecided")
    }
    for case in cases:
        verdict = compared(case.question)
        if verdict == "agreed":
            agreed += 1
        else:
            found[verdict].append(case.name)
    return Tally(agreed, **found)


def compared(question: Question) -> str:
    try:
        text = script(question)
    except InexpressibleError:
        return "inexpressible"
    assert len(z3.parse_smt2_string(text)) > 1  # a third reader takes it for well-formed
    ours = answer(question)
    if isinstance(ours, Undecided):
        return "undecided"
    theirs = second_opinion(text)
    if theirs == "unknown":
        return "unknown"
    return "agreed" if theirs == expected(ours) else "different"


def expected(ours: Holds | Violated) -> str:
    """Return what the script's answer must be; it knows the default readings only."""
    return "sat" if isinstance(ours, Violated) and ours.witness else "unsat"


def second_opinion(text: str) -> str:
    solver = cvc5.Solver()
    solver.setOption("rlimit-per", str(STEPS))
    solver.setOption("strings-exp", "true")
    symbols = cvc5.SymbolManager(solver)
    parser = cvc5.InputParser(solver, symbols)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "question")
    said = ""
    while not (command := parser.nextCommand()).isNull():
        said += command.invoke(solver, symbols)
    return str(said.strip())


def change(old: Any, new: Any, policy_type: str = "identity") -> Question:
    """Return the question about one statement that takes another's place."""
    before, after = (
        policy({"Version": "2012-10-17", "Statement": statement}, policy_type)
        for statement in (old, new)
    )
    return no_new_access.ask(before, after)


def allow(**elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", **elements}


class TestTwoSolvers:
    def test_they_agree_on_the_semantics_cases(self) -> None:
        tally = put_to_both(semantics())
        assert not tally.different
        assert set(tally.unknown) <= {"T080", "T091", "T092", "T117"}
        assert not tally.inexpressible
        assert not tally.undecided
        assert tally.agreed >= 133

    @pytest.mark.parametrize("start", [0, 100, 200])
    def test_they_agree_on_policies_over_the_whole_language(self, start: int) -> None:
        tally = put_to_both(drawn(range(start, start + 100)))
        assert not tally.different
        open_to_them = len(tally.unknown) + len(tally.inexpressible)
        assert tally.agreed >= 75, tally
        assert open_to_them <= 20, tally

    def test_they_agree_on_who_is_a_stranger(self) -> None:
        tally = put_to_both(islice(strangers_asked(), 0, None, 3))
        assert not tally.different
        assert not tally.undecided
        assert tally.agreed >= 58, tally

    def test_they_agree_on_updates_of_managed_policies(self) -> None:
        if not (CORPUS / UPDATES).exists():
            pytest.skip("the corpus is not beside the repository")
        tally = put_to_both(islice(updates(), 60))
        assert tally == Tally(60, [], [], [], [])


class TestWhatIsWritten:
    @pytest.mark.parametrize(
        "text", ['a"b', "a\\u{41}", "\\u0041", "a\nb", "é|", "\\", "''", "a;b", "\U0002ffff"]
    )
    def test_any_text_stays_what_it_is(self, text: str) -> None:
        condition = {"StringEquals": {"s3:prefix": [text, "other"]}}
        fewer = {"StringEquals": {"s3:prefix": ["other"]}}
        old, new = allow(Condition=fewer), allow(Condition=condition)
        assert second_opinion(script(change(old, new))) == "sat"
        assert second_opinion(script(change(new, old))) == "unsat"
        assert said_of("s3:prefix", script(change(old, new))) == text

    @pytest.mark.parametrize("key", ["a:b|c", "a:\\", "a:{7c}", "a: ;", 'a:"', "a:é"])
    def test_any_key_has_a_name_of_its_own(self, key: str) -> None:
        old = allow(Condition={"StringEquals": {key: "x", "a:{7c}z": "x"}})
        new = allow(Condition={"StringEquals": {key: "x"}})
        assert second_opinion(script(change(old, new))) == "sat"
        assert second_opinion(script(change(new, old))) == "unsat"

    def test_a_sid_cannot_leave_its_comment(self) -> None:
        kms = allow(Sid="a\n(assert false)", Principal="*")
        text = script(change([], kms, "resource"))
        assert "; Statement 0 (a?(assert false)) of the new policy applies." in text.splitlines()

    def test_it_says_how_to_read_the_answer(self) -> None:
        text = script(change([], allow(Condition={"Bool": {"aws:SecureTransport": "true"}})))
        assert "; unsat: no request is allowed by the new one and not by the old one." in text
        assert "; Assumption bool-domain (grade A): " in text
        assert text.endswith("(check-sat)\n; after `sat`: (get-model)\n")

    @pytest.mark.parametrize(
        ("condition", "why"),
        [
            (
                {"StringEqualsIgnoreCase": {"k:x": "${aws:username}"}},
                "`StringEqualsIgnoreCase` ignores the case of a policy variable's value",
            ),
            (
                {"StringLike": {"k:x": "1*"}, "NumericEquals": {"k:x": "1"}},
                "`k:x` is a number, and is compared as text",
            ),
            (
                {"NotIpAddress": {"aws:EpochTime": "10.0.0.0/8"}},
                "`aws:epochtime` is of type Date, and is compared as an address",
            ),
            (
                {"NumericEquals": {"aws:PrincipalTag/t": "5"}},
                "`aws:principaltag/t` is of type String, and is compared as a number",
            ),
            (
                {"DateEquals": {"k:x": "2026-01-01"}, "NumericEquals": {"k:x": "1"}},
                "`k:x` is compared as a date and as a number",
            ),
            (
                {"ArnLike": {"k:x": "arn:aws:${aws:username}:*:*:b"}},
                "a policy variable may bring the `:` that ends a field of an ARN",
            ),
            (
                {"StringLike": {"k:x": "*?${aws:username}*"}},
                "`?` stands beside a policy variable, between two `*`",
            ),
        ],
    )
    def test_what_has_no_words_is_refused_with_the_reason(self, condition: Any, why: str) -> None:
        with pytest.raises(
            InexpressibleError, match="^" + why.replace("?", r"\?").replace("*", r"\*")
        ):
            script(change([], allow(Condition=condition)))

    def test_patterns_with_variables_match_what_they_match_once_filled_in(self) -> None:
        draw = randomly(7)
        pieces: tuple[Piece, ...] = ("a", "b", *Wildcard, Term('"a"'), Term('""'), Term('"ba"'))
        wrong = []
        for _ in range(600):
            pattern = draw.some(pieces, 6)
            text = "".join(draw.some(["a", "b"], 6, 0))
            filled = [p.text.strip('"') if isinstance(p, Term) else p for p in pattern]
            try:
                written = matches(pattern, quoted(text))
            except InexpressibleError:
                continue
            wrong.append(f"(not (= {written} {str(glob(tuple(filled), text)).lower()}))")
        assert len(wrong) > 400
        solver = z3.Solver()
        solver.from_string(f"(assert (or {' '.join(wrong)}))")
        assert solver.check() == z3.unsat

    @pytest.mark.parametrize(
        ("key", "value"),
        [("aws:username", "arn:aws:iam::*:user/*"), ("aws:userid", "arn:aws:iam::1:user/${*}")],
    )
    def test_what_no_name_is_made_of_is_in_no_arn_either(self, key: str, value: str) -> None:
        question = change([], allow(Condition={"ArnLike": {key: value}}))
        assert second_opinion(script(question)) == expected_of(question) == "unsat"

    def test_a_truth_value_is_no_arn(self) -> None:
        no_arn = {"ArnNotLike": {"aws:ViaAWSService": "arn:aws:s3:::b"}}
        question = change(allow(Condition=no_arn), allow())
        assert second_opinion(script(question)) == expected_of(question) == "unsat"

    def test_a_variable_without_value_equals_nothing_in_any_case(self) -> None:
        never = {"StringEqualsIgnoreCase": {"k:x": "${aws:TagKeys}"}}
        question = change([], allow(Condition=never))
        assert second_opinion(script(question)) == expected_of(question) == "unsat"

    def test_a_canonical_user_may_be_of_the_account_that_is_named(self) -> None:
        principal = {
            "CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
        }
        of_account = {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}
        question = change([], allow(Principal=principal, Condition=of_account), "resource")
        assert second_opinion(script(question)) == expected_of(question) == "sat"


def expected_of(question: Question) -> str:
    ours = answer(question)
    assert not isinstance(ours, Undecided)
    return expected(ours)


def said_of(key: str, text: str) -> str:
    """Return what z3 makes of the key's value where the script can be true."""
    solver = z3.Solver()
    solver.from_string(text)
    assert solver.check() == z3.sat
    value = solver.model().eval(z3.String(f"value of {key}"))
    return unescaped(value.as_string())
