"""One dimension of a request at a time: an action, a resource or a value that literals ask for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from checker.policy.model import ContextValue
from checker.symbolic import samples, universe
from checker.symbolic.assumptions import is_always_there
from checker.symbolic.atoms import ActionIn, Atom, Present, ResourceIn, SomeValue, ValueIn
from checker.symbolic.globs import Glob
from checker.symbolic.values import Wanted, many_values, one_value, text
from checker.symbolic.vocabulary import Vocabulary

Literal: TypeAlias = tuple[Atom, bool]


def _split(group: Iterable[Literal]) -> tuple[list[Glob], list[Glob]]:
    inside: list[Glob] = []
    outside: list[Glob] = []
    for atom, holds in group:
        if isinstance(atom, ActionIn | ResourceIn) and isinstance(atom.of, Glob):
            (inside if holds else outside).append(atom.of)
    return inside, outside


def action(group: Sequence[Literal]) -> str | None:
    """Return an action, in lower case, a real one if there is one; None if there is none."""
    inside, outside = _split(group)
    return text((*inside, universe.ACTION), outside, universe.pleasant_actions(inside))


def resource(group: Sequence[Literal], act: str, vocabulary: Vocabulary) -> str | None:
    """Return a resource, of a type that the action takes if possible; None if there is none."""
    inside, outside = _split(group)
    exact = next((g.prefix for g in inside if g.is_literal), None)
    if exact is not None:
        return text(inside, outside, ()) if _can_be_resource(exact, vocabulary) else None
    star = not inside and not any(g.matches("*") for g in outside)
    if star and (not act or universe.takes_no_resource(act)):
        return "*"
    wanted = (*inside, universe.RESOURCE_ARN)
    found = samples.of_a_type(act, wanted, outside) if act else None
    if found is None:
        found = text(wanted, outside, (samples.BUCKET, *samples.of_patterns(inside)))
    if found is None and vocabulary.opaque_resources:
        found = text(inside, [*outside, *universe.NO_OWN_FORM], ())
    return "*" if found is None and star else found


def _can_be_resource(exact: str, vocabulary: Vocabulary) -> bool:
    if exact == "*" or universe.RESOURCE_ARN.matches(exact):
        return True
    return vocabulary.opaque_resources and not any(g.matches(exact) for g in universe.NO_OWN_FORM)


def value(key: str, group: Sequence[Literal], vocabulary: Vocabulary) -> ContextValue | None:
    """Return a value of a key, "" and the empty tuple included; None if there is none.

    The empty tuple stands for "the key is absent".
    """
    required = any(holds for _, holds in group) or is_always_there(key, vocabulary.assumptions)
    if any(isinstance(atom, Present) and not holds for atom, holds in group):
        return None if required else ()
    if not required:
        return ()
    some = [a for a, holds in group if isinstance(a, SomeValue) and holds]
    none = [a for a, holds in group if isinstance(a, SomeValue) and not holds]
    if key in vocabulary.many:
        return many_values(key, some, none, vocabulary, there=True)
    wanted = Wanted(
        tuple(a.of for a, holds in group if isinstance(a, ValueIn) and holds),
        tuple(a.of for a, holds in group if isinstance(a, ValueIn) and not holds),
    )
    return one_value(key, wanted, vocabulary)
