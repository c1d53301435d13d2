"""Templates of the Serverless Application Model, as the CloudFormation that they stand for.

AWS's own translator writes the roles, policies and permissions that a function or a connector
implies. What it takes from the template keeps its place there; what it adds stands at the property
or the name that asks for it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from checker.cloudformation.calls import items_of, text_of
from checker.cloudformation.plain_data import Plain, frozen, node_of, plain
from checker.cloudformation.trouble import NotFollowedError
from checker.source import signs
from checker.source.tree import Entry, Mapping, Node, Scalar, Sequence
from checker.span import Span

_SERVERLESS: Final = "AWS::Serverless::"
_APPLICATION: Final = "AWS::Serverless::Application"
_CODE: Final = ("CodeUri", "ContentUri", "DefinitionUri")
_PLACEHOLDER: Final = "s3://bucket/key"
_NUMBERED: Final = re.compile(r"Policy(\d{1,4})$").search
_NAMED: Final = ("ManagedPolicyArns", "PermissionsBoundary")
"""Properties whose items are names of policies."""


@dataclass(frozen=True, slots=True)
class Expanded:
    """A template without resources of the model.

    origins: for each resource that the translator made, the one that it made it of.
    """

    root: Mapping
    origins: dict[str, str]


def expanded(root: Mapping) -> Expanded:
    """Return the template that a template of the model stands for.

    Errors: `NotFollowedError` where the translator refuses it.
    """
    resources = root.get("Resources")
    if not isinstance(resources, Mapping):
        return Expanded(root, {})
    data = plain(root)
    made = _translated(_prepared(data)) if isinstance(data, dict) else {}
    sources = {entry.name: entry for entry in resources.entries}
    origins: dict[str, str] = {}
    backs: dict[str, _Back] = {}
    entries: list[Entry] = []
    for name, value in _objects(made.get("Resources")):
        origin = _origin(name, sources)
        if origin != name:
            origins[name] = origin
        if origin not in backs:
            backs[origin] = _Back(root, sources.get(origin), _key(root, "Resources").span)
        entries.append(backs[origin].entry(name, value))
    entries += [e for e in resources.entries if _kind(e) in ("", _APPLICATION)]
    kept = [each for each in root.entries if each.name not in ("Resources", "Conditions")]
    conditions = made.get("Conditions")
    if isinstance(conditions, dict) and conditions:
        written = root.get("Conditions")
        back = _Back(root, None, written.span if written else root.span)
        kept.append(back.entry("Conditions", conditions))
    kept.append(Entry(_key(root, "Resources"), Mapping(tuple(entries), resources.span)))
    return Expanded(Mapping(tuple(kept), root.span), origins)


def _objects(data: Plain) -> Iterator[tuple[str, dict[str, Plain]]]:
    for name, value in data.items() if isinstance(data, dict) else ():
        if isinstance(value, dict):
            yield name, value


def _key(root: Mapping, name: str) -> Scalar:
    return next(entry.key for entry in root.entries if entry.name == name)


def _kind(entry: Entry) -> str:
    node = entry.value
    return (text_of(node.get("Type")) or "") if isinstance(node, Mapping) else ""


def _prepared(data: dict[str, Plain]) -> dict[str, Plain]:
    """Return what the translator takes: code in S3, and no application of the public repository.

    For such an application the translator would ask AWS.
    """
    kept: dict[str, Plain] = {}
    for name, value in _objects(data.get("Resources")):
        if value.get("Type") != _APPLICATION:
            kept[name] = value
            if str(value.get("Type")).startswith(_SERVERLESS):
                _put_code(value.get("Properties"))
    settings = data.get("Globals")
    for _, value in _objects(settings):
        _put_code(value)
    return {**data, "Resources": kept}


def _put_code(properties: Plain) -> None:
    """Write a place of S3 over each local path of code."""
    if isinstance(properties, dict):
        for name in _CODE:
            value = properties.get(name)
            is_kept = isinstance(value, dict) and ("Bucket" in value or "Name" in value)
            if value is not None and not is_kept and not str(value).startswith("s3://"):
                properties[name] = _PLACEHOLDER
        if properties.get("PackageType") == "Image":
            properties.setdefault("ImageUri", "111122223333.dkr.ecr.us-east-1.amazonaws.com/a:b")


@dataclass(frozen=True, slots=True)
class _Session:
    """The place that a template is translated for; the translator asks a session for nothing else."""

    region_name: str = "us-east-1"


def _translated(data: dict[str, Plain]) -> dict[str, Plain]:
    """Return the translator's answer."""
    from samtranslator.model.exceptions import (  # noqa: PLC0415  only templates of the model need it
        ExceptionWithMessage,
        InvalidDocumentException,
    )
    from samtranslator.parser.parser import Parser  # noqa: PLC0415
    from samtranslator.translator.translator import Translator  # noqa: PLC0415

    # The translator measures itself, and complains at exit that nobody asked for the figures.
    logging.getLogger("samtranslator").setLevel(logging.CRITICAL + 1)
    try:
        answer = Translator({}, Parser(), [], _Session()).translate(data, {})
    except InvalidDocumentException as error:
        reason = "; ".join(str(cause.message) for cause in error.causes)
    except ExceptionWithMessage as error:
        reason = str(error.message)
    except Exception as error:  # noqa: BLE001  a library of others on hostile text
        reason = f"{type(error).__name__}: {error}"
    else:
        return answer
    raise NotFollowedError(f"AWS SAM refuses it: {' '.join(reason.split())[:300]}")


def _origin(name: str, sources: dict[str, Entry]) -> str:
    """Return the resource of the source that a made one comes from: the longest name before it."""
    if name in sources:
        return name
    before = [each for each in sources if name.startswith(each)]
    serverless = [each for each in before if _kind(sources[each]).startswith(_SERVERLESS)]
    return max(serverless or before, key=len, default=name)


class _Back:
    """From the translator's data to nodes, with the places of what it was made of."""

    def __init__(self, root: Mapping, source: Entry | None, at: Span) -> None:
        self.at = source.key.span if source else at
        self.policies = _property(source.value, "Policies") if source else None
        self.connectors = list(_connectors(source)) if source else []
        self.known: dict[Hashable, Node] = {}
        for node in (root.get("Globals"), source.value if source else None):
            if node is not None:
                self._note(node)

    def _note(self, node: Node) -> None:
        """Note what can come back as it is: the resource, policies, statements, names of policies."""
        self.known[frozen(plain(node))] = node
        for _, each in signs.below(node):
            if isinstance(each, Mapping) and _is_whole(name for name, _ in _members(each)):
                self.known[frozen(plain(each))] = each
            for name, value in _members(each):
                if name in (*_NAMED, "Policies"):
                    for item in items_of(value):
                        self.known[frozen(plain(item))] = item

    def entry(self, name: str, data: Plain) -> Entry:
        """Return a resource of the translator's as a member of the template."""
        at = next((at for each, at in self.connectors if name.startswith(each)), self.at)
        found = self.known.get(frozen(data))
        return Entry(Scalar(name, at), found or self.node(data, at))

    def node(self, data: Plain, at: Span, name: str = "") -> Node:
        """Return the node that says what data says: the one in the template, if it came back."""
        match data:
            case dict() if _is_whole(data) and (found := self.known.get(frozen(data))):
                return found
            case dict() if name not in _NAMED:
                here = self._policy(data) or at
                return Mapping(
                    tuple(
                        Entry(Scalar(each, here), self.node(value, here, each))
                        for each, value in data.items()
                    ),
                    here,
                )
            case list():
                return Sequence(tuple(self.node(item, at, name) for item in data), at)
            case _:
                return node_of(data, self._named(data) or at if name in _NAMED else at)

    def _named(self, data: Plain) -> Span | None:
        """Return where the policy is named that is attached; a name alone stands for AWS's own."""
        found = self.known.get(frozen(data))
        if found is None and isinstance(data, str):
            found = self.known.get(frozen(data.rpartition("/")[2]))
        return found.span if found else None

    def _policy(self, data: dict[str, Plain]) -> Span | None:
        """Return where the property stands that a role's policy is made of."""
        name = data.get("PolicyName")
        number = _NUMBERED(name) if isinstance(name, str) else None
        if number is None or self.policies is None:
            return None
        if isinstance(self.policies, Sequence):
            index = int(number[1])
            items = self.policies.items
            return items[index].span if index < len(items) else None
        return self.policies.span


def _property(node: Node, name: str) -> Node | None:
    properties = node.get("Properties") if isinstance(node, Mapping) else None
    return properties.get(name) if isinstance(properties, Mapping) else None


def _members(node: Node) -> Iterator[tuple[str, Node]]:
    for entry in node.entries if isinstance(node, Mapping) else ():
        yield entry.name, entry.value


def _is_whole(names: Iterable[str]) -> bool:
    """Whether an object with these names is a policy or a statement."""
    return any(name in ("Statement", "Effect") for name in names)


def _connectors(source: Entry) -> Iterator[tuple[str, Span]]:
    """Yield how the names begin of what the connectors of a resource imply, and where these are."""
    written = source.value.get("Connectors") if isinstance(source.value, Mapping) else None
    for each in written.entries if isinstance(written, Mapping) else ():
        yield f"{source.name}{each.name}", each.key.span
