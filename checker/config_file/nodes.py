"""Nodes of the configuration file to values, each mistake with its place and what was meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from typing import Final

from checker.errors import ConfigError, PolicySyntaxError, UsageError
from checker.policy.parse_node import did_you_mean
from checker.source.globs import Globs, globs
from checker.source.places import quoted
from checker.source.tree import Entry, Mapping, Node, Number, Scalar, Sequence
from checker.span import Span

NAME: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LONGEST_NAME: Final = 60


def text(node: Node) -> str:
    """Return a text; a number or truth value as it was written."""
    match node:
        case Scalar(value=str() as found):
            return found
        case Scalar(value=Number(text=found)):
            return found
        case Scalar(value=bool() as truth):
            return "true" if truth else "false"
        case Scalar():
            raise ConfigError("expected a text here, and there is nothing", node.span)
        case _:
            what = "a list" if isinstance(node, Sequence) else "a mapping"
            raise ConfigError(f"expected a text here, not {what}", node.span)


def sentence(node: Node) -> str:
    """Return a text that says something."""
    found = " ".join(text(node).split())
    if not found:
        raise ConfigError("expected a sentence here, and the text is empty", node.span)
    return found


def texts(node: Node) -> tuple[tuple[str, Span], ...]:
    """Return the texts of a list, each with its place; one text is a list of one."""
    if isinstance(node, Sequence):
        return tuple((text(item), item.span) for item in node.items)
    return ((text(node), node.span),)


def chosen(node: Node, choices: Collection[str], what: str = "") -> str:
    """Return a text that is one of `choices`."""
    is_off = isinstance(node, Scalar) and node.value is False and "off" in choices
    found = "off" if is_off else text(node)  # YAML takes a bare `off` for `false`
    if found not in choices:
        raise unknown(found, node.span, choices, what)
    return found


def unknown(found: str, at: Span, known: Collection[str], what: str = "") -> ConfigError:
    """Return the mistake that a word is none of those that are known."""
    listed = f"use one of {', '.join(known)}" if known else ""
    hint = did_you_mean(found, known) or listed
    problem = f"unknown {what} {quoted(found)}" if what else f"{quoted(found)} is not known here"
    return ConfigError(problem, at, hint=hint)


def truth(node: Node) -> bool:
    """Return a truth value."""
    return chosen(node, ("true", "false")) == "true"


def mapping(node: Node, what: str) -> Mapping:
    """Return a mapping; `what` says of what to what."""
    if isinstance(node, Mapping):
        return node
    raise ConfigError(f"expected a mapping of {what}", node.span)


def entries(node: Node, known: Collection[str], what: str) -> Iterator[Entry]:
    """Yield the members of a mapping whose names are all `known`."""
    for entry in mapping(node, f"{what}s to what they say").entries:
        if entry.name not in known:
            raise unknown(entry.name, entry.key.span, known, what)
        yield entry


def paths(node: Node) -> Globs:
    """Return path patterns; there is at least one."""
    listed = texts(node)
    if not listed:
        raise ConfigError("no path is named here", node.span)
    for pattern, at in listed:
        glob(pattern, at)
    if all(pattern.startswith("!") for pattern, _ in listed):
        hint = "name what to look at before what to leave out"
        raise ConfigError("every path here is taken away, and none is named", node.span, hint=hint)
    return globs(tuple(pattern for pattern, _ in listed))


def glob(pattern: str, at: Span) -> Globs:
    """Return one path pattern."""
    try:
        return globs((pattern,))
    except ValueError as error:
        raise ConfigError(str(error), at) from error


def file(node: Node) -> str:
    """Return the path of a file of the repository."""
    path = text(node).removeprefix("./")
    if not path or path.startswith("/") or ".." in path.split("/") or "*" in path:
        hint = "write it from the root of the repository, without `..` and wildcards"
        raise ConfigError(f"{quoted(path)} is not the path of a file", node.span, hint=hint)
    return path


def each(node: Node, read: Callable[[str, Span], object]) -> Iterator[object]:
    """Yield what `read` makes of each text of a list."""
    for found, at in texts(node):
        try:
            yield read(found, at)
        except UsageError as error:
            raise ConfigError(str(error), at) from error


def shaped(node: Node, shape: re.Pattern[str], what: str) -> tuple[str, ...]:
    """Return texts that all have a shape; `what` says which, with an example."""
    found = texts(node)
    for written, at in found:
        if not shape.fullmatch(written):
            raise ConfigError(f"{quoted(written)} is not {what}", at)
    return tuple(dict.fromkeys(written for written, _ in found))


def name(entry: Entry) -> str:
    """Return the name that a team gives to something: lower case, with hyphens."""
    found = entry.name
    if not NAME.fullmatch(found) or len(found) > LONGEST_NAME:
        better = "-".join(re.findall("[a-z0-9]+", found.lower()))[:LONGEST_NAME].strip("-")
        hint = f"write `{better}`" if better else "use lower case, digits and hyphens"
        raise ConfigError(f"{quoted(found)} cannot be a name", entry.key.span, hint=hint)
    return found


def as_config_error(error: PolicySyntaxError) -> ConfigError:
    """Return a mistake in something written as in a policy."""
    return ConfigError(error.problem, error.at, hint=error.hint)
