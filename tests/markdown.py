"""Markdown as GitHub renders it."""

from __future__ import annotations

import cmarkgfm


def rendered(markdown: str) -> str:
    page: str = cmarkgfm.github_flavored_markdown_to_html(markdown)  # type: ignore[no-untyped-call]
    return page
