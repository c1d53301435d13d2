"""What callers look like whose names a template leaves open, and what tells them apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from checker.policy.deployments import (
    filled,
    is_of_caller,
    is_whole,
    patterns_of,
    speaks_of_callers,
)
from checker.policy.model import (
    Pattern,
    Policy,
    PrincipalEntry,
    PrincipalKind,
    Wildcard,
)
from checker.source.symbols import holds_mark, part_of, pieces
from checker.symbolic.globs import ANY, NOT_COLON, CharClass, Glob, One, Run, Token, glob, literal

_DIGIT: Final = One(CharClass(frozenset("0123456789")))
_IN_PATH: Final = ANY.without("*?${}:")
_IN_NAME: Final = ANY.without("*?${}:/")
_IAM: Final = "arn:aws:iam::"
_STS: Final = "arn:aws:sts::"
_OF_USERS: Final = (_IAM, Run(NOT_COLON), ":", Run(NOT_COLON), "/")
_SEPARATOR: Final = re.compile("[/:]")


@dataclass(frozen=True, slots=True)
class Form:
    """A text with symbols that says who a caller is.

    example: one such text. whole: the symbol that is all of it, if one is.
    """

    text: str
    example: str
    accounts: frozenset[str]
    whole: str = ""

    @property
    def globs(self) -> tuple[Glob, ...]:
        """What it may be: with plain names, and with names that have a path."""
        return tuple(dict.fromkeys(self._glob(of) for of in (_IN_NAME, _IN_PATH)))

    def _glob(self, of: CharClass) -> Glob:
        tokens: list[Token] = []
        for piece in pieces(self.text):
            if not holds_mark(piece):
                tokens.append(piece)
            else:
                tokens.extend((_DIGIT,) * 12 if piece in self.accounts else (One(of), Run(of)))
        return glob(tuple(tokens))

    def values_in(self, text: str) -> Iterator[tuple[str, str]]:
        """Yield what the symbols are where the form is this text."""
        if self.whole:
            yield self.whole, text
            return
        symbols: list[str] = []
        form = ""
        for piece in pieces(self.text):
            if not holds_mark(piece):
                form += re.escape(piece)
            elif piece in symbols:
                form += f"(?P=v{symbols.index(piece)})"
            else:
                form += f"(?P<v{len(symbols)}>.+)"
                symbols.append(piece)
        if match := re.fullmatch(form, text, re.DOTALL):
            yield from zip(symbols, match.groups(), strict=True)


def forms_of(entry: PrincipalEntry, fresh: Mapping[str, str]) -> Iterator[Form]:
    """Yield the forms of the callers that an entry with symbols may name."""
    value = entry.value
    if not holds_mark(value):
        return
    if entry.kind in (PrincipalKind.ACCOUNT, PrincipalKind.ROOT_USER):
        root = f"{_IAM}{value}:root"
        yield Form(root, filled(root, fresh), frozenset((value,)))
        if is_whole(entry):
            yield from _whole(value, fresh[value])
        return
    accounts = frozenset(value.split(":", 5)[4:5]) if value.startswith("arn:") else frozenset()
    texts = [value]
    if entry.kind is PrincipalKind.ROLE_SESSION:
        texts.append(_role_of(value))
    for text in texts:
        yield Form(text, filled(text, fresh), accounts)


def _role_of(session: str) -> str:
    role = session.rpartition("/")[0]
    return role.replace(":sts:", ":iam:", 1).replace(":assumed-role/", ":role/", 1)


def _whole(symbol: str, account: str) -> Iterator[Form]:
    """Yield what a principal of `AWS` of which nothing is known may be beside an account."""
    own, name = part_of(symbol, "account"), part_of(symbol, "name")
    for text in (
        f"{_IAM}{own}:root",
        f"{_IAM}{own}:user/{name}",
        f"{_IAM}{own}:role/{name}",
        f"{_STS}{own}:assumed-role/{name}/{name}",
        f"{_STS}{own}:federated-user/{name}",
    ):
        example = filled(text, {own: account, name: "name"})
        yield Form(text, example, frozenset((own,)), symbol)


@dataclass(frozen=True, slots=True)
class Told:
    """Callers that a policy tells apart from others.

    source: the text with symbols that has become this pattern, values put in; "" if it has none.
    of_accounts: it tells apart only whole accounts, of one of which somebody is named.
    """

    callers: Glob
    source: str = ""
    of_accounts: bool = False

    def concerns(self, form: Form) -> bool:
        """Whether it may tell callers of a form apart; not if it only says what they are."""
        if self.of_accounts and not form.text.endswith(":root"):
            return False
        return not self.source or self.source not in (form.text, form.whole, *form.accounts)


def kinds_told_apart(
    named: Iterable[PrincipalEntry], policies: Iterable[Policy], fresh: Mapping[str, str]
) -> tuple[Told, ...]:
    """Return patterns of callers: two that match the same ones are the same to the policies."""
    found = [told for entry in named for told in _of_entry(entry, fresh)]
    statements = [statement for policy in policies for statement in policy.statements]
    for statement in statements:
        for condition in statement.conditions:
            for value in condition.values if is_of_caller(condition.key) else ():
                if isinstance(value.operand, Pattern):
                    found += map(Told, _of_key(condition.key, _tokens(value.operand)))
    if any(speaks_of_callers(pattern) for each in statements for pattern in patterns_of(each)):
        for statement in statements:
            for pattern in patterns_of(statement):
                names = _cut(_tokens(pattern))
                found += (Told(glob((*_OF_USERS, *name))) for name in names)
    return tuple(dict.fromkeys(found))


def _of_entry(entry: PrincipalEntry, fresh: Mapping[str, str]) -> Iterator[Told]:
    value = filled(entry.value, fresh)
    if entry.kind in (PrincipalKind.ACCOUNT, PrincipalKind.ROOT_USER):
        yield from _of_account(entry.value, fresh)
        return
    yield Told(literal(value), entry.value)
    if entry.kind is PrincipalKind.ROLE_SESSION:
        yield Told(literal(_role_of(value)), _role_of(entry.value))
    if value.startswith("arn:"):  # its account may be the one that another principal leaves open
        for told in _of_account(entry.value.split(":", 5)[4], fresh):
            yield replace(told, of_accounts=True)


def _of_account(account: str, fresh: Mapping[str, str]) -> Iterator[Told]:
    for start in (_IAM, _STS):
        yield Told(glob((f"{start}{filled(account, fresh)}:", Run(ANY))), account)


def _of_key(key: str, tokens: tuple[Token, ...]) -> Iterator[Glob]:
    """Yield the callers whose key is of a pattern."""
    if key == "aws:principalaccount":
        within = tuple(Run(NOT_COLON) if isinstance(t, Run) else t for t in tokens)
        yield from (glob((start, *within, ":", Run(ANY))) for start in (_IAM, _STS))
    elif key in ("aws:username", "aws:userid"):
        yield glob((*_OF_USERS, *tokens))
    else:
        yield glob(tokens)


def _tokens(pattern: Pattern) -> tuple[Token, ...]:
    """Return a pattern whose variables may be anything."""
    found: list[Token] = []
    for part in pattern.parts:
        match part:
            case str():
                found.append(part)
            case Wildcard():
                found.append(Run(ANY) if part is Wildcard.ANY_RUN else One(ANY))
            case _:
                found.append(Run(ANY))
    return tuple(found)


def _cut(tokens: tuple[Token, ...]) -> Iterator[tuple[Token, ...]]:
    """Yield what stands between the separators of a pattern."""
    name: list[Token] = []
    for token in tokens:
        if not isinstance(token, str):
            name.append(token)
            continue
        first, *others = _SEPARATOR.split(token)
        name.append(first)
        for other in others:
            yield tuple(name)
            name = [other]
    yield tuple(name)
