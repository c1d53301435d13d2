"""What depends on how AWS reads an open construct, and whether a key is there at all."""

from __future__ import annotations

from collections.abc import Iterator

from checker.policy.readings import Ambiguity, Switch
from checker.symbolic.assumptions import is_always_there
from checker.symbolic.atoms import Present, ReadingIs
from checker.symbolic.formula import Formula, all_of, any_of
from checker.symbolic.vocabulary import Vocabulary


def choose(
    vocabulary: Vocabulary, ambiguity: Ambiguity, construct: str, choices: dict[str, Formula]
) -> Formula:
    """Return the formula of the chosen reading, or of all readings, told apart, if they float."""
    if len(set(choices.values())) == 1:
        return choices[ambiguity.default]
    return any_of(
        all_of((guard, choices[choice]))
        for choice, guard in readings_of(vocabulary, ambiguity, construct)
    )


def readings_of(
    vocabulary: Vocabulary, ambiguity: Ambiguity, construct: str
) -> Iterator[tuple[str, Formula]]:
    """Yield the readings of a construct that are to be looked at, each with when it is the one."""
    switch = Switch(ambiguity, construct)
    vocabulary.open.add(switch)
    if vocabulary.floating:
        yield from ((choice, ReadingIs(switch, choice)) for choice in ambiguity.choices)
    else:
        yield vocabulary.pinned.get(switch, ambiguity.default), True


def present(key: str, vocabulary: Vocabulary) -> Formula:
    """Return whether a key is in the request."""
    return is_always_there(key, vocabulary.assumptions) or Present(key)
