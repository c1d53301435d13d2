"""What a diagnostic is."""

from __future__ import annotations

from dataclasses import dataclass

from checker.findings import Severity
from checker.span import Span


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A likely mistake. `name`: kebab case, what kind of mistake. `about`: tells it from others."""

    name: str
    says: str
    at: Span
    about: str
    hint: str = ""
    severity: Severity = Severity.WARN
