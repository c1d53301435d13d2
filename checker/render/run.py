"""What a text may say about the run it comes from: version, links, places. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from checker.findings import Finding
from checker.render import escape
from checker.span import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The run that a text belongs to; what is "" is not mentioned."""

    version: str
    server: str = ""  # `https://github.com`
    repository: str = ""  # `owner/name`
    run_id: str = ""
    head: str = ""  # the commit that links to lines of new files show
    base: str = ""  # the same for old files
    config: str = ".github/access-gate.yml"
    tag: str = ""  # of the gate, where a repository has several

    @property
    def name(self) -> str:
        """The program and its version, and which gate it is."""
        return f"access-gate {self.version}" + (f" ({self.tag})" if self.tag else "")

    @property
    def address(self) -> str:
        """The address of the workflow run, or ""."""
        if not (self.server and self.repository and self.run_id):
            return ""
        return escape.url(self.server, self.repository, "actions/runs", self.run_id)

    def address_of(self, span: Span, *, in_base: bool = False) -> str:
        """Return the address of these lines on GitHub, or ""."""
        commit = self.base if in_base else self.head
        if not (self.server and self.repository and commit):
            return ""
        page = escape.url(self.server, self.repository, "blob", commit, span.path)
        return f"{page}#L{span.start.line}-L{span.last_line}"


def lines(span: Span) -> str:
    """Return the lines of a span as people write them."""
    if span.last_line == span.start.line:
        return f"line {span.start.line}"
    return f"lines {span.start.line}-{span.last_line}"


def short(commit: str) -> str:
    """Return a commit id as people write it."""
    return commit[:7]


def where(finding: Finding) -> str:
    """Return the file and the document in it, for a reader: `template.yaml` → `/Resources/Role`."""
    return f"{finding.at.path} \u2192 {finding.document}" if finding.document else finding.at.path
