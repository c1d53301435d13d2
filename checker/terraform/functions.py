"""Terraform's functions, those that make policies; any other one gives what nobody knows."""

from __future__ import annotations

from typing import Final

from checker.span import Span
from checker.template.value import Choice, Items, Premise, Unknown, Value
from checker.terraform.access import items_of
from checker.terraform.function_types import Evaluate, Function, NotKnownError
from checker.terraform.functions_of_collections import COLLECTIONS
from checker.terraform.functions_of_files import DECODERS, file_function
from checker.terraform.functions_of_lists import LISTS
from checker.terraform.functions_of_text import TEXTS
from checker.terraform.json_text import encoded
from checker.terraform.lifting import choice, lift
from checker.terraform.scope import Scope
from checker.terraform.settable import decider
from checker.terraform.syntax import Call
from checker.terraform.values import (
    Broken,
    Encoded,
    FailedError,
    Texts,
    TooMuchError,
    canonical,
    first_broken,
    named,
    truth,
    unknown,
    whether,
)

_FUNCTIONS: Final[dict[str, Function]] = {**TEXTS, **COLLECTIONS, **LISTS, **DECODERS}
_ONE_TEXT: Final = frozenset(
    [
        "abspath",
        "base64sha256",
        "base64sha512",
        "basename",
        "bcrypt",
        "cidrhost",
        "cidrnetmask",
        "cidrsubnet",
        "dirname",
        "filebase64",
        "filebase64sha256",
        "filebase64sha512",
        "filemd5",
        "filesha1",
        "filesha256",
        "filesha512",
        "formatdate",
        "md5",
        "pathexpand",
        "plantimestamp",
        "rsadecrypt",
        "sha1",
        "sha256",
        "sha512",
        "strrev",
        "timeadd",
        "timestamp",
        "urlencode",
        "uuid",
        "uuidv5",
        "base64gzip",
        "yamlencode",
        "textencodebase64",
        "file",
        "templatefile",
    ]
)


def call(expression: Call, scope: Scope, evaluate: Evaluate) -> Value:
    """Return what a function gives.

    Errors: `FailedError` for arguments that it does not take.
    """
    name = expression.name.removeprefix("core::")
    if name in ("try", "can"):
        return _try(name, expression, scope, evaluate)
    arguments = tuple([evaluate(each, scope) for each in expression.arguments])
    if name == "lookup" and len(arguments) > 1:
        key = decider(expression.arguments[1], arguments[1], scope, evaluate)
        arguments = (arguments[0], key, *arguments[2:])
    if expression.spread:
        last = arguments[-1]
        if not isinstance(last, Items) or any(isinstance(e, Choice) for e in last.values):
            return lift(
                arguments,
                lambda known: _spread(name, known, expression.span, scope, evaluate),
                expression.span,
                deep=True,
            )
        arguments = (*arguments[:-1], *last.values)
    return _apply(name, arguments, expression.span, scope, evaluate)


def _spread(
    name: str, arguments: tuple[Value, ...], at: Span, scope: Scope, evaluate: Evaluate
) -> Value:
    last = arguments[-1]
    if isinstance(last, Unknown) or (
        isinstance(last, Items) and any(isinstance(e, Unknown) and e.many for e in last.values)
    ):
        return _unknown(f"{name}...", arguments, at)
    spread = tuple([value for _, value in items_of(last, at)])
    return _apply(name, (*arguments[:-1], *spread), at, scope, evaluate)


def _apply(
    name: str, arguments: tuple[Value, ...], at: Span, scope: Scope, evaluate: Evaluate
) -> Value:
    if name == "jsonencode" and len(arguments) == 1:
        return Encoded((), at, encoded(arguments[0]))
    if name in ("sensitive", "nonsensitive") and len(arguments) == 1:
        return arguments[0]
    if name == "abspath" and len(arguments) == 1:
        return arguments[0]  # only ever the name of a file, which is found from where it is
    if name.startswith("file") or name in ("templatefile", "templatestring"):
        return lift(
            arguments,
            lambda known: (
                file_function(name, known, at, scope, evaluate) or _unknown(name, known, at)
            ),
            at,
        )
    function = _FUNCTIONS.get(name)
    if function is None:
        return _unknown(name, arguments, at)

    def known(values: tuple[Value, ...]) -> Value:
        if broken := first_broken(values):
            return broken
        try:
            return function.make(values, at)
        except NotKnownError:
            return _unknown(name, values, at)

    return lift(arguments, known, at, deep=function.deep)


def _unknown(name: str, arguments: tuple[Value, ...], at: Span) -> Unknown:
    shown = ", ".join(map(canonical, arguments))
    function = _FUNCTIONS.get(name)
    is_text = name in _ONE_TEXT or (function is not None and function.is_text)
    return unknown(f"{name}({shown})", at, many=not is_text)


def _try(name: str, expression: Call, scope: Scope, evaluate: Evaluate) -> Value:
    """Return the first argument that can be worked out."""
    return _first(name, expression, 0, scope, evaluate)


def _first(name: str, expression: Call, index: int, scope: Scope, evaluate: Evaluate) -> Value:
    at = expression.span
    if index >= len(expression.arguments):
        if name == "can":
            return truth(False, at)  # noqa: FBT003
        raise FailedError("no argument of `try` can be worked out", at)
    try:
        value = evaluate(expression.arguments[index], scope)
    except TooMuchError:
        raise
    except FailedError:
        return _first(name, expression, index + 1, scope, evaluate)

    def tried(values: tuple[Value, ...]) -> Value:
        (found,) = values
        if isinstance(found, Broken):
            return _first(name, expression, index + 1, scope, evaluate)
        if isinstance(found, Unknown) and type(found) in (Unknown, Texts) and found.many:
            return _maybe(name, found, expression, index, scope, evaluate)
        return truth(True, at) if name == "can" else found  # noqa: FBT003

    return lift((value,), tried, at)


def _maybe(
    name: str, value: Unknown, expression: Call, index: int, scope: Scope, evaluate: Evaluate
) -> Value:
    """Return what `try` gives where nobody knows whether its argument can be worked out."""
    if name == "can":
        return whether(f"can({value.expression})", expression.span)
    if index + 1 == len(expression.arguments):
        return value
    premise = Premise(named(f"can({value.expression})"))
    other = _first(name, expression, index + 1, scope, evaluate)
    return choice(premise, value, other, expression.span)
