"""Markdown as GitHub renders it, before it takes away what it finds dangerous."""

from __future__ import annotations

import cmarkgfm
from cmarkgfm.cmark import Options


def rendered(markdown: str) -> str:
    """Return HTML; tags of the text stay in it, so that a test sees those that are not ours."""
    unsafe = Options.CMARK_OPT_UNSAFE
    page: str = cmarkgfm.github_flavored_markdown_to_html(markdown, options=unsafe)  # type: ignore[no-untyped-call]
    return page
