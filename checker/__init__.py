"""Access Gate: what a change to IAM policies allows, proved. The public Python API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

__version__: Final = "0.1.0"

if TYPE_CHECKING:
    from checker.api import (
        CheckResult,
        check_access_not_granted,
        check_no_new_access,
        check_no_public_access,
        check_trusted_access,
        evaluate,
    )
    from checker.errors import PolicySyntaxError
    from checker.refinement.api import refine

__all__ = [
    "CheckResult",
    "PolicySyntaxError",
    "check_access_not_granted",
    "check_no_new_access",
    "check_no_public_access",
    "check_trusted_access",
    "evaluate",
    "refine",
]


def __getattr__(name: str) -> object:
    """Load the API when it is first asked for, so that parts of the package load without it."""
    if name not in __all__:
        raise AttributeError(f"module `checker` has no `{name}`")
    from checker import api, errors  # noqa: PLC0415  see above

    if name == "refine":
        from checker.refinement import api as least  # noqa: PLC0415  loads what only it needs

        return least.refine
    found: object = getattr(api, name, None) or getattr(errors, name)
    return found
