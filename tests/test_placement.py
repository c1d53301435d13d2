from __future__ import annotations

import difflib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from checker.github import placement
from checker.github.placement import LineAnchor, Side
from tests.github_rules import lines_of_hunks

#  new: 10 a, 11 b+, 12 c+, 13 d | 30 e, 31 f, 32 g ; old 33 and 34 went between 31 and 32
PATCH = """@@ -10,2 +10,4 @@ {
 a
+b
+c
 d
@@ -28,5 +30,3 @@
 e
 f
-gone
-too
 g
\\ No newline at end of file"""


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        pytest.param(1, 40, (11, 12), id="the longest run inside"),
        pytest.param(12, 40, (12, 12), id="only what is inside"),
        pytest.param(13, 40, None, id="none inside"),
    ],
)
def test_added_lines(first: int, last: int, expected: tuple[int, int] | None) -> None:
    found = placement.added("a", first, last, PATCH)
    assert found == (LineAnchor("a", *expected) if expected else None)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        pytest.param(13, 40, 31, id="the line before a deletion"),
        pytest.param(32, 40, 32, id="else the line after it"),
        pytest.param(33, 40, None, id="outside"),
    ],
)
def test_line_beside_deleted_ones(first: int, last: int, expected: int | None) -> None:
    found = placement.beside_deleted("a", first, last, PATCH)
    assert found == (LineAnchor("a", expected, expected) if expected else None)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        pytest.param(10, 13, (10, 13), id="the whole of it in one hunk"),
        pytest.param(12, 31, (12, 13), id="never over two hunks"),
        pytest.param(13, 31, (30, 31), id="the hunk that shows most"),
        pytest.param(14, 29, None, id="between the hunks"),
    ],
)
def test_context(first: int, last: int, expected: tuple[int, int] | None) -> None:
    found = placement.in_context("a", first, last, PATCH)
    assert found == (LineAnchor("a", *expected) if expected else None)


@pytest.mark.parametrize(
    ("old", "expected"),
    [
        pytest.param({30: "gone", 31: "too"}, (30, 31), id="both"),
        pytest.param({29: "f", 30: "gone\r"}, (30, 30), id="only what went, line ends aside"),
        pytest.param({30: "other"}, None, id="not if the text differs: the base moved on"),
        pytest.param({}, None, id="nothing"),
    ],
)
def test_deleted_lines(old: dict[int, str], expected: tuple[int, int] | None) -> None:
    found = placement.deleted("a", old, PATCH)
    assert found == (LineAnchor("a", *expected, Side.OLD) if expected else None)


@pytest.mark.parametrize("patch", ["", "Binary files differ", "@@ nonsense @@\n+a"])
def test_no_patch_no_line(patch: str) -> None:
    assert placement.hunks(patch) == ()
    assert placement.in_context("a", 1, 99, patch) is None


@pytest.mark.parametrize(
    ("analysed", "shown", "expected"),
    [
        pytest.param("a\nb\nc", "a\nb\nc", (2, 3), id="the same text"),
        pytest.param("x\na\nb\nc", "a\nb\nc", (1, 2), id="a line of main above"),
        pytest.param("a\nb\nX\nc", "a\nb\nc", None, id="a line of main inside"),
    ],
)
def test_lines_move_as_one_block(
    analysed: str, shown: str, expected: tuple[int, int] | None
) -> None:
    assert placement.moved(2, 3, analysed, shown) == expected


texts = st.lists(st.sampled_from("abcdefgh"), max_size=40)


@given(texts, texts, st.integers(1, 40), st.integers(0, 20))
def test_every_anchor_is_one_that_github_takes(
    old: list[str], new: list[str], first: int, length: int
) -> None:
    assume(old != new)
    patch = "\n".join(list(difflib.unified_diff(old, new, lineterm="", n=3))[2:])
    hunks = lines_of_hunks(patch)
    last = first + length
    numbered = {number: text for number, text in enumerate(old, 1) if first <= number <= last}
    anchors = [
        placement.added("a", first, last, patch),
        placement.beside_deleted("a", first, last, patch),
        placement.in_context("a", first, last, patch),
        placement.deleted("a", numbered, patch),
    ]
    for anchor in anchors:
        if anchor is not None:
            assert first <= anchor.first <= anchor.last <= last
            lines = set(range(anchor.first, anchor.last + 1))
            assert any(lines <= hunk[str(anchor.side)] for hunk in hunks)


def test_lines_move_as_a_block_or_not_at_all() -> None:
    base = [f"line {n}" for n in range(1, 41)]

    def at(first: int, last: int, shown: list[str]) -> tuple[int, int] | None:
        return placement.moved(first, last, "\n".join(base), "\n".join(shown))

    assert at(3, 5, base) == (3, 5)
    assert at(30, 35, ["new", *base]) == (31, 36)
    assert at(3, 5, [*base, "new"]) == (3, 5)
    assert at(3, 30, [*base[:10], "new", *base[10:]]) is None
    assert at(12, 14, [*base[:10], "new", *base[10:20], "more", *base[20:]]) == (13, 15)
    assert at(12, 14, base[:10]) is None
    assert at(45, 46, ["new", *base]) is None


def test_a_long_file_that_differs_at_both_ends_costs_no_minute() -> None:
    base = ["}," for _ in range(30_000)]
    shown = ["a", *base[:10_000], "b", *base[10_000:], "c"]
    assert placement.moved(15_000, 15_002, "\n".join(["x", *base, "y"]), "\n".join(shown)) is None
