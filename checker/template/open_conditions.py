"""Conditions of which too much is unknown to compare anything: each becomes one truth value."""

from __future__ import annotations

from typing import Final

from checker.source.symbols import holds_mark, is_many, pieces
from checker.source.tree import Entry, Mapping, Scalar
from checker.template.nodes import Grammar, added, is_open, items, said, text_of, under, without

_TEXT_OPERATORS: Final = ("String", "Arn", "Bool")


def with_conditions(node: Mapping, grammar: Grammar) -> Mapping:
    """Return a statement whose unknown conditions are truth values."""
    block = node.get("Condition")
    if block is None or not is_open(block):
        return node
    if not isinstance(block, Mapping):
        rest = without(node, "Condition")
        return under(rest, grammar.flag(f"condition {text_of(block)}", said(block)), block.span)
    kept: list[Entry] = []
    opaque: list[Entry] = []
    for operator in block.entries:
        known, unknown = _parted(operator)
        kept += known
        opaque += unknown
    rest = without(node, "Condition")
    if kept:
        rest = added(rest, "Condition", Mapping(tuple(kept), block.span))
    for each in opaque:
        keys = [key.name for key in each.value.entries] if isinstance(each.value, Mapping) else []
        truth = grammar.flag(" ".join(("condition", each.name, *keys)), said(each.value))
        rest = under(rest, truth, each.value.span)
    return rest


def _parted(operator: Entry) -> tuple[list[Entry], list[Entry]]:
    """Return what is kept of one operator's conditions, and the opaque ones, each alone."""
    tests = operator.value
    if holds_mark(operator.name) or not isinstance(tests, Mapping):
        is_unknown = holds_mark(operator.name) or is_open(tests)
        return ([], [operator]) if is_unknown else ([operator], [])
    bad = [key for key in tests.entries if _is_opaque(operator.name, key)]
    good = tuple(key for key in tests.entries if key not in bad)
    kept = [Entry(operator.key, Mapping(good, tests.span))] if good or not bad else []
    return kept, [Entry(operator.key, Mapping((key,), key.value.span)) for key in bad]


def _is_opaque(operator: str, key: Entry) -> bool:
    """Whether the engine has no pattern for what is unknown in a condition."""
    if holds_mark(key.name) and not _is_of_a_kind(key.name):
        return True
    if not all(isinstance(value, Scalar) for value in items(key.value)):
        return is_open(key.value)
    texts = [text for value in items(key.value) if holds_mark(text := text_of(value))]
    if not texts:
        return False
    is_text = operator.rpartition(":")[2].startswith(_TEXT_OPERATORS)
    return not is_text or any(is_many(piece) for text in texts for piece in pieces(text))


def _is_of_a_kind(key: str) -> bool:
    """Whether what is known of a key tells what its values are like: `…:sub`, a tag's name."""
    parts = list(pieces(key))
    if any(is_many(part) for part in parts):
        return False
    return "/" in parts[0] or (not holds_mark(parts[-1]) and ":" in parts[-1])
