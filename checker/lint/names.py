"""Actions and condition keys that AWS does not have, and actions that cannot act on what is named."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from functools import lru_cache
from typing import Final

from checker.findings import Severity
from checker.lint.diagnostic import Diagnostic
from checker.policy import catalogue
from checker.policy.canonical import pattern_text
from checker.policy.model import Pattern, Statement, Variable
from checker.policy.nearest import nearest_action
from checker.policy.parse_node import did_you_mean, quoted
from checker.policy.readings import is_star
from checker.symbolic.globs import ANY, NOT_COLON, Glob, One, Run, Token, disjoint, glob
from checker.symbolic.patterns import resource_matcher

_FIELDS: Final = {"Partition", "Region", "Account"}
_NO_SLASH: Final = {"BucketName"}  # of ARNs that tell a bucket from what is in it


def unknown_actions(statement: Statement) -> Iterator[Diagnostic]:
    """Yield the actions that AWS does not have today; AWS adds some every week."""
    for pattern in statement.actions.patterns:
        if next(catalogue.matching(pattern), None) is None:
            exact = "*" not in pattern.text and "?" not in pattern.text
            what = "is no action" if exact else "matches no action"
            says = f"{quoted(pattern.text)} {what} that AWS has today"
            hint = nearest_action(pattern.text)
            yield Diagnostic("unknown-action", says, pattern.span, pattern.text, hint)


def unknown_keys(statement: Statement) -> Iterator[Diagnostic]:
    """Yield the condition keys that AWS does not have, under a prefix that it has."""
    for condition in statement.conditions:
        prefix = condition.key.partition(":")[0]
        known = catalogue.keys_under(prefix)
        if known and not catalogue.is_known_key(condition.key):
            says = f"{quoted(condition.key_text)} is no condition key that AWS has today"
            hint = did_you_mean(condition.key, known)
            yield Diagnostic("unknown-key", says, condition.span, condition.key, hint)


def misplaced_actions(statement: Statement) -> Iterator[Diagnostic]:
    """Yield the actions of which no resource of the statement is one that they take."""
    resources = statement.resources
    if statement.actions.negated or resources is None or resources.negated:
        return
    if not resources.patterns or any(
        is_star(p) or any(isinstance(x, Variable) for x in p.parts) for p in resources.patterns
    ):
        return
    named = [_matcher(pattern) for pattern in resources.patterns]
    for pattern in statement.actions.patterns:
        if not catalogue.is_known(pattern.text):
            continue
        action = catalogue.spelled(pattern.text)
        forms = catalogue.resource_arns(action)
        if any(not disjoint(_shape(form), one) for form in forms for one in named if one):
            continue
        listed = ", ".join(quoted(p.text) for p in resources.patterns[:2])
        plain = get_close_matches(resources.patterns[0].text, map(_plain, forms), n=1, cutoff=0)
        takes = f"it takes {quoted(plain[0])}" if plain else "its resource is `*`"
        says = f"`{action}` cannot act on {listed}"
        yield Diagnostic("misplaced-action", says, pattern.span, action, takes, Severity.WARN)


def _matcher(pattern: Pattern) -> Glob | None:
    found = resource_matcher(pattern.parts)
    return found if isinstance(found, Glob) else None


def _plain(form: str) -> str:
    return form.replace("${Partition}", "aws").replace("${", "").replace("}", "")


@lru_cache(maxsize=4096)
def _shape(form: str) -> Glob:
    """Return the pattern of an ARN format of the catalogue."""
    start, *pieces = form.split("${")
    tokens: list[Token] = [start]
    for piece in pieces:
        name, _, rest = piece.partition("}")
        of = NOT_COLON if name in _FIELDS else ANY
        of = of.without("/") if name in _NO_SLASH else of
        tokens += [One(of), Run(of), rest]
    return glob(tuple(token for token in tokens if token != ""))


def redundant_entries(statement: Statement) -> Iterator[Diagnostic]:
    """Yield the actions and resources that stand twice in a list."""
    elements = (statement.actions, statement.resources)
    for element in elements:
        seen: set[str] = set()
        for pattern in element.patterns if element else ():
            text = pattern_text(pattern)
            if text in seen:
                says = f"{quoted(pattern.text)} stands twice"
                yield Diagnostic("twice", says, pattern.span, text, severity=Severity.NOTE)
            seen.add(text)
