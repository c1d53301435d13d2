"""One spelling for each meaning: equal values of the model have equal text, whatever was written.

The text is free of spans, Sids, order and the case of keys. It names the constructs of `readings`
and can serve as the identity of a statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from checker.policy.model import (
    Condition,
    ConditionValue,
    Element,
    Operator,
    Part,
    Pattern,
    Principals,
    Statement,
    Variable,
    Wildcard,
)

_AMBIGUOUS: Final = re.compile(r"""[][,'"\x00-\x1f\x7f]""")


def pattern_text(pattern: Pattern) -> str:
    """Return a pattern as it would be written in a document of 2012."""
    return _text(pattern.parts)


def condition_text(condition: Condition) -> str:
    """Return a condition on one line, its values in alphabetical order."""
    values = sorted({_value_text(value) for value in condition.values})
    key = _one(condition.key)
    return f"{_operator_text(condition.operator)} {key} [{', '.join(values)}]"


def statement_text(statement: Statement) -> str:
    """Return a statement on one line."""
    conditions = sorted({condition_text(condition) for condition in statement.conditions})
    parts = [
        statement.effect,
        _principals_text(statement.principals),
        _element_text("Action", statement.actions),
        _element_text("Resource", statement.resources),
        *conditions,
        "{}" if statement.empty_condition else "",
    ]
    return " ".join(part for part in parts if part)


@lru_cache(maxsize=4096)
def _text(parts: tuple[Part, ...]) -> str:
    return "".join(_part_text(part) for part in parts)


def _part_text(part: Part) -> str:
    match part:
        case str():
            escaped = part.replace("$", "${$}") if "${" in part else part
            return escaped.replace("*", "${*}").replace("?", "${?}")
        case Wildcard():
            return str(part.value)
        case Variable(key, None):
            return f"${{{key}}}"
        case Variable(key, default):
            return f"${{{key}, '{default}'}}"


def _operator_text(operator: Operator) -> str:
    prefix = f"{operator.quantifier}:" if operator.quantifier else ""
    suffix = "IfExists" if operator.if_exists else ""
    return f"{prefix}{'not ' if operator.negated else ''}{operator.comparison}{suffix}"


def _value_text(value: ConditionValue) -> str:
    match value.operand:
        case Pattern(parts):
            return repr(_text(parts))
        case bytes() as decoded:
            return decoded.hex()
        case operand if value.alternative is not None:
            return f"{operand}|{value.alternative}"
        case operand:
            return str(operand)


def _principals_text(principals: Principals | None) -> str:
    if principals is None:
        return ""
    entries = (f"{entry.kind} {entry.value}" for entry in principals.entries)
    return f"{'NotPrincipal' if principals.negated else 'Principal'} [{_listed(entries)}]"


def _element_text(name: str, element: Element | None) -> str:
    if element is None:
        return ""
    patterns = (_text(pattern.parts) for pattern in element.patterns)
    return f"{'Not' if element.negated else ''}{name} [{_listed(patterns)}]"


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(sorted({_one(text) for text in texts}))


def _one(text: str) -> str:
    """Return a text; one that could be read as two, or as the end of a list, stands in quotes."""
    return repr(text) if _AMBIGUOUS.search(text) else text
