"""Drawn policies and reports: no permission is lost, none that is unused is kept in silence.

What is right is told by `fnmatch` alone, statement by statement.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import jsonpatch
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.policy import catalogue
from checker.refinement.api import refine
from checker.refinement.edits import Removal
from checker.refinement.refinement import Recommended

SERVICES = ("execute-api", "iam", "sqs", "sts")
KNOWN = [f"{service}:{name}" for service in SERVICES for name in catalogue.actions_of(service)]
STRANGE = ["foo:Bar", "foo:Baz", "sqs:NewToday", "iam:NewToday"]

Document = dict[str, Any]


@pytest.fixture(autouse=True, scope="module")
def few_services() -> Iterator[None]:
    """Take `*` for a few services, so that `NotAction` is a list of hundreds and not of thousands."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogue, "services", lambda: frozenset(SERVICES))
        yield


@st.composite
def entries(draw: st.DrawFn) -> str:
    """Return an entry of an action list: a name, or a wildcard anywhere in one, in any case."""
    action = draw(st.sampled_from(KNOWN + STRANGE))
    service, _, name = action.partition(":")
    start = draw(st.integers(0, len(name) - 1))
    end = draw(st.integers(start, len(name)))
    made = draw(
        st.sampled_from(
            [
                *([action] * 4),
                f"{service}:*",
                f"{service}:{name[:start]}*{name[end:]}",
                f"{service}:{name[:start]}?{name[start + 1 :]}",
                f"{service}:*{name[start:end]}*",
                f"{service[:1]}*:{name[:end]}*",
                "*",
            ]
        )
    )
    return draw(st.sampled_from([made, made, made.lower(), made.upper(), made.swapcase()]))


@st.composite
def statements(draw: st.DrawFn) -> Document:
    listed = draw(st.lists(entries(), min_size=1, max_size=5))
    listed += draw(st.lists(st.sampled_from(listed), max_size=2))
    excluding = draw(st.integers(0, 5)) == 0 and "*" not in listed
    return {
        "Effect": draw(st.sampled_from(["Allow", "Allow", "Allow", "Deny"])),
        "NotAction" if excluding else "Action": listed if len(listed) > 1 else listed[0],
        "Resource": draw(st.sampled_from(["*", ["arn:aws:sqs:us-east-1:111122223333:a"]])),
        **draw(st.sampled_from([{}, {"Condition": {"Bool": {"aws:SecureTransport": "true"}}}])),
    }


@st.composite
def reports(draw: st.DrawFn) -> list[Document]:
    services = draw(st.lists(st.sampled_from([*SERVICES, "foo"]), unique=True, max_size=3))
    report: list[Document] = []
    for service in services:
        names = [a.partition(":")[2] for a in KNOWN + STRANGE if a.startswith(f"{service}:")]
        some = draw(st.none() | st.lists(st.sampled_from([*names, "Mispelt"]), max_size=40))
        entry = (
            {}
            if some is None
            else {"actions": [draw(st.sampled_from([n, n.upper()])) for n in some]}
        )
        report.append({"serviceNamespace": service, **entry})
    return report


def selects(statement: Document, action: str) -> bool:
    negated = "NotAction" in statement
    found = statement["NotAction" if negated else "Action"]
    listed = found if isinstance(found, list) else [found]
    return negated != any(fnmatchcase(action.lower(), entry.lower()) for entry in listed)


def is_unused(action: str, report: list[Document]) -> bool:
    service, _, name = action.lower().partition(":")
    for each in report:
        if each["serviceNamespace"] == service:
            named = [n.lower() for n in each.get("actions", [name])]
            return name in named and ("actions" in each or action != "iam:PassRole")
    return False


@settings(max_examples=100)
@given(st.lists(statements(), min_size=1, max_size=3), reports(), st.sampled_from([*STRANGE, ""]))
def test_nothing_is_lost_and_nothing_stays_in_silence(
    before: list[Document], report: list[Document], keep: str
) -> None:
    document = {"Version": "2012-10-17", "Statement": before}
    result = refine(document, report, keep=[keep] if keep else [])
    after: Document = dict(result.policy or document)
    if result.policy is not None:
        assert jsonpatch.apply_patch(document, list(result.patch)) == result.policy
    gone = {edit.statement for edit in result.edits if isinstance(edit, Removal)}
    assert (len(gone) == len(before)) is (result.recommended is Recommended.DETACH_POLICY)
    left = iter(() if len(gone) == len(before) else after["Statement"])
    pairs = [(old, None if index in gone else next(left)) for index, old in enumerate(before)]
    for old, new in pairs:
        if old["Effect"] == "Deny":
            assert new == old
            continue
        about = " ".join(result.notes)
        for action in (*KNOWN, *STRANGE):
            was, now = selects(old, action), new is not None and selects(new, action)
            drop = is_unused(action, report) and action != keep
            assert was or not now, action
            assert not (drop and now) or "kept" in about, action
            assert not was or drop or now or action in STRANGE, action
            assert not was or now or action != keep, action
