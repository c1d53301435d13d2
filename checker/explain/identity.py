"""What a finding is known by: everything that the access it speaks of depends on, and nothing else.

Whoever accepts a finding accepts what it names. So its fingerprint is another one as soon as the same
statement lets more through: because it says something else, because a Deny beside it is gone, or
because there is less in what it is compared with. Lines, Sids, order and witnesses play no part.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from checker.findings import PolicyChange
from checker.policy.canonical import statement_text
from checker.policy.model import Effect, Policy, Statement
from checker.symbolic.question import Question


def fingerprint(check: str, path: str, address: str, about: str) -> str:
    """Return 32 hex digits for a check of a document; `about` says what of it."""
    return digest(check, path, address, about)


def digest(*texts: str) -> str:
    """Return 32 hex digits that any other texts, or another order, do not share.

    With half as many somebody could look, in an hour, for a harmless statement to be accepted and
    a harmful one that go by the same digits.
    """
    text = "\0".join(texts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def content(data: bytes | None) -> str:
    """Return the digest of a file's bytes; "" where there is no file."""
    return "" if data is None else hashlib.sha256(data).hexdigest()


def through(question: Question, statement: Statement) -> str:
    """Return what names all that breaks a property through one statement.

    That is what the statement allows, less what the Denies beside it deny, less what the other side
    of the question allows.
    """
    denies = (s for s in question.new.statements if s.effect is Effect.DENY)
    new = [str(question.new.type), statement_text(statement), *_in_order(denies)]
    return "\n".join([*new, "against", whole(question.old)])


def either_side(change: PolicyChange) -> str:
    """Return what names all of a change: for what was not looked into, or together."""
    return "\n".join([whole(change.after), "against", whole(change.before)])


def whole(policy: Policy | None) -> str:
    """Return what names all that a policy says."""
    return "\n".join([str(policy.type), *_in_order(policy.statements)]) if policy else ""


def _in_order(statements: Iterable[Statement]) -> Iterable[str]:
    return sorted({statement_text(each) for each in statements})
