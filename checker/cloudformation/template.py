"""A template taken apart into its sections, before any of its values is known."""

from __future__ import annotations

from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass, field
from typing import Final

from checker.cloudformation.calls import items_of, text_of
from checker.cloudformation.trouble import Budget
from checker.source.tree import Entry, Mapping, Node
from checker.span import Span
from checker.template.files import Files
from checker.template.managed import Copies
from checker.template.value import Value

SAM: Final = "AWS::Serverless-2016-10-31"
KNOWN_TRANSFORMS: Final = frozenset(
    {
        SAM,
        "AWS::CodeDeployBlueGreen",
        "AWS::Include",
        "AWS::LanguageExtensions",
        "AWS::SecretsManager-2020-07-23",
        "AWS::SecretsManager-2024-09-16",
        "AWS::ServiceCatalog",
    }
)


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource; `owner` is what a reader calls it."""

    id: str
    type: str
    owner: str
    properties: Node | None
    condition: str
    node: Mapping
    span: Span
    at: Span  # of its name

    @property
    def address(self) -> str:
        """JSON pointer of the resource."""
        return f"/Resources/{escaped(self.id)}"

    def get(self, name: str) -> Node | None:
        """Return a property as it is written."""
        return self.properties.get(name) if isinstance(self.properties, Mapping) else None


@dataclass(slots=True)
class Template:
    """One template: its sections, what is given to it, and what has been found out about it.

    given: values of parameters that are known from outside.
    copies: of managed policies that only their ARNs tell.
    origins: for a resource that is only implied, the one that implies it.
    """

    path: str
    files: Files
    root: Mapping
    given: AbstractMapping[str, Value]
    copies: Copies = field(default_factory=dict)
    resources: dict[str, Resource] = field(default_factory=dict)
    conditions: dict[str, Node] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    budget: Budget = field(default_factory=Budget)

    def parameter(self, name: str) -> Mapping | None:
        """Return what the template says of a parameter."""
        return _object_in(self.root.get("Parameters"), name)

    def map(self, name: str) -> Mapping | None:
        """Return one of the template's mappings."""
        return _object_in(self.root.get("Mappings"), name)

    @property
    def transforms(self) -> tuple[Node, ...]:
        """What rewrites the template before it is deployed, as it is written."""
        return items_of(self.root.get("Transform"))

    @property
    def is_sam(self) -> bool:
        """Whether the template is one of the Serverless Application Model."""
        return any(text_of(each) == SAM for each in self.transforms)


def _object_in(section: Node | None, name: str) -> Mapping | None:
    found = section.get(name) if isinstance(section, Mapping) else None
    return found if isinstance(found, Mapping) else None


def resource(entry: Entry, origin: str | None = None) -> Resource | None:
    """Return the resource that an entry of `Resources` is, if it is one."""
    node = entry.value
    kind = text_of(node.get("Type")) if isinstance(node, Mapping) else None
    if kind is None or not isinstance(node, Mapping):
        return None
    metadata = node.get("Metadata")
    construct = text_of(metadata.get("aws:cdk:path")) if isinstance(metadata, Mapping) else None
    return Resource(
        entry.name,
        kind,
        construct or origin or entry.name,
        node.get("Properties"),
        text_of(node.get("Condition")) or "",
        node,
        node.span,
        entry.key.span,
    )


def escaped(name: str) -> str:
    """Return a name as a step of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")
