from __future__ import annotations

import os
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from checker.refinement.access import LEVELS
from checker.render.access_report import PolicyRow, render

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>\u202e&lt;'
BEFORE = {"Statement": [{"Effect": "Allow", "Action": ["s3:Get*", "s3:PutObject"], "Sid": HOSTILE}]}
AFTER = {"Statement": [{"Effect": "Allow", "Action": ["s3:Get*"], "Sid": HOSTILE}]}


def levels(*counts: int) -> dict[str, int]:
    return dict(zip(LEVELS, counts, strict=True))


ROWS = (
    PolicyRow(
        f"iam/{HOSTILE}.json",
        BEFORE,
        AFTER,
        levels(1, 60, 12, 0, 3),
        levels(1, 60, 0, 0, 0),
        "grants 76 known actions; the new policy grants 61 and has 80 % of the size",
        (f"a note {HOSTILE}",),
    ),
    PolicyRow("gone.json", BEFORE, None, levels(0, 1, 0, 0, 0), levels(0, 0, 0, 0, 0), "detach it"),
    PolicyRow(
        "bad.json", None, None, levels(0, 0, 0, 0, 0), levels(0, 0, 0, 0, 0), "", (), HOSTILE
    ),
)
PAGE = render(ROWS, f"Permissions in {HOSTILE}", ("usage: trail",))
BROWSER = shutil.which("chromium") or shutil.which("google-chrome")


class Elements(HTMLParser):
    """The elements of a page, that close what they open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.names: set[str] = set()
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_and_asks_for_nothing() -> None:
    page = Elements()
    page.feed(PAGE)
    assert page.open == []
    assert not page.names & {"script", "img", "link", "iframe", "object", "form", "base"}
    names = {name for name, _ in page.attributes}
    assert not names & {"src", "srcset", "action", "onerror", "onclick"}
    assert all(value.startswith("#p") for name, value in page.attributes if name == "href")
    assert "url(" not in PAGE
    assert "//" not in PAGE.replace("</", "")
    assert "\u202e" not in PAGE


def test_bars_are_as_long_as_what_they_stand_for() -> None:
    bars = re.findall(r'class="bar" style="width:([\d.]+)%"', PAGE)
    assert [float(bar) for bar in bars] == [100.0, 80.26, 1.32, 0.0]
    assert "2 policies grant 77 known actions; the proposed ones 61. 1 more could not" in PAGE


def test_what_differs_is_marked() -> None:
    assert "<del>        &quot;s3:PutObject&quot;</del>" in PAGE
    assert "<ins>        &quot;s3:Get*&quot;</ins>" in PAGE


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="there is no Chromium here")
def test_a_browser_shows_it(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_text(PAGE, encoding="utf-8")
    picture = tmp_path / "page.png"
    command = [
        str(BROWSER),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={tmp_path / 'profile'}",
        "--host-resolver-rules=MAP * ~NOTFOUND",
        "--window-size=1000,1400",
    ]
    environment = {**os.environ, "HOME": str(tmp_path)}
    shot = [*command, f"--screenshot={picture}", page.as_uri()]
    subprocess.run(shot, check=True, capture_output=True, timeout=60, env=environment)
    assert picture.stat().st_size > 10_000
    dumped = subprocess.run(
        [*command, "--dump-dom", page.as_uri()],
        check=True,
        capture_output=True,
        timeout=60,
        env=environment,
    ).stdout.decode()
    assert dumped.count("<pre>") == 4
    assert "<script" not in dumped
    assert 'id="chart"' in dumped
