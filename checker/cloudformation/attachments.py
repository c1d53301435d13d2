"""Whose policies the documents of a template are: who has them, by attachment and by membership."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from checker.cloudformation.resolve import Resolver
from checker.template.value import InTemplate


def with_attachments(found: Iterable[InTemplate], to: Resolver) -> Iterator[InTemplate]:
    """Yield what was found, each identity policy once for each who has it."""
    yield from found
