"""Parameters of a template: what is known of their values."""

from __future__ import annotations

from checker.cloudformation.calls import text_of
from checker.cloudformation.template import Template
from checker.cloudformation.texts import written
from checker.source.tree import Mapping, Scalar, Sequence
from checker.span import Span
from checker.template.value import Items, Unknown, Value


def value(name: str, declared: Mapping, template: Template, span: Span, *, is_open: bool) -> Value:
    """Return a parameter's value: what is given, else the default, unless that is left open."""
    kind = text_of(declared.get("Type")) or "String"
    many = "List" in kind
    given = template.given.get(name)
    if given is not None:
        return _split(given, span, many=many)
    hidden = declared.get("NoEcho")
    is_hidden = isinstance(hidden, Scalar) and written(hidden).lower() == "true"
    default = declared.get("Default")
    if is_open and isinstance(default, Scalar):
        only = allowed(declared)
        if len(only) == 1 and not many:
            return Scalar(written(only[0]), span)
    if (
        is_open
        or is_hidden
        or not isinstance(default, Scalar)
        or kind.startswith("AWS::SSM::Parameter::Value")
    ):
        return Unknown(name, span, many=many)
    return _split(Scalar(written(default), span), span, many=many)


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
