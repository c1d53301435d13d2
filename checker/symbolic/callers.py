"""The caller, and the context keys that say who the caller is.

`aws:PrincipalArn` and its kin are no keys of their own: they are read off the caller's text. So all
that is asked of them becomes a pattern of that text, for each kind of caller in turn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Final, TypeAlias

from checker.policy.model import Caller, CallerKind, PolicyType
from checker.symbolic import assumptions, universe
from checker.symbolic.atoms import (
    Atom,
    CallerIn,
    HasBoundary,
    Interval,
    Matcher,
    Present,
    SomeValue,
    Template,
    ValueIn,
)
from checker.symbolic.compile_principal import OF_ACCOUNT, caller_kinds
from checker.symbolic.globs import ANY, NOT_COLON, SEPARATOR, Glob, One, Run, disjoint
from checker.symbolic.patterns import confined, spliced
from checker.symbolic.values import NotModelledError, text
from checker.symbolic.vocabulary import OTHER_NAMES, Vocabulary

ARN: Final = "aws:principalarn"
ACCOUNT: Final = "aws:principalaccount"
TYPE: Final = "aws:principaltype"
USERNAME: Final = "aws:username"
IS_SERVICE: Final = "aws:principalisawsservice"
SERVICE_NAME: Final = "aws:principalservicename"
TIED: Final = frozenset({ARN, ACCOUNT, TYPE, USERNAME, IS_SERVICE, SERVICE_NAME})

_SIGNED: Final = frozenset({"aws:principalorgid", "aws:principalorgpaths", USERNAME, ARN})
_TYPES: Final = {
    CallerKind.ROOT_USER: "Account",
    CallerKind.USER: "User",
    CallerKind.ROLE_SESSION: "AssumedRole",
    CallerKind.FEDERATED_USER: "FederatedUser",
    CallerKind.ANONYMOUS: "Anonymous",
}
_ACCOUNT_FIELD: Final = 4
# A canonical or unique id is another name for somebody who has an account.
_WITHOUT_ACCOUNT: Final = (CallerKind.SERVICE, CallerKind.FEDERATED)
_NAME: Final = ANY.without("/:")

Literal: TypeAlias = tuple[Atom, bool]
Verdict: TypeAlias = bool | tuple[Glob, ...] | None
"""What an atom asks of a caller of one kind: it holds, it fails, a text in one of these globs; or
None: nothing is known, the key is free."""


@dataclass(frozen=True, slots=True)
class FoundCaller:
    """A caller, its text, and the literals on keys that are free for callers of its kind."""

    kind: CallerKind
    text: str
    free: tuple[Literal, ...]
    has_boundary: bool

    @property
    def caller(self) -> Caller:
        """The caller as a request names it; a role session by the ARN of the session."""
        if self.kind is not CallerKind.ROLE_SESSION:
            return Caller(self.kind, self.text, self.has_boundary)
        role, _, session = self.text.partition(SEPARATOR)
        _, partition, _, _, account, rest = role.split(":", 5)
        name = rest.rpartition("/")[2]
        arn = f"arn:{partition}:sts::{account}:assumed-role/{name}/{session}"
        return Caller(self.kind, arn, self.has_boundary)

    def value_of(self, key: str) -> str | None:
        """Return the value that a tied key has for this caller; None: absent, or free."""
        arn = self.text.partition(SEPARATOR)[0]
        match key:
            case "aws:principalarn":
                return arn if self.kind in OF_ACCOUNT else None
            case "aws:principalaccount":
                if self.kind is CallerKind.ANONYMOUS:
                    return "anonymous"
                return arn.split(":")[4] if self.kind in OF_ACCOUNT else None
            case "aws:principaltype":
                return _TYPES.get(self.kind)
            case "aws:username":
                return arn.rpartition("/")[2] if self.kind is CallerKind.USER else None
            case "aws:principalisawsservice":
                if self.kind is CallerKind.SERVICE:
                    return "true"
                return "false" if self.kind in OF_ACCOUNT else None
            case "aws:principalservicename":
                return self.text if self.kind is CallerKind.SERVICE else None
            case _:
                return None


def is_signed_only(key: str) -> bool:
    """Whether an anonymous request never carries the key."""
    return key in _SIGNED or key.startswith("aws:principaltag/")


def concerns_caller(atom: Atom) -> bool:
    """Whether an atom says something of the caller."""
    match atom:
        case CallerIn() | HasBoundary():
            return True
        case Present(key=key) | ValueIn(key=key) | SomeValue(key=key):
            return key in TIED or is_signed_only(key)
        case _:
            return False


def callers(literals: Sequence[Literal], vocabulary: Vocabulary) -> Iterator[FoundCaller]:
    """Yield callers for whom all the literals that `concerns_caller` picks hold, a few of a kind."""
    for kind in _by_preference(vocabulary):
        if kind in OTHER_NAMES.values() and kind not in vocabulary.other_names:
            continue
        inside: list[tuple[Glob, ...]] = []
        outside: list[Glob] = []
        free: list[Literal] = []
        if _gathered(kind, literals, vocabulary, inside, outside, free):
            texts = (_text(kind, choice, tuple(outside)) for choice in product(*inside))
            found = next((text for text in texts if text is not None), None)
            if found is not None:
                yield FoundCaller(kind, found, tuple(free), _boundary(literals))


def _by_preference(vocabulary: Vocabulary) -> list[CallerKind]:
    kinds = caller_kinds(vocabulary.policy_type)
    order = list(universe.PLEASANT_CALLERS)
    return sorted(kinds, key=lambda kind: (kind is not vocabulary.first, order.index(kind)))


def _boundary(literals: Sequence[Literal]) -> bool:
    return any(isinstance(atom, HasBoundary) and holds for atom, holds in literals)


@lru_cache(maxsize=4096)
def _text(kind: CallerKind, inside: tuple[Glob, ...], outside: tuple[Glob, ...]) -> str | None:
    """Return the text of a caller; most questions ask for nothing but any caller at all."""
    wanted = (universe.CALLERS[kind], *inside)
    near = (g for g in outside if not any(disjoint(g, wide) for wide in inside))
    unwanted = (*near, *universe.NO_CALLERS.get(kind, ()))
    return text(wanted, unwanted, _pleasant(kind, inside))


def _pleasant(kind: CallerKind, inside: Sequence[Glob]) -> Iterator[str]:
    yield from universe.PLEASANT_CALLERS[kind]
    session = f"{SEPARATOR}session" if kind is CallerKind.ROLE_SESSION else ""
    accounts = [
        t
        for g in inside
        for token in g.tokens
        if isinstance(token, str)
        for t in token.split(":")
        if len(t) == 12 and t.isdigit()
    ]
    tail = {
        CallerKind.ROLE_SESSION: f"role/Example{session}",
        CallerKind.USER: "user/alice",
        CallerKind.ROOT_USER: "root",
    }.get(kind)
    if tail:
        yield from (f"arn:aws:iam::{account}:{tail}" for account in accounts)
    for pattern in inside:
        if pattern.tokens[-1:] == (Run(ANY),) and len(pattern.tokens) == 2:
            yield f"{pattern.prefix}session"
            yield f"{pattern.prefix}example{session}"


def _gathered(
    kind: CallerKind,
    literals: Sequence[Literal],
    vocabulary: Vocabulary,
    inside: list[tuple[Glob, ...]],
    outside: list[Glob],
    free: list[Literal],
) -> bool:
    """Sort what the literals ask of a caller of `kind`; False if one of them cannot hold."""
    for atom, holds in literals:
        verdict = _asked(kind, atom, vocabulary)
        if _is_foreign(kind, atom, vocabulary):
            if holds:
                return False
            free.append((atom, holds))
        elif verdict is None:
            free.append((atom, holds))
        elif isinstance(verdict, bool):
            if verdict is not holds:
                return False
        elif holds:
            inside.append(verdict)
        else:
            outside.extend(verdict)
    return True


def _asked(kind: CallerKind, atom: Atom, vocabulary: Vocabulary) -> Verdict:
    match atom:
        case CallerIn(kind=wanted, of=of):
            return (of,) if wanted is kind else False
        case HasBoundary():
            return None if kind in (CallerKind.USER, CallerKind.ROLE_SESSION) else False
        case Present(key=key):
            return _presence(kind, key, vocabulary)
        case ValueIn(key=key, of=of):
            there = _presence(kind, key, vocabulary)
            if key not in TIED or there is None:
                return False if there is False else None
            return False if there is False else _value(kind, key, of)
        case SomeValue(key=key):
            return False if _presence(kind, key, vocabulary) is False else None
        case _:
            return None


def _is_foreign(kind: CallerKind, atom: Atom, vocabulary: Vocabulary) -> bool:
    """Whether the atom says that a service or a bare federated caller is of a named account.

    With what account a federated caller comes to a role, AWS does not say.
    """
    is_open = kind is CallerKind.FEDERATED and vocabulary.policy_type is PolicyType.TRUST
    return (
        kind in _WITHOUT_ACCOUNT
        and not is_open
        and isinstance(atom, ValueIn)
        and _names_account(atom.key, atom.of)
        and vocabulary.assumes(assumptions.OWN_ACCOUNT)
    )


def _names_account(key: str, of: Matcher) -> bool:
    """Whether a pattern is about one account by its number."""
    if not isinstance(of, Glob):
        return False
    if key == ACCOUNT:
        return of.is_literal and of.prefix != ""
    if key != ARN:
        return False
    fields = _start(of).split(":")
    return len(fields) > _ACCOUNT_FIELD + 1 and fields[_ACCOUNT_FIELD] != ""


def _start(of: Glob) -> str:
    """Return how all members of a pattern start, in one spelling where case does not count."""
    found = ""
    for token in of.tokens:
        if isinstance(token, str):
            found += token
        elif isinstance(token, One) and not token.of.complement:
            found += min(token.of.chars)
        else:
            break
    return found


def _presence(kind: CallerKind, key: str, vocabulary: Vocabulary) -> bool | None:
    """Return whether callers of a kind carry a key; None where both happens."""
    if kind is CallerKind.ANONYMOUS and is_signed_only(key):
        return False
    if key in (SERVICE_NAME, IS_SERVICE) and not vocabulary.assumes(assumptions.SERVICE_NAME):
        return None
    match key:
        case "aws:principalarn":
            return True if kind in OF_ACCOUNT else None
        case "aws:username":
            return {CallerKind.USER: True}.get(kind, None if kind not in _TYPES else False)
        case "aws:principalaccount" | "aws:principaltype":
            return True if kind in _TYPES else None
        case "aws:principalservicename":
            return kind is CallerKind.SERVICE
        case "aws:principalisawsservice":
            if kind is CallerKind.SERVICE or kind in OF_ACCOUNT:
                return True
            return False if kind is CallerKind.ANONYMOUS else None
        case _:
            return None


def _value(kind: CallerKind, key: str, of: Glob | Interval | Template) -> Verdict:
    """Return what "the key's value is in `of`" asks of the text of a caller of this kind."""
    if isinstance(of, Interval) and key in (ARN, TYPE, IS_SERVICE):
        return False  # no ARN, no type and no truth value reads as one
    if not isinstance(of, Glob):
        raise NotModelledError(f"`{key}` is compared as a number, date or address")
    match key:
        case "aws:principalarn":
            return (_of_arn(kind, of),)
        case "aws:principalaccount" if kind is CallerKind.ANONYMOUS:
            return of.matches("anonymous")
        case "aws:principalaccount":
            return (_of_account(kind, of),)
        case "aws:principaltype":
            return of.matches(_TYPES[kind])
        case "aws:principalisawsservice":
            return of.matches("true" if kind is CallerKind.SERVICE else "false")
        case "aws:principalservicename":
            return (of,)
        case _:
            name = confined(of, _NAME)
            head = ("arn:", Run(NOT_COLON), ":iam::", Run(NOT_COLON), ":user/")
            return (spliced(*head, name), spliced(*head, Run(ANY), "/", name))


def _of_arn(kind: CallerKind, of: Glob) -> Glob:
    return spliced(of, SEPARATOR, Run(ANY)) if kind is CallerKind.ROLE_SESSION else of


def _of_account(kind: CallerKind, of: Glob) -> Glob:
    fields = ("arn:", Run(NOT_COLON), ":", Run(NOT_COLON), "::", confined(of, NOT_COLON), ":")
    session = (SEPARATOR, Run(ANY)) if kind is CallerKind.ROLE_SESSION else ()
    return spliced(*fields, Run(ANY), *session)
