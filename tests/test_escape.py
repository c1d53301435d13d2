from __future__ import annotations

import html
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from checker.render import escape
from tests.markdown import rendered

# Few letters with a meaning in Markdown, HTML or the runner, so that they often meet.
spiced = st.text(
    st.sampled_from("`|\\ \n\t*_[]()<>!#&;@~-+.:/%,=ab\u202e\u200b\ud800"), max_size=30
)
hostile = st.one_of(spiced, st.text(max_size=60), st.text(st.characters(), max_size=20))
NO_LIMIT = 10_000
many = settings(max_examples=3000)


def codes(page: str) -> list[str]:
    return [html.unescape(code) for code in re.findall(r"<code>(.*?)</code>", page, re.DOTALL)]


def around(page: str) -> str:
    return re.sub(r"<code>.*?</code>", "C", page, flags=re.DOTALL)


@many
@given(hostile.filter(bool))
@example("`")
@example(" `` ")
@example("  ")
def test_a_code_span_is_one_element_with_the_same_text(text: str) -> None:
    page = rendered(f"a {escape.code(text, NO_LIMIT)} b")
    assert codes(page) == [escape.visible(text)]
    assert around(page) == "<p>a C b</p>\n"


@many
@given(hostile.filter(bool), hostile.filter(bool))
@example("a\\|b", "\\\\|")
def test_two_cells_stay_two_with_the_same_texts(one: str, other: str) -> None:
    row = f"| {escape.cell(one, NO_LIMIT)} | {escape.cell(other, NO_LIMIT)} |"
    page = rendered(f"| A | B |\n|---|---|\n{row}\n")
    assert page.count("<td>") == 2
    spelt = [escape.visible(text).replace("\\|", "\\\\u{7c}") for text in (one, other)]
    assert codes(page) == spelt


@many
@given(hostile)
@example("`x` @everyone `#1")
@example("http://a.b www.a.b GH-12 1234567")
def test_prose_makes_nothing_but_words_and_code(text: str) -> None:
    page = rendered(f"a {escape.prose(text)} b")
    assert re.fullmatch(
        r"<p>a [A-Za-z0-9 C()\"'.,;:!?\u2019\u201c\u201d\u2014\u2192&-]*b</p>\n",
        around(page).replace("&quot;", '"'),
    )
    assert all(shown == escape.visible(shown) for shown in codes(page))


@many
@given(hostile)
def test_prose_in_a_table_stays_in_its_cell(text: str) -> None:
    page = rendered(f"| A | B |\n|---|---|\n| {escape.prose(text, in_table=True)} | b |\n")
    assert page.count("<td>") == 2


@many
@given(hostile.map(lambda text: " ".join(text.split())))
def test_prose_shows_every_letter(text: str) -> None:
    page = rendered(f"a {escape.prose(text)} b")
    letters = escape.visible(text)
    shown = html.unescape(re.sub(r"<[^>]*>", "", page))
    assert [c for c in letters if c.isalnum()] == [c for c in shown if c.isalnum()][1:-1]


@many
@given(hostile)
def test_a_fence_is_one_block_with_the_same_lines(text: str) -> None:
    page = rendered(f"a\n\n{escape.fence(text)}\n\nb")
    body = "".join(f"{escape.visible(line)}\n" for line in text.splitlines()) or "\n"
    assert codes(page) == [body]
    assert around(page) == "<p>a</p>\n<pre>C</pre>\n<p>b</p>\n"


@many
@given(st.text(st.characters(), max_size=80))
def test_visible_text_is_one_line_without_anything_hidden(text: str) -> None:
    shown = escape.visible(text)
    assert shown.isprintable()
    assert len(shown.splitlines()) <= 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("arn:aws:s3:::a", "arn:aws:s3:::a", id="plain text as it is"),
        pytest.param("\u202ekcatta", "\\u{202e}kcatta", id="bidi override"),
        pytest.param("a\u200bb", "a\\u{200b}b", id="zero width space"),
        pytest.param("\x1b[31m", "\\u{1b}[31m", id="terminal colour"),
        pytest.param("a\u00a0b\u3000c", "a\\u{a0}b\\u{3000}c", id="blanks that are none"),
        pytest.param(
            "\u3164\ufe0f\U000e0041", "\\u{3164}\\u{fe0f}\\u{e0041}", id="fillers and tags"
        ),
        pytest.param("\u00e9\u4e2d", "\u00e9\u4e2d", id="letters of other languages stay"),
        pytest.param("\ud800", "\\u{d800}", id="lone surrogate"),
    ],
)
def test_visible(text: str, shown: str) -> None:
    assert escape.visible(text) == shown


@many
@given(st.text(st.characters(), max_size=40))
def test_an_address_holds_no_character_of_its_own(path: str) -> None:
    assert re.fullmatch(r"https://h/[A-Za-z0-9._~/%-]*", escape.url("https://h/", path))


def obeyed(line: str) -> tuple[str, dict[str, str], str] | None:
    """Read a line as the runner does: a port of `ActionCommand.TryParseV2`."""
    line = line.lstrip()
    if not line.startswith("::") or (end := line.find("::", 2)) < 0:
        return None
    command, _, rest = line[2:end].partition(" ")
    properties = dict(part.split("=", 1) for part in rest.strip().split(",") if "=" in part)
    decoded = {key: _decoded(value, (":", ",")) for key, value in properties.items()}
    return command, decoded, _decoded(line[end + 2 :], ())


def _decoded(text: str, more: tuple[str, ...]) -> str:
    for char in ("\r", "\n", *more, "%"):
        text = text.replace(f"%{ord(char):02X}", char)
    return text


@many
@given(hostile, hostile)
@example("%0A::stop", "a,b=c::d")
def test_the_runner_reads_back_what_was_written(message: str, name: str) -> None:
    file = escape.command_property(name)
    line = f"::error file={file},line=1::{escape.command_data(message)}"
    assert "\n" not in line
    assert "\r" not in line
    assert obeyed(line) == ("error", {"file": name, "line": "1"}, message)
