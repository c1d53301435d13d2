"""Parameters of a template: what is known of their values."""

from __future__ import annotations

import hashlib

from checker.cloudformation.calls import text_of
from checker.cloudformation.template import Template
from checker.cloudformation.texts import shown, written
from checker.source.tree import Mapping, Scalar, Sequence
from checker.span import Span
from checker.template.value import Items, Unknown, Value


def value(name: str, declared: Mapping, template: Template, span: Span, *, is_open: bool) -> Value:
    """Return a parameter's value: what is given, else the default, unless that is left open."""
    kind = text_of(declared.get("Type")) or "String"
    many = "List" in kind
    default = declared.get("Default")
    known = template.given.get(name)
    if known is None and isinstance(default, Scalar) and not is_open:
        known = Scalar(written(default), span)
    if is_open and known is None and len(only := allowed(declared)) == 1 and not many:
        known = Scalar(written(only[0]), span)
    if known is None:
        return Unknown(name, span, many=many)
    if kind.startswith("AWS::SSM::Parameter::Value"):  # what is known is where the value is kept
        return Unknown(f"resolve:ssm:{shown(known)}", span, many=many)
    hidden = declared.get("NoEcho")
    if isinstance(hidden, Scalar) and written(hidden).lower() == "true":
        digest = hashlib.sha256(shown(known).encode("utf-8", "replace")).hexdigest()
        return Unknown(f"{name}#{digest[:8]}", span, many=many)  # another text is another value
    return _split(known, span, many=many)


def allowed(declared: Mapping) -> tuple[Scalar, ...]:
    """Return the values that a parameter can have, if it lists them."""
    items = declared.get("AllowedValues")
    if not isinstance(items, Sequence) or not all(isinstance(each, Scalar) for each in items.items):
        return ()
    return tuple(each for each in items.items if isinstance(each, Scalar))


def _split(value: Value, span: Span, *, many: bool) -> Value:
    """Return a known text; a list of its parts, if the parameter is a list."""
    if not isinstance(value, Scalar):
        return value
    if not many:
        return Scalar(written(value), span)
    parts = [part.strip() for part in written(value).split(",")]
    return Items(tuple(Scalar(part, span) for part in parts if part), span)
