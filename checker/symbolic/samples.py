"""ARNs that a person likes to read, made to fit patterns: tried before any text is searched for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, TypeAlias

from checker.policy import catalogue
from checker.symbolic.globs import (
    ANY,
    NOT_COLON,
    Glob,
    One,
    Run,
    Token,
    after_colons,
    disjoint,
    glob,
    member,
)

Shape: TypeAlias = tuple[str, Glob]  # an example, and all ARNs of its kind

_FIELDS: Final = 6
_EXAMPLES: Final = {"Partition": "aws", "Region": "us-east-1", "Account": "111122223333"}
_MODEL: Final = "arn:aws:s3:us-east-1:111122223333:example"
BUCKET: Final = "arn:aws:s3:::example-bucket/example"
_WORDS: Final = ("example", "x")


def of_a_type(action: str, inside: Sequence[Glob], outside: Sequence[Glob]) -> str | None:
    """Return a resource of a type that a known action takes, or None if none is as wanted.

    Errors: `automaton.TooLargeError`.
    """
    shapes = _shapes(action)
    for arn in _of_shapes(shapes, inside):
        if all(g.matches(arn) for g in inside) and not any(g.matches(arn) for g in outside):
            return arn
    for _, shape in shapes:
        if not any(disjoint(shape, pattern) for pattern in inside):
            found = member((*inside, shape), outside)
            if found is not None:
                return found
    return None


@lru_cache(maxsize=8192)
def _shapes(action: str) -> tuple[Shape, ...]:
    """Return an example and the shape of each ARN that an action takes."""
    return tuple(_shape(form) for form in catalogue.resource_arns(action))


def _shape(form: str) -> Shape:
    start, *pieces = form.split("${")
    example = start
    tokens: list[Token] = [start]
    for piece in pieces:
        name, _, rest = piece.partition("}")
        example += _EXAMPLES.get(name, "example") + rest
        of = NOT_COLON if name in _EXAMPLES else ANY
        tokens += [One(of), Run(of), rest]
    return example, glob(tuple(tokens))


def _of_shapes(shapes: Sequence[Shape], inside: Sequence[Glob]) -> Iterator[str]:
    """Yield the examples of the shapes, then these with what the patterns ask for put in."""
    yield from (example for example, _ in shapes)
    for example, shape in shapes:
        for pattern in inside:
            fitted = _like(pattern, example, _WORDS[0])
            if shape.matches(fitted):
                yield fitted


def of_patterns(inside: Sequence[Glob]) -> Iterator[str]:
    """Yield texts that look like the patterns, and like ARNs where these do."""
    for pattern in inside:
        yield from (_like(pattern, _MODEL, word) for word in _WORDS)


@lru_cache(maxsize=16384)
def _like(pattern: Glob, model: str, word: str) -> str:
    """Return the model ARN with each field that the pattern does not take replaced by one it may."""
    if len(pattern.fields) < _FIELDS:
        return _filled(pattern, word)
    fields = (*pattern.fields[: _FIELDS - 1], after_colons(pattern, _FIELDS - 1))
    texts = model.split(":", _FIELDS - 1)
    return ":".join(
        text if field.matches(text) else _filled(field, word)
        for field, text in zip(fields, texts, strict=True)
    )


def _filled(pattern: Glob, word: str) -> str:
    """Return the pattern's own text with a word for each run and a letter for each other wildcard."""
    return "".join(
        token if isinstance(token, str) else word if isinstance(token, Run) else word[0]
        for token in pattern.tokens
    )
