"""From a request that the theories made up to one that a person can read, replayed by the judge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from checker.policy import catalogue, evaluate
from checker.policy.model import CallerKind, ContextValue, Effect, Request, Statement
from checker.policy.readings import DEFAULT_READINGS, Readings
from checker.policy.shortlist import Shortlist
from checker.source.symbols import is_mark
from checker.symbolic.assumptions import DEFAULT, is_always_there
from checker.symbolic.callers import TIED
from checker.symbolic.question import Question
from checker.symbolic.theory import Possible
from checker.symbolic.vocabulary import Vocabulary


class Judge:
    """The evaluator, ready to be asked about the two policies of a question many times."""

    def __init__(self, question: Question) -> None:
        self._new = Shortlist(question.new)
        self._old = Shortlist(question.old)

    def confirms(self, request: Request, readings: Readings, by: Statement) -> bool:
        """Whether the new policy allows the request, by that statement, and the old one does not."""
        new = self._new.about(request)
        denies = (s for s in new.statements if s.effect is Effect.DENY)
        allowed = evaluate.allows(replace(new, statements=(by, *denies)), request, readings)
        return allowed and not evaluate.allows(self._old.about(request), request, readings)


def shown(
    possible: Possible, judge: Judge, by: Statement, vocabulary: Vocabulary
) -> Request | None:
    """Return the request in its smallest form, or None if the judge does not confirm it."""
    request = complete(possible, vocabulary)
    readings = possible.readings or DEFAULT_READINGS
    if not judge.confirms(request, readings, by):
        return None
    for key in sorted(request.context, key=_dispensable_last):
        if _has_to_stay(key) or (key in TIED and key != "aws:principalarn"):
            continue
        smaller = replace(request, context=_without(request.context, key))
        if not _is_tied(key, vocabulary) and judge.confirms(smaller, readings, by):
            request = smaller
    return request


def complete(possible: Possible, vocabulary: Vocabulary) -> Request:
    """Return the request with real spelling, and with the role of a session where it matters."""
    request = possible.request
    context = dict(request.context)
    if request.caller.kind is CallerKind.ROLE_SESSION and vocabulary.names_roles:
        context.setdefault("aws:principalarn", possible.role_arn)
    action = catalogue.spelled(request.action)
    return Request(request.caller, action, request.resource, context)


def _without(context: Mapping[str, ContextValue], key: str) -> dict[str, ContextValue]:
    return {name: value for name, value in context.items() if name != key}


def _has_to_stay(key: str) -> bool:
    """Whether every request has the key; a symbol that plays no part is not worth a word."""
    return is_always_there(key, DEFAULT) and not is_mark(key)


def _is_tied(key: str, vocabulary: Vocabulary) -> bool:
    """Whether the key has to be there for this caller, because AWS always sends it."""
    return key == "aws:principalarn" and key in vocabulary.keys


def _dispensable_last(key: str) -> tuple[bool, str]:
    return (key == "aws:principalarn", key)
