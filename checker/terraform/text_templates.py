"""The text that a template gives, each piece with its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from checker.source.tree import Scalar
from checker.span import Span
from checker.template.value import Absent, Choice, Unknown, Value
from checker.terraform.access import is_any, is_many, items_of
from checker.terraform.lifting import lift, may_be_absent, where_present
from checker.terraform.operators import boolean
from checker.terraform.scope import Scope
from checker.terraform.settable import decider
from checker.terraform.syntax import (
    Condition,
    Expression,
    Interpolation,
    Part,
    Repetition,
    Template,
    Text,
)
from checker.terraform.values import (
    LONGEST_TEXT,
    FailedError,
    Piece,
    TooMuchError,
    Written,
    canonical,
    first_broken,
    pieces_of,
    text_of,
    unknown,
)

Evaluate: TypeAlias = Callable[[Expression, Scope], Value]


@dataclass(frozen=True, slots=True)
class _Laid:
    """A value in a template, and where it stands."""

    value: Value
    at: Span
    exact: bool


def template(whole: Template, scope: Scope, evaluate: Evaluate) -> Value:
    """Return the text of a template.

    Errors: `FailedError` for a value that is no text.
    """
    laid = _laid(whole.parts, scope, evaluate)
    values = tuple([each.value for each in laid])
    return lift(values, lambda known: _text(known, laid, whole.span), whole.span, deep=True)


def _text(values: tuple[Value, ...], laid: list[_Laid], at: Span) -> Value:
    if broken := first_broken(values):
        return broken
    pieces: list[Piece] = []
    places: list[tuple[Span, bool]] = []
    for value, each in zip(values, laid, strict=True):
        if isinstance(value, Written):
            pieces += value.pieces
            places += value.places
            continue
        found = pieces_of(value)
        if found is None:
            if isinstance(value, Absent):
                continue
            raise FailedError("a text should be here", each.at)
        pieces += found
        places += [(each.at, each.exact)] * len(found)
    if sum(len(piece) for piece in pieces if isinstance(piece, str)) > LONGEST_TEXT:
        raise TooMuchError("a text longer than is worked out", at)
    if at.start.line == at.end.line:
        return text_of(pieces, at)
    return Written(tuple(pieces), at, tuple(places))


def _laid(parts: tuple[Part, ...], scope: Scope, evaluate: Evaluate) -> list[_Laid]:
    found: list[_Laid] = []
    for part in parts:
        match part:
            case Text(text, span, exact):
                found.append(_Laid(Scalar(text, span), span, exact))
            case Interpolation(value, span):
                found.append(_Laid(evaluate(value, scope), span, exact=False))
            case Condition():
                found += _condition(part, scope, evaluate)
            case Repetition():
                found += _repetition(part, scope, evaluate)
    return found


def _condition(part: Condition, scope: Scope, evaluate: Evaluate) -> list[_Laid]:
    usual = evaluate(part.condition, scope)
    condition = boolean(decider(part.condition, usual, scope, evaluate))
    if isinstance(condition, Scalar):
        return _laid(part.then if condition.value else part.other, scope, evaluate)

    def side(values: tuple[Value, ...]) -> Value:
        (known,) = values
        is_true = isinstance(known, Scalar) and known.value is True
        parts = part.then if is_true else part.other
        return template(Template(parts, part.span), scope, evaluate)

    return [_Laid(lift((condition,), side, part.span), part.span, exact=False)]


def _repetition(part: Repetition, scope: Scope, evaluate: Evaluate) -> list[_Laid]:
    collection = evaluate(part.collection, scope)
    if isinstance(collection, Choice):

        def side(values: tuple[Value, ...]) -> Value:
            (known,) = values
            laid = _over(part, known, scope, evaluate)
            inner = tuple([each.value for each in laid])
            return lift(inner, lambda found: _text(found, laid, part.span), part.span, deep=True)

        return [_Laid(lift((collection,), side, part.span), part.span, exact=False)]
    return _over(part, collection, scope, evaluate)


def _over(part: Repetition, collection: Value, scope: Scope, evaluate: Evaluate) -> list[_Laid]:
    if isinstance(collection, Unknown):
        return [_Laid(_unknown(part, collection, scope, evaluate), part.span, exact=False)]
    found: list[_Laid] = []
    for key, value in items_of(collection, part.collection.span):
        scope.budget.spend(part.span)
        if is_many(value) or is_any(key):
            of = value if isinstance(value, Unknown) else Unknown(canonical(key), part.span)
            found.append(_Laid(_unknown(part, of, scope, evaluate), part.span, exact=False))
            continue

        def bound(item: Value, key: Value = key) -> Scope:
            return scope.binding({part.name: item} | ({part.key: key} if part.key else {}))

        if may_be_absent(value):
            whole = Template(part.parts, part.span)
            made = where_present(value, lambda item: template(whole, bound(item), evaluate))  # noqa: B023
            found.append(_Laid(made, part.span, exact=False))
        else:
            found += _laid(part.parts, bound(value), evaluate)
    return found


def _unknown(part: Repetition, collection: Unknown, scope: Scope, evaluate: Evaluate) -> Value:
    """Return the text of a `for` over what nobody knows."""
    of = collection.expression
    names: dict[str, Value] = {part.name: unknown(f"{of}[each]", part.span)}
    if part.key:
        names[part.key] = unknown(f"{of}[key]", part.span, many=False)
    inner = template(Template(part.parts, part.span), scope.binding(names), evaluate)
    return unknown(f"text[for {of}: {canonical(inner)}]", part.span, many=False)
