"""What is analysed is the merge; what GitHub shows is the head of the branch."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checker.findings import Evidence, StatementRef
from checker.github.anchors import Files
from checker.github.head_lines import in_head
from checker.source.git import GitSource
from tests.reports import finding, span
from tests.repository import Repository

LINES = [f"line {n}\n" for n in range(1, 30)]
HEAD = "".join(LINES)
MERGED = "on main\n" * 2 + HEAD


@pytest.mark.parametrize(
    ("lines", "expected"),
    [((5, 7), (3, 5)), ((1, 2), (1, 1))],
    ids=["where the head has them", "on the file where it has not"],
)
def test_lines_of_the_merge_in_the_head(
    repository: Repository, lines: tuple[int, int], expected: tuple[int, int]
) -> None:
    repository.commit({"a/b.json": HEAD, "c.json": HEAD})
    files = Files({"a/b.json": MERGED.encode(), "c.json": HEAD.encode()})
    moved, same = finding(1, path="a/b.json", lines=lines), finding(2, path="c.json", lines=(9, 9))
    named = StatementRef(0, "Named", span("a/b.json", *lines))
    moved = replace(moved, evidence=Evidence(None, (named,), ""))
    gone = replace(finding(3, path="a/b.json"), removed=True)
    with GitSource(repository.folder) as source:
        head = source.commit("HEAD")
        found = in_head([moved, same, gone], files, source, head)
    assert {key: (at.start.line, at.last_line) for key, at in found.at.items()} == {
        moved.fingerprint: expected
    }
    evidence = found.findings[0].evidence
    assert evidence
    is_there = expected != (1, 1)
    at = evidence.statements[0].span
    assert (at.start.line, at.last_line) == (expected if is_there else lines)
