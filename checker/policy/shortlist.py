"""The statements of a policy that a request can be about at all, by how their patterns start.

A long policy is judged many times while its violations are confirmed. This leaves out only
statements none of whose patterns starts like the request; the judge looks at all the others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from checker.policy.model import Element, Pattern, Policy, Request
from checker.policy.readings import is_star_like
from checker.policy.values import lower

_WORTH_IT: Final = 24  # statements; fewer are judged faster than they are sorted


class Shortlist:
    """A policy's statements by the literal starts of their actions and of their resources."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._is_worth_it = len(policy.statements) > _WORTH_IT
        self._by_action: dict[str, list[int]] = {}
        self._by_resource: dict[str, list[int]] = {}
        if self._is_worth_it:
            for number, statement in enumerate(policy.statements):
                _add(self._by_action, number, statement.actions)
                _add(self._by_resource, number, statement.resources)

    def about(self, request: Request) -> Policy:
        """Return the policy with the statements that the request can be about, in order."""
        if not self._is_worth_it:
            return self._policy
        by_action = _numbers(self._by_action, lower(request.action))
        by_resource = _numbers(self._by_resource, request.resource)
        few, many = sorted((by_action, by_resource), key=len)
        kept = tuple(self._policy.statements[n] for n in sorted(few) if n in many)
        return replace(self._policy, statements=kept)


def _add(starts: dict[str, list[int]], number: int, element: Element | None) -> None:
    for start in _starts(element):
        starts.setdefault(start, []).append(number)


def _starts(element: Element | None) -> Iterable[str]:
    """Return the literal starts of the patterns; "" where anything may match."""
    if element is None or element.negated:
        return ("",)
    return {_start(pattern) for pattern in element.patterns}


def _start(pattern: Pattern) -> str:
    if is_star_like(pattern):
        return ""  # one reading lets it match the resource `*`
    first = pattern.parts[0] if pattern.parts else ""
    return first if isinstance(first, str) else ""


def _numbers(starts: dict[str, list[int]], text: str) -> set[int]:
    found: set[int] = set()
    for length in range(len(text) + 1):
        found.update(starts.get(text[:length], ()))
    return found
