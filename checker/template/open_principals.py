"""Callers that a template leaves open: everyone, under a truth value."""

from __future__ import annotations

from collections.abc import Iterator

from checker.source.symbols import holds_mark, is_many, pieces
from checker.source.tree import Entry, Mapping, Node, Scalar, Sequence
from checker.template.nodes import Grammar, items, renamed, said, text_of, under


def by_principal(node: Mapping, grammar: Grammar) -> Iterator[Mapping]:
    """Yield a statement apart for each kind of callers of which a list is unknown."""
    name = "Principal" if node.get("Principal") is not None else "NotPrincipal"
    value = node.get(name)
    if value is None or not _is_unknown(value):
        yield node
        return
    everyone = renamed(node, name, "Principal", "*")
    known, unknown = _parted(value)
    if name == "NotPrincipal":
        # Which callers are exempt is asked of the whole list: several entries may be needed.
        kept = _with(node, name, known) if known else everyone
        yield under(kept, _named(value, grammar), value.span, holds=False)
        return
    if known:
        yield _with(node, name, known)
    for each in unknown:
        yield under(everyone, _named(each, grammar), value.span)


def _is_unknown(value: Node) -> bool:
    """Whether it may name any number of callers, of any kind."""
    match value:
        case Scalar():
            return any(is_many(piece) for piece in pieces(text_of(value)))
        case Sequence(several):
            return any(_is_unknown(item) for item in several)
        case Mapping(entries):
            return any(holds_mark(entry.name) or _is_unknown(entry.value) for entry in entries)


def _parted(value: Node) -> tuple[Mapping | None, list[Node]]:
    """Return the callers that are named, and each group of those that are not."""
    if not isinstance(value, Mapping):
        return None, [value]
    known: list[Entry] = []
    unknown: list[Node] = []
    for entry in value.entries:
        if holds_mark(entry.name):
            unknown.append(Mapping((entry,), value.span))
            continue
        several = items(entry.value)
        bad = [item for item in several if _is_unknown(item)]
        good = tuple(item for item in several if item not in bad)
        unknown += (Mapping((Entry(entry.key, item),), value.span) for item in bad)
        if good or not bad:
            known.append(Entry(entry.key, Sequence(good, entry.value.span)))
    return (Mapping(tuple(known), value.span) if known else None), unknown


def _with(node: Mapping, name: str, callers: Mapping) -> Mapping:
    return Mapping(
        tuple(Entry(e.key, callers) if e.name == name else e for e in node.entries), node.span
    )


def _named(callers: Node, grammar: Grammar) -> str:
    return grammar.flag(f"callers {', '.join(_open_texts(callers))}", said(callers))


def _open_texts(node: Node) -> Iterator[str]:
    match node:
        case Scalar():
            if holds_mark(text_of(node)):
                yield text_of(node)
        case Sequence(several):
            for item in several:
                yield from _open_texts(item)
        case Mapping(entries):
            for entry in entries:
                yield from _open_texts(entry.value)
