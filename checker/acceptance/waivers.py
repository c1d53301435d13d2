"""The waiver file: from its text to waivers, each mistake with its place."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from checker.config_file import nodes
from checker.errors import ConfigError, PolicySyntaxError
from checker.source.places import quoted
from checker.source.tree import Mapping, Node, Scalar, Sequence
from checker.source.yaml_reader import read_yaml
from checker.span import Span, whole_file

WAIVER_FILE: Final = ".github/access-gate-waivers.yml"
FINGERPRINT: Final = re.compile("[0-9a-f]{32}")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Waiver:
    """One finding, and who answers for it until when. Two that say the same are equal."""

    fingerprint: str
    owner: str
    reason: str
    expires: date  # the last day on which it counts, in UTC
    at: Span = field(compare=False)


def parse(data: bytes, path: str) -> tuple[Waiver, ...]:
    """Return the waivers of a file.

    Errors: `ConfigError` with the place of the first mistake. A file with a mistake in it waives
    nothing: what was meant by the rest is not for us to say.
    """
    try:
        roots = read_yaml(data.decode("utf-8-sig"), path)
    except UnicodeDecodeError as error:
        raise ConfigError("the waivers are not UTF-8 text", whole_file(path)) from error
    except PolicySyntaxError as error:
        raise nodes.as_config_error(error) from error
    if len(roots) > 1:
        hint = "take out the line `---`"
        raise ConfigError("the waivers are more than one document", roots[1].span, hint=hint)
    root = roots[0] if roots else None
    if root is None or (isinstance(root, Scalar) and root.value is None):
        return ()
    if not isinstance(root, Sequence):
        hint = "write `- fingerprint: …`, one entry for each finding"
        raise ConfigError("the waivers are not a list", root.span, hint=hint)
    found: dict[str, Waiver] = {}
    for item in root.items:
        waiver = _waiver(item)
        if twin := found.get(waiver.fingerprint):
            problem = f"`{waiver.fingerprint}` is waived twice"
            hint = f"the other one is on line {twin.at.start.line}"
            raise ConfigError(problem, waiver.at, hint=hint)
        found[waiver.fingerprint] = waiver
    return tuple(found.values())


def _waiver(node: Node) -> Waiver:
    if not isinstance(node, Mapping):
        raise ConfigError(f"a waiver says {_listed(tuple(_PARTS))}", node.span)
    waiver = Waiver("", "", "", date.min, node.span)
    for entry in nodes.entries(node, tuple(_PARTS), "part of a waiver"):
        waiver = _PARTS[entry.name](waiver, entry.value)
    given = {entry.name for entry in node.entries}
    missing = tuple(name for name in _PARTS if name not in given)
    if missing:
        raise ConfigError(f"the waiver has no {_listed(missing)}", node.span)
    return waiver


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _fingerprint(waiver: Waiver, node: Node) -> Waiver:
    found = nodes.text(node)
    if not FINGERPRINT.fullmatch(found):
        hint = "32 hex digits; each finding shows its own"
        raise ConfigError(f"{quoted(found)} is not a fingerprint", node.span, hint=hint)
    return replace(waiver, fingerprint=found)


def _owner(waiver: Waiver, node: Node) -> Waiver:
    return replace(waiver, owner=nodes.sentence(node))


def _reason(waiver: Waiver, node: Node) -> Waiver:
    return replace(waiver, reason=nodes.sentence(node))


def _expires(waiver: Waiver, node: Node) -> Waiver:
    return replace(waiver, expires=day(nodes.text(node), node.span))


def day(text: str, at: Span | None = None) -> date:
    """Return a day written as `2026-12-31`.

    Errors: `ConfigError`.
    """
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ConfigError(f"{quoted(text)} is not a day", at, hint="write it as 2026-12-31")


_PARTS: Final[dict[str, Callable[[Waiver, Node], Waiver]]] = {
    "fingerprint": _fingerprint,
    "owner": _owner,
    "reason": _reason,
    "expires": _expires,
}
