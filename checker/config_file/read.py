"""From the text of the configuration file, and the inputs that win over it, to settings.

Every setting is one row of `KEYS`: its name is the key of the file and, for those of the action,
the input and the flag of the command.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from collections.abc import Mapping as AbstractMapping
from dataclasses import replace
from typing import Final

from checker.checks.resource_types import RESOURCE_TYPES
from checker.config import COMMENTS, Config, NewPolicy, Reference, Trusted, Typed
from checker.config_file import acceptance, nodes
from checker.config_file.groups import read_critical
from checker.config_file.levels import read_fail_on, unknown_groups
from checker.config_file.managed import read_managed_policies
from checker.config_file.parameters import read_parameters
from checker.config_file.usage import read_unused_access
from checker.errors import ConfigError, PolicySyntaxError, UsageError
from checker.packs import PACKS
from checker.policy.model import Pattern, PolicyType
from checker.policy.parse_listed import listed_action, listed_resource
from checker.source.places import quoted
from checker.source.tree import Mapping, Node, Scalar, Sequence
from checker.source.yaml_reader import read_yaml
from checker.span import Span, whole_file

Read = Callable[[Config, Node], Config]

_ACCOUNT: Final = re.compile(r"\d{12}|[0-9a-f]{64}")
_ORG: Final = re.compile(r"o-[a-z0-9]{10,32}")
_SERVICE: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?")
_VPC: Final = re.compile(r"vpce?-[0-9a-z]+")


def parse(text: str, path: str) -> Config:
    """Return the settings of a configuration file.

    Errors: `ConfigError` with the place of the first mistake, and what was probably meant.
    """
    config, mistakes = read(text, path)
    if mistakes:
        raise mistakes[0]
    return config


def read(text: str, path: str) -> tuple[Config, tuple[ConfigError, ...]]:
    """Return the settings that are right, and every mistake; a mistake costs its own key only."""
    try:
        root = _root(text, path)
    except ConfigError as error:
        return Config(), (error,)
    config = Config()
    mistakes: list[ConfigError] = []
    for entry in root.entries if root else ():
        try:
            if entry.name not in KEYS:
                raise _unknown(entry.name, entry.key.span)
            config = KEYS[entry.name](config, entry.value)
        except ConfigError as error:
            mistakes.append(error)
    mistakes += _together(root, config) if root else ()
    return config, tuple(mistakes)


def with_inputs(config: Config, inputs: AbstractMapping[str, str]) -> Config:
    """Return the settings with the inputs of the action (or flags) in their place.

    A list is one entry a line, or separated by commas. Unknown names are not settings: left out.
    """
    for name, text in inputs.items():
        if name in KEYS and text.strip():
            try:
                config = KEYS[name](config, _node(name, text))
            except ConfigError as error:
                raise UsageError(_said(name, error)) from error
    return config


def _said(name: str, error: ConfigError) -> str:
    """Return what is wrong with an input; the place in it only where it has several lines."""
    return str(error).replace(f"{whole_file(_called(name))}: ", f"{_called(name)}: ", 1)


def _called(name: str) -> str:
    return f"input `{name}`"


def _root(text: str, path: str) -> Mapping | None:
    try:
        roots = read_yaml(text, path)
    except PolicySyntaxError as error:
        raise nodes.as_config_error(error) from error
    root = roots[0] if roots else None
    if root is None or (isinstance(root, Scalar) and root.value is None):
        return None
    if len(roots) > 1:
        hint = "take out the line `---`"
        raise ConfigError("the configuration is more than one document", roots[1].span, hint=hint)
    if not isinstance(root, Mapping):
        hint = "write `key: value`, one setting a line"
        raise ConfigError("the configuration is not a mapping of settings", root.span, hint=hint)
    return root


def _unknown(name: str, at: Span) -> ConfigError:
    if name in _ONLY_INPUTS:
        hint = f"it is an input of the action: {_ONLY_INPUTS[name]}"
        return ConfigError(f"{quoted(name)} cannot be set here", at, hint=hint)
    return nodes.unknown(name, at, tuple(KEYS), "setting")


def _together(root: Mapping, config: Config) -> Iterator[ConfigError]:
    """Yield what is wrong with settings that are right each by itself."""
    keys = {entry.name: entry for entry in root.entries}
    trusted = keys.get("trusted")
    for part in ("accounts", "orgs"):
        entry = keys.get(f"trusted-{part}")
        if entry and trusted and isinstance(trusted.value, Mapping) and trusted.value.get(part):
            hint = "write all of them in one of the two"
            problem = f"`trusted-{part}` and `{part}` of `trusted` say the same thing twice"
            yield ConfigError(problem, entry.key.span, hint=hint)
    if config.new_policy is NewPolicy.REFERENCE and not config.references:
        hint = "add `reference-policy`"
        at = keys["new-policy"].value.span
        yield ConfigError("there is no reference policy to compare with", at, hint=hint)
    if "fail-on" in keys:
        yield from unknown_groups(keys["fail-on"].value, config)


def _node(name: str, text: str) -> Node:
    """Return an input as the node it would be in the file."""
    at = whole_file(_called(name))
    if name in _MAPPINGS:
        try:
            roots = read_yaml(text, _called(name))
        except PolicySyntaxError as error:
            raise nodes.as_config_error(error) from error
        return roots[0] if roots else Scalar(None, at)
    if name in _LISTS:
        pieces = [piece.strip() for piece in text.replace(",", "\n").split("\n")]
        return Sequence(tuple(Scalar(piece, at) for piece in pieces if piece), at)
    return Scalar(text.strip(), at)


def _patterns(node: Node, read_one: Callable[[str, Span], Pattern]) -> tuple[Pattern, ...]:
    return tuple(found for found in nodes.each(node, read_one) if isinstance(found, Pattern))


def _read_paths(config: Config, node: Node) -> Config:
    return replace(config, paths=nodes.paths(node))


def _read_types(config: Config, node: Node) -> Config:
    types: list[Typed] = []
    for entry in nodes.entries(node, tuple(PolicyType), "policy type"):
        types += _typed(PolicyType(entry.name), entry.value)
    return replace(config, types=tuple(types))


def _typed(kind: PolicyType, node: Node) -> Iterator[Typed]:
    """Yield the paths of one policy type; of a resource policy also by the resource's type."""
    if not isinstance(node, Mapping):
        yield Typed(nodes.paths(node), kind)
        return
    known = tuple(
        name for name, r in RESOURCE_TYPES.items() if r.policy_type is PolicyType.RESOURCE
    )
    if kind is not PolicyType.RESOURCE:
        hint = "only `resource` has types of resources"
        raise ConfigError(f"expected paths of `{kind}` policies here", node.span, hint=hint)
    for entry in nodes.entries(node, known, "resource type"):
        yield Typed(nodes.paths(entry.value), kind, entry.name)


def _read_critical_actions(config: Config, node: Node) -> Config:
    return replace(config, critical_actions=_patterns(node, listed_action))


def _read_critical_resources(config: Config, node: Node) -> Config:
    return replace(config, critical_resources=_patterns(node, listed_resource))


def _read_packs(config: Config, node: Node) -> Config:
    names = nodes.texts(node)
    for name, at in names:
        if name not in PACKS:
            raise nodes.unknown(name, at, tuple(PACKS), "pack")
    return replace(config, packs=tuple(dict.fromkeys(name for name, _ in names)))


def _read_reference(config: Config, node: Node) -> Config:
    if not isinstance(node, Mapping):
        return replace(config, references=(Reference(nodes.file(node), None, node.span),))
    found = (
        Reference(nodes.file(entry.value), nodes.glob(entry.name, entry.key.span), entry.value.span)
        for entry in node.entries
    )
    return replace(config, references=tuple(found))


def _read_trusted(config: Config, node: Node) -> Config:
    trusted = config.trusted
    for entry in nodes.entries(node, tuple(_TRUSTED), "kind of trusted party"):
        trusted = _TRUSTED[entry.name](trusted, entry.value)
    return replace(config, trusted=trusted)


def _accounts(trusted: Trusted, node: Node) -> Trusted:
    what = "an account (12 digits, in quotes if they start with 0; or a canonical user id)"
    return replace(trusted, accounts=nodes.shaped(node, _ACCOUNT, what))


def _orgs(trusted: Trusted, node: Node) -> Trusted:
    what = "an organization id (such as `o-a1b2c3d4e5`)"
    return replace(trusted, orgs=nodes.shaped(node, _ORG, what))


def _services(trusted: Trusted, node: Node) -> Trusted:
    what = "a service principal (such as `cloudtrail.amazonaws.com`)"
    return replace(trusted, services=nodes.shaped(node, _SERVICE, what))


def _vpcs(trusted: Trusted, node: Node) -> Trusted:
    what = "a VPC or a VPC endpoint (such as `vpc-0a1b2c3d` or `vpce-0a1b2c3d`)"
    return replace(trusted, vpcs=nodes.shaped(node, _VPC, what))


def _read_accounts(config: Config, node: Node) -> Config:
    return replace(config, trusted=_accounts(config.trusted, node))


def _read_orgs(config: Config, node: Node) -> Config:
    return replace(config, trusted=_orgs(config.trusted, node))


def _read_new_policy(config: Config, node: Node) -> Config:
    found = nodes.chosen(node, tuple(NewPolicy), "way to treat a new policy")
    return replace(config, new_policy=NewPolicy(found))


def _read_comment(config: Config, node: Node) -> Config:
    return replace(config, comment=nodes.chosen(node, COMMENTS, "kind of comment"))


def _read_annotations(config: Config, node: Node) -> Config:
    return replace(config, annotations=nodes.truth(node))


def _read_sarif(config: Config, node: Node) -> Config:
    return replace(config, sarif_file=nodes.text(node))


def _read_json(config: Config, node: Node) -> Config:
    return replace(config, json_file=nodes.text(node))


_TRUSTED: Final = {
    "accounts": _accounts,
    "orgs": _orgs,
    "services": _services,
    "vpcs": _vpcs,
}
KEYS: Final[dict[str, Read]] = {
    "paths": _read_paths,
    "policy-types": _read_types,
    "critical-actions": _read_critical_actions,
    "critical-resources": _read_critical_resources,
    "critical": read_critical,
    "packs": _read_packs,
    "reference-policy": _read_reference,
    "unused-access": read_unused_access,
    "new-policy": _read_new_policy,
    "parameters": read_parameters,
    "managed-policies": read_managed_policies,
    "trusted": _read_trusted,
    "trusted-accounts": _read_accounts,
    "trusted-orgs": _read_orgs,
    "fail-on": read_fail_on,
    "approvers": acceptance.read_approvers,
    "waivers-from": acceptance.read_waivers_from,
    "waiver-max-days": acceptance.read_waiver_max_days,
    "tag": acceptance.read_tag,
    "comment": _read_comment,
    "annotations": _read_annotations,
    "sarif-file": _read_sarif,
    "json-file": _read_json,
}
_LISTS: Final = frozenset(
    {"paths", "critical-actions", "critical-resources", "packs", "trusted-accounts", "trusted-orgs"}
)
_MAPPINGS: Final = frozenset(
    {
        *("critical", "fail-on", "managed-policies", "parameters", "policy-types", "trusted"),
        "unused-access",
    }
)
_ONLY_INPUTS: Final = {
    "github-token": "a secret has no place in a repository",
    "config": "it says where this file is",
    "base": "this file is read from that commit",
    "head": "this file is read before it is known",
    "terraform-plan": "a plan is made by the job, and is no file of the repository",
    "ca-certificate": "it is needed to read this file",
}
