"""Small automata over the positions of patterns; a set of positions is the bits of one integer.

Used by `globs` where comparing text is not enough. The patterns of a question are laid one after
the other into a single automaton, so that one step moves all of them at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from checker.symbolic.globs import Token

    Tokens: TypeAlias = tuple[Token, ...]

_MOST_STATES: Final = 60_000
_PREFERRED: Final = "xabcdefghijklmnopqrstuvwyz0123456789-_/. ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class TooLargeError(Exception):
    """The product of the patterns has more states than we are ready to visit."""


@dataclass(slots=True)
class _Machine:
    """Positions of all patterns in one bit string.

    `step[c]`: positions that the character `c` moves past; `stay[c]`: runs that take `c`;
    the key None stands for every character that occurs in no pattern.
    """

    step: dict[str | None, int] = field(default_factory=dict)
    stay: dict[str | None, int] = field(default_factory=dict)
    skip: int = 0  # runs, which may also be left without taking a character
    start: int = 0
    finals: list[int] = field(default_factory=list)
    spans: list[int] = field(default_factory=list)  # per pattern, the bits of its positions
    texts: dict[int, str] = field(default_factory=dict)  # bit of a literal position -> character

    def closed(self, positions: int) -> int:
        """Return the positions with all runs among them also left."""
        while True:
            more = positions | ((positions & self.skip) << 1)
            if more == positions:
                return positions
            positions = more

    def after(self, positions: int, char: str | None) -> int:
        """Return where `char` leads from `positions`."""
        moved = (positions & self.step.get(char, 0)) << 1
        return self.closed(moved | (positions & self.stay.get(char, 0)))


def _alphabet(patterns: Iterable[Tokens]) -> frozenset[str]:
    chars: set[str] = set()
    for tokens in patterns:
        for token in tokens:
            chars.update(token if isinstance(token, str) else token.of.chars)
    return frozenset(chars)


def _machine(patterns: Sequence[Tokens], alphabet: frozenset[str]) -> _Machine:
    machine = _Machine()
    letters: list[str | None] = [*sorted(alphabet), None]
    bit = 1
    for tokens in patterns:
        first = bit
        machine.start |= bit
        for token in tokens:
            if isinstance(token, str):
                for char in token:
                    machine.step[char] = machine.step.get(char, 0) | bit
                    machine.texts[bit] = char
                    bit <<= 1
                continue
            is_run = not _is_one(token)
            table = machine.stay if is_run else machine.step
            for letter in letters:
                if token.of.complement if letter is None else token.of.has(letter):
                    table[letter] = table.get(letter, 0) | bit
            machine.skip |= bit if is_run else 0
            bit <<= 1
        machine.finals.append(bit)
        bit <<= 1
        machine.spans.append(bit - first)
    machine.start = machine.closed(machine.start)
    return machine


def _is_one(token: Token) -> bool:
    return type(token).__name__ == "One"


@lru_cache(maxsize=8192)
def _single(tokens: Tokens) -> tuple[_Machine, frozenset[str]]:
    alphabet = _alphabet((tokens,))
    return _machine((tokens,), alphabet), alphabet


def accepts(tokens: Tokens, text: str) -> bool:
    """Whether `text` is a member of the one pattern; linear in the length of the text."""
    machine, alphabet = _single(tokens)
    positions = machine.start
    for char in text:
        positions = machine.after(positions, char if char in alphabet else None)
        if not positions:
            return False
    return bool(positions & machine.finals[0])


def shortest(inside: tuple[Tokens, ...], outside: tuple[Tokens, ...]) -> str | None:
    """Return a shortest text in all of `inside` and none of `outside`, or None if there is none.

    Errors: `TooLargeError`.
    """
    alphabet = _alphabet((*inside, *outside))
    machine = _machine((*inside, *outside), alphabet)
    letters = _letters(alphabet)
    needed = machine.spans[: len(inside)]
    finals = machine.finals[: len(inside)]
    bad = sum(machine.finals[len(inside) :])
    hopeless = _never_left(machine, outside, len(inside), letters)

    came: dict[int, tuple[int, str] | None] = {machine.start: None}
    queue = deque([machine.start])
    while queue:
        state = queue.popleft()
        if not state & bad and all(state & final for final in finals):
            return _spelled(came, state)
        for char, shown in _moves(machine, state, needed[0], letters):
            then = machine.after(state, char)
            if then in came or then & hopeless or not all(then & part for part in needed):
                continue
            came[then] = (state, shown)
            if len(came) > _MOST_STATES:
                raise TooLargeError
            queue.append(then)
    return None


def _never_left(
    machine: _Machine,
    outside: tuple[Tokens, ...],
    skipped: int,
    letters: list[tuple[str | None, str]],
) -> int:
    """Return the final positions of unwanted patterns that end in a run of all usable characters.

    Once such a position is reached, every longer text is unwanted too.
    """
    part = machine.spans[0]  # a character that the first wanted pattern never takes is no matter
    usable = [
        stays
        for char, _ in letters
        if ((stays := machine.stay.get(char, 0)) | machine.step.get(char, 0)) & part
    ]
    hopeless = 0
    for tokens, final in zip(outside, machine.finals[skipped:], strict=True):
        last = final >> 1
        if tokens and machine.skip & last and all(stays & last for stays in usable):
            hopeless |= final
    return hopeless


def _letters(alphabet: frozenset[str]) -> list[tuple[str | None, str]]:
    """Return each character to try with how it is written; one stands for all that do not occur."""
    other = next((c for c in _PREFERRED if c not in alphabet), None)
    if other is None:
        other = next(chr(n) for n in range(0xA1, 0x2FFFF) if chr(n) not in alphabet)
    rank = {char: place for place, char in enumerate(_PREFERRED)}
    known = sorted(alphabet, key=lambda c: (rank.get(c, len(rank)), c))
    return [(None, other), *((char, char) for char in known)]


def _moves(
    machine: _Machine, state: int, part: int, letters: list[tuple[str | None, str]]
) -> list[tuple[str | None, str]]:
    positions = state & part
    char = machine.texts.get(positions)  # one literal position: only its character goes on
    return letters if char is None else [(char, char)]


def _spelled(came: dict[int, tuple[int, str] | None], state: int) -> str:
    chars: list[str] = []
    step = came[state]
    while step is not None:
        state, shown = step
        chars.append(shown)
        step = came[state]
    return "".join(reversed(chars))
