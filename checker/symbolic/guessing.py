"""Values to try for policy variables: pieces of what the policies say, fitted into their patterns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Final, TypeAlias

from checker.policy.model import Request
from checker.symbolic import dimensions, theory, universe
from checker.symbolic.atoms import Atom, Hole, Present, ResourceIn, SomeValue, Template, ValueIn
from checker.symbolic.callers import TIED, callers, concerns_caller
from checker.symbolic.dimensions import Literal
from checker.symbolic.globs import Glob, One, glob
from checker.symbolic.theory import Possible
from checker.symbolic.values import first_few
from checker.symbolic.vocabulary import Vocabulary

_MOST_TRIES: Final = 160
_MOST_VALUES: Final = 12

Words: TypeAlias = Mapping[str, Sequence[str]]
"""By key, values that are likely to fit."""


def likely_values(loose: Possible, varying: Sequence[Literal]) -> Words:
    """Return what stands for the variables in a request that fits their patterns loosely."""
    found: dict[str, dict[str, None]] = {}
    for atom, holds in varying:
        texts = _texts_of(atom, loose.request) if holds else ()
        for template in _templates_of(atom):
            for text in texts:
                for key, value in _captured(template, text):
                    found.setdefault(key, {})[value] = None
    return {key: list(values) for key, values in found.items()}


def _texts_of(atom: Atom, request: Request) -> tuple[str, ...]:
    match atom:
        case ResourceIn():
            return (request.resource,)
        case ValueIn(key=key) | SomeValue(key=key):
            value = request.context.get(key, ())
            return (value,) if isinstance(value, str) else value
        case _:
            return ()


def _templates_of(atom: Atom) -> Iterator[Template]:
    of = getattr(atom, "of", ())
    yield from (
        one for one in (of if isinstance(of, tuple) else (of,)) if isinstance(one, Template)
    )


def _captured(template: Template, text: str) -> Iterator[tuple[str, str]]:
    """Yield what each variable may be for the template to make up the text: little, or much."""
    for run in (".*?", ".*"):
        names: dict[str, str] = {}
        pieces: list[str] = []
        for token in template.tokens:
            if isinstance(token, str):
                pieces.append(re.escape(token))
            elif not isinstance(token, Hole):
                pieces.append("." if isinstance(token, One) else run)
            elif token.key in names:
                pieces.append(f"(?P={names[token.key]})")
            else:
                names[token.key] = f"v{len(names)}"
                pieces.append(f"(?P<{names[token.key]}>{run})")
        found = re.fullmatch("".join(pieces), text, re.DOTALL)
        if found:
            yield from ((key, found[name]) for key, name in names.items())


def assignments(
    keys: Sequence[str],
    pinned: Mapping[str, str],
    likely: Words,
    literals: Sequence[Literal],
    vocabulary: Vocabulary,
) -> Iterator[dict[str, str]]:
    """Yield values for the keys, the likeliest first, as many as are worth trying."""
    fixed = [item for item in literals if not theory.holds_template(item[0])]
    words = _words(literals)
    tied = [key for key in keys if key in TIED]
    others = [key for key in keys if key not in TIED]
    choices = [
        [pinned[key]]
        if key in pinned
        else _candidates(key, (*likely.get(key, ()), *words), fixed, vocabulary)
        for key in others
    ]
    known = list(islice(_tied_values(tied, likely, words, fixed, vocabulary), _MOST_VALUES))
    for place, *places in islice(_diagonally([len(known), *map(len, choices)]), _MOST_TRIES):
        texts = (choice[at] for choice, at in zip(choices, places, strict=True))
        yield {**known[place], **dict(zip(others, texts, strict=True))}


def _diagonally(sizes: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield all places, those near the start of each list first."""
    for distance in range(sum(sizes)):
        yield from _at_distance(sizes, distance)


def _at_distance(sizes: Sequence[int], distance: int) -> Iterator[tuple[int, ...]]:
    if not sizes:
        if distance == 0:
            yield ()
        return
    for place in range(min(sizes[0], distance + 1)):
        yield from ((place, *rest) for rest in _at_distance(sizes[1:], distance - place))


def _tied_values(
    tied: Sequence[str],
    likely: Words,
    words: Sequence[str],
    fixed: Sequence[Literal],
    vocabulary: Vocabulary,
) -> Iterator[dict[str, str]]:
    """Yield what the keys of a possible caller are, likely values and words tried as names."""
    if not tied:
        yield {}
        return
    asked = [item for item in fixed if concerns_caller(item[0])]
    present: list[Literal] = [(Present(key), True) for key in tied]
    tries: list[list[Literal]] = [[]]
    for key in tied:
        texts = dict.fromkeys((*likely.get(key, ()), *words))
        tries += [[(_is(key, text), True)] for text in texts if text]
    for extra in tries:
        for found in callers([*asked, *present, *extra], vocabulary):
            free = [item for item in found.free if getattr(item[0], "key", None) in tied]
            known: dict[str, str] = {}
            for key in tied:
                group = [item for item in free if getattr(item[0], "key", None) == key]
                own = found.value_of(key) or dimensions.value(key, group, vocabulary)
                if isinstance(own, str):
                    known[key] = own
            if len(known) == len(tied):
                yield known


def _candidates(
    key: str, words: Sequence[str], fixed: Sequence[Literal], vocabulary: Vocabulary
) -> list[str]:
    group = [item for item in fixed if getattr(item[0], "key", None) == key]
    possible: list[str] = []
    own = dimensions.value(key, [*group, (Present(key), True)], vocabulary)
    if isinstance(own, str):
        possible.append(own)
    possible.extend(
        word
        for word in (*words, *universe.pleasant_values(key), "x", "")
        if dimensions.value(key, [*group, (_is(key, word), True)], vocabulary) is not None
    )
    return first_few(possible, _MOST_VALUES)


def _is(key: str, text: str) -> Atom:
    return ValueIn(key, glob((text,)))


def _words(literals: Sequence[Literal]) -> list[str]:
    """Return the pieces of literal text in the patterns, between separators: likely values."""
    words: dict[str, None] = {}
    for atom, _ in literals:
        of = getattr(atom, "of", None)
        for token in of.tokens if isinstance(of, Glob | Template) else ():
            if isinstance(token, str):
                words.update(dict.fromkeys((token, *token.replace(":", "/").split("/"))))
    return first_few(words, 24)
