"""Actions and resources that a person lists outside a policy: critical ones, on a command line."""

from __future__ import annotations

from checker.errors import UsageError
from checker.policy.model import Pattern
from checker.policy.parse_pattern import parts
from checker.policy.values import lower
from checker.source.places import quoted
from checker.span import Span, whole_file

_NOWHERE = whole_file("arguments")


def listed_action(text: str, at: Span = _NOWHERE) -> Pattern:
    """Return the pattern of an action such as `s3:DeleteBucket`, `iam:*` or `*`.

    Errors: `UsageError`.
    """
    service, colon, name = text.partition(":")
    is_whole = bool(colon and service and name) or text == "*"
    if not is_whole or any(char.isspace() or char in ",:" for char in service + name):
        raise UsageError(f"{quoted(text)} is not an action (write `service:Name`, such as `s3:*`)")
    return Pattern(parts(lower(text), wildcards=True, variables=False), text, at)


def listed_resource(text: str, at: Span = _NOWHERE) -> Pattern:
    """Return the pattern of a resource: `*`, or an ARN in which `*` and `?` are wildcards.

    Errors: `UsageError`.
    """
    if text != "*" and not (text.startswith("arn:") and text.count(":") >= 5):
        raise UsageError(f"{quoted(text)} is not a resource (write `*` or a whole ARN)")
    return Pattern(parts(text, wildcards=True, variables=False), text, at)
