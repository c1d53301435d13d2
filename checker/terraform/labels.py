"""The one remote module whose word decides whether most resources of some estates are there.

`cloudposse/label/null` documents its output `enabled`: what it is given, else what its context says,
else true. Modules made after its pattern hang `count` of all that they hold on that.
"""

from __future__ import annotations

from typing import Final, Protocol

from checker.source.tree import Scalar
from checker.span import Span
from checker.template.value import Record, Value
from checker.terraform.function_types import is_nothing
from checker.terraform.values import canonical, known_text, truth, unknown

_SOURCE: Final = "cloudposse/label/null"


class Given(Protocol):
    """What a call gives."""

    def argument(self, name: str) -> Value | None:
        """Return the value that a call gives to a variable, if it gives one."""
        ...


def said_of_label(call: Given, address: str, output: str, at: Span) -> Value | None:
    """Return whether the label at an address is enabled; None if the call is of another module."""
    source = call.argument("source") if output == "enabled" else None
    if source is None or known_text(source) != _SOURCE:
        return None
    own, context = call.argument("enabled"), call.argument("context")
    of_context = context.get("enabled") if isinstance(context, Record) else context
    said = [each for each in (own, of_context) if each is not None and not is_nothing(each)]
    if not said:
        return truth(True, at)  # noqa: FBT003
    if isinstance(said[0], Scalar):
        return said[0]
    shown = ", ".join(canonical(each) for each in said)
    return unknown(f"{address}.enabled({shown})", at, many=False)
