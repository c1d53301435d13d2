"""What a team sets: the configuration file of the base commit, and the inputs that win over it.

Every setting is one row of `_KEYS`: its name is the key of the file, the input of the action and
the flag of the command.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Final

from checker.errors import ConfigError, PolicySyntaxError, UsageError
from checker.findings import Severity
from checker.policy.model import Pattern, PolicyType
from checker.policy.parse_listed import listed_action, listed_resource
from checker.source.globs import Globs, globs
from checker.source.places import quoted
from checker.source.tree import Mapping, Node, Number, Scalar, Sequence
from checker.source.yaml_reader import read_yaml
from checker.span import Span, whole_file

DEFAULT_PATHS: Final = ("*.json", "*.yaml", "*.yml")
DEFAULT_FILE: Final = ".github/access-gate.yml"
CHECKS: Final = ("no-new-access", "access-not-granted", "deny-weakened", "unreadable")
_LEVELS: Final = {"block": Severity.BLOCK, "warn": Severity.WARN, "off": None}
COMMENTS: Final = ("review", "summary", "off")


@dataclass(frozen=True, slots=True)
class Typed:
    """Files whose documents are of one policy type."""

    paths: Globs
    type: PolicyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The settings of a run."""

    paths: Globs = field(default_factory=lambda: globs(DEFAULT_PATHS))
    types: tuple[Typed, ...] = ()  # the first that matches a path decides
    critical_actions: tuple[Pattern, ...] = ()
    critical_resources: tuple[Pattern, ...] = ()
    fail_on: AbstractMapping[str, Severity | None] = field(default_factory=dict)  # None: off
    comment: str = "review"
    annotations: bool = True
    sarif_file: str = ""
    json_file: str = ""

    def severity(self, check: str) -> Severity | None:
        """Return how loudly a check speaks; None where it is off."""
        return self.fail_on.get(check, Severity.BLOCK)

    def type_of(self, path: str) -> PolicyType | None:
        """Return the policy type that is configured for a path."""
        return next((typed.type for typed in self.types if typed.paths.matches(path)), None)


@dataclass(frozen=True, slots=True)
class _Texts:
    """The lines of a setting, and where they stand."""

    lines: tuple[tuple[str, Span], ...]
    at: Span


def parse(text: str, path: str) -> Config:
    """Return the settings of a configuration file.

    Errors: `ConfigError` with the place of the first mistake, and what was probably meant.
    """
    try:
        roots = read_yaml(text, path)
    except PolicySyntaxError as error:
        raise ConfigError(error.problem, error.at, hint=error.hint) from error
    root = roots[0] if roots else None
    if root is None or (isinstance(root, Scalar) and root.value is None):
        return Config()
    if not isinstance(root, Mapping) or len(roots) > 1:
        raise ConfigError("the configuration is not one mapping of settings", root.span)
    config = Config()
    for entry in root.entries:
        read = _KEYS.get(entry.name)
        if read is None:
            raise ConfigError(
                f"unknown setting {quoted(entry.name)}",
                entry.key.span,
                hint=_nearest(entry.name, _KEYS),
            )
        config = read(config, entry.value)
    return config


def with_inputs(config: Config, inputs: AbstractMapping[str, str]) -> Config:
    """Return the settings with the inputs of the action (or flags) in their place.

    A list is one entry a line, or separated by commas. Unknown names are not settings: left out.
    """
    for name, text in inputs.items():
        read = _KEYS.get(name)
        if read is not None and text.strip():
            try:
                config = read(config, _node(name, text))
            except ConfigError as error:
                raise UsageError(_said(name, error)) from error
    return config


def _said(name: str, error: ConfigError) -> str:
    """Return what is wrong with an input; the place in it only where it has several lines."""
    return str(error).replace(f"{whole_file(_called(name))}: ", f"{_called(name)}: ", 1)


def _called(name: str) -> str:
    return f"input `{name}`"


def _node(name: str, text: str) -> Node:
    """Return an input as the node it would be in the file."""
    at = whole_file(_called(name))
    if name in _MAPPINGS:
        try:
            roots = read_yaml(text, _called(name))
        except PolicySyntaxError as error:
            raise ConfigError(error.problem, error.at, hint=error.hint) from error
        return roots[0] if roots else Scalar(None, at)
    if name in _LISTS:
        pieces = [piece.strip() for piece in text.replace(",", "\n").split("\n")]
        return Sequence(tuple(Scalar(piece, at) for piece in pieces if piece), at)
    return Scalar(text.strip(), at)


def _nearest(name: str, names: object) -> str:
    near = get_close_matches(name, [str(n) for n in names], n=1)  # type: ignore[attr-defined]
    return f"did you mean `{near[0]}`?" if near else ""


def _texts(node: Node) -> _Texts:
    items = node.items if isinstance(node, Sequence) else (node,)
    return _Texts(tuple((_text(item), item.span) for item in items), node.span)


def _text(node: Node) -> str:
    match node:
        case Scalar(value=str() as text):
            return text
        case Scalar(value=Number(text=text)):
            return text
        case Scalar(value=bool() as truth):
            return "true" if truth else "false"
        case _:
            raise ConfigError("expected a text here", node.span)


def _chosen(node: Node, choices: AbstractMapping[str, object] | tuple[str, ...]) -> str:
    text = _text(node)
    if text not in choices:
        listed = ", ".join(choices)
        raise ConfigError(f"{quoted(text)} is not one of {listed}", node.span)
    return text


def _paths(node: Node) -> Globs:
    texts = _texts(node)
    try:
        return globs(tuple(text for text, _ in texts.lines))
    except ValueError as error:
        raise ConfigError(str(error), texts.at) from error


def _patterns(node: Node, read: Callable[[str, Span], Pattern]) -> tuple[Pattern, ...]:
    found: list[Pattern] = []
    for text, at in _texts(node).lines:
        try:
            found.append(read(text, at))
        except UsageError as error:
            raise ConfigError(str(error), at) from error
    return tuple(found)


def _read_paths(config: Config, node: Node) -> Config:
    return replace(config, paths=_paths(node))


def _read_types(config: Config, node: Node) -> Config:
    if not isinstance(node, Mapping):
        raise ConfigError("expected a mapping of policy types to paths", node.span)
    types: list[Typed] = []
    for entry in node.entries:
        if entry.name not in set(PolicyType):
            raise ConfigError(
                f"unknown policy type {quoted(entry.name)}",
                entry.key.span,
                hint=_nearest(entry.name, PolicyType) or f"use one of {', '.join(PolicyType)}",
            )
        types.append(Typed(_paths(entry.value), PolicyType(entry.name)))
    return replace(config, types=tuple(types))


def _read_critical_actions(config: Config, node: Node) -> Config:
    return replace(config, critical_actions=_patterns(node, listed_action))


def _read_critical_resources(config: Config, node: Node) -> Config:
    return replace(config, critical_resources=_patterns(node, listed_resource))


def _read_fail_on(config: Config, node: Node) -> Config:
    """Read `fail-on`: one level for all checks, or a mapping of checks to levels."""
    if not isinstance(node, Mapping):
        level = _LEVELS[_chosen(node, _LEVELS)]
        return replace(config, fail_on=dict.fromkeys(CHECKS, level))
    levels: dict[str, Severity | None] = {}
    for entry in node.entries:
        if entry.name not in CHECKS:
            raise ConfigError(
                f"unknown check {quoted(entry.name)}",
                entry.key.span,
                hint=_nearest(entry.name, CHECKS) or f"use one of {', '.join(CHECKS)}",
            )
        levels[entry.name] = _LEVELS[_chosen(entry.value, _LEVELS)]
    return replace(config, fail_on=levels)


def _read_comment(config: Config, node: Node) -> Config:
    return replace(config, comment=_chosen(node, COMMENTS))


def _read_annotations(config: Config, node: Node) -> Config:
    return replace(config, annotations=_chosen(node, ("true", "false")) == "true")


def _read_sarif(config: Config, node: Node) -> Config:
    return replace(config, sarif_file=_text(node))


def _read_json(config: Config, node: Node) -> Config:
    return replace(config, json_file=_text(node))


_KEYS: Final[dict[str, Callable[[Config, Node], Config]]] = {
    "paths": _read_paths,
    "policy-types": _read_types,
    "critical-actions": _read_critical_actions,
    "critical-resources": _read_critical_resources,
    "fail-on": _read_fail_on,
    "comment": _read_comment,
    "annotations": _read_annotations,
    "sarif-file": _read_sarif,
    "json-file": _read_json,
}
_LISTS: Final = frozenset({"paths", "critical-actions", "critical-resources"})
_MAPPINGS: Final = frozenset({"fail-on", "policy-types"})
