"""Resources and data sources, as an expression asks for their attributes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from checker.source.symbols import OWN_ACCOUNT, REGION
from checker.source.tree import Node, Scalar
from checker.span import Span
from checker.template.value import Record, Unknown, Value
from checker.terraform.access import is_one_text
from checker.terraform.evaluate import evaluate
from checker.terraform.expressions import ExpressionReader, OnePlaceReader
from checker.terraform.function_types import is_nothing
from checker.terraform.functions_of_files import file_function, is_whole_file, rendered
from checker.terraform.instances import Instance, both
from checker.terraform.lifting import lift
from checker.terraform.providers import provider_of
from checker.terraform.scope import Scope
from checker.terraform.shapes import Hole, shape_of
from checker.terraform.syntax import Block, Body, Expression
from checker.terraform.values import (
    Encoded,
    Written,
    canonical,
    from_node,
    known_text,
    named,
    pieces_of,
    text,
    text_of,
    unknown,
)

if TYPE_CHECKING:
    from checker.terraform.module import Module

_FACTS = {
    ("aws_caller_identity", "account_id"): "account",
    ("aws_caller_identity", "id"): "account",
    ("aws_region", "name"): "region",
    ("aws_region", "id"): "region",
    ("aws_region", "region"): "region",
}
_PARTITION = {
    "partition": "aws",
    "id": "aws",
    "dns_suffix": "amazonaws.com",
    "reverse_dns_prefix": "com.amazonaws",
}


_TEXTS = frozenset(  # attributes of one text under a name that elsewhere may be of anything
    {
        ("aws_cloudformation_export", "value"),
        ("aws_secretsmanager_secret_version", "secret_string"),
        ("aws_ssm_parameter", "insecure_value"),
        ("aws_ssm_parameter", "value"),
    }
)
_LOCAL_FILES = frozenset({"local_file", "local_sensitive_file"})
_SAME = {("terraform_data", "output"): "input"}


_ANYWHERE = frozenset({"region", "account"})
_NOT_ASKED = frozenset({"provider", "depends_on", "count", "for_each"})


@dataclass(frozen=True, slots=True)
class Resource:
    """One instance of a resource or data source."""

    module: Module
    name: tuple[str, ...]  # ("resource" or "data", type, name)
    block: Block
    instance: Instance
    address: str
    known: Mapping[str, Node] = field(default_factory=dict, compare=False, repr=False)  # by a plan

    @property
    def type(self) -> str:
        """Its type, as `aws_iam_role`."""
        return self.name[1]

    @property
    def exists(self) -> Value:
        """Whether it is there: its own `count`, and that of the calls around it."""
        return both(self.module.exists, self.instance.exists)

    @property
    def scope(self) -> Scope:
        """Where its arguments stand."""
        return self.module.scope.binding(self.instance.names)

    @property
    def provider(self) -> str:
        """The configuration of its provider; "" for the root module's usual one."""
        return provider_of(self.module, self.block.body)

    @property
    def shown(self) -> str:
        """Its address as the source has it now."""
        own = self.name[1:] if self.name[0] == "resource" else self.name
        return self.module.prefix + ".".join(own) + self.instance.key

    def worked_out(self, expression: Expression) -> Value:
        """Return the value of an expression among its arguments."""
        return evaluate(expression, self.scope)

    def argument(self, name: str) -> Value | None:
        """Return the value of an argument; None if it is not there or null."""
        found = self.block.body.argument(name)
        if found is None:
            return None
        value = evaluate(found.value, self.scope)
        return None if is_nothing(value) else value

    @property
    def content(self) -> str:
        """What tells a policy document from one that says something else."""
        is_policy = self.name[:2] == ("data", "aws_iam_policy_document")
        return self.module.content(*self.name) if is_policy else ""

    def attribute(self, name: str, at: Span) -> Value:
        """Return an attribute: what is written, what is documented, or what nobody knows."""
        with self.module.tree.budget.deeper(at):
            if known := self._planned(name, at):
                return known
            if self.name[0] == "data":
                if known := self._data(name, at):
                    return known
                if name not in self.given:
                    return self._looked_up(name, at)
            if found := self.argument(_SAME.get((self.type, name), name)):
                return found
            if shape := shape_of(self.type, name):
                values = tuple([self._part(part, at) for part in shape])
                return lift(values, lambda known: _text(known, at), at, deep=True)
            return unknown(f"{self.address}.{name}", at, many=not self._is_text(name))

    def _planned(self, name: str, at: Span) -> Value | None:
        """Return what a plan knows, where the source does not say it or does not stand for it."""
        is_document = self.type == "aws_iam_policy_document" and name != "id"
        if is_document or name not in self.known:
            return None
        found = self.argument(name)
        if found is not None and known_text(found) is not None:
            return found
        return from_node(self.known[name], at)

    def _data(self, name: str, at: Span) -> Value | None:
        if self.type == "aws_iam_policy_document" and name in ("json", "minified_json"):
            self.module.tree.used.add(self.address)
            return self.document(at)
        if self.type == "template_file" and name == "rendered":
            return self._rendered(at)
        if self.type in _LOCAL_FILES and name == "content" and (path := self.argument("filename")):
            return file_function("file", (path,), at, self.scope, evaluate)
        if self.type == "aws_partition" and name in _PARTITION:
            return text(_PARTITION[name], at)
        if fact := _FACTS.get((self.type, name)):
            if self.type == "aws_region" and self.argument("name"):
                return None
            return self._place(fact, at)
        return None

    @property
    def given(self) -> frozenset[str]:
        """The names of its arguments."""
        return frozenset(each.name for each in self.block.body.arguments)

    def _looked_up(self, name: str, at: Span) -> Value:
        """Return what a data source finds, which goes by what it is told to look for."""
        if shape := shape_of(self.type, name):
            known = all(isinstance(p, str) or p.name in _ANYWHERE | self.given for p in shape)
            if known:
                values = tuple([self._part(part, at) for part in shape])
                return lift(values, lambda found: _text(found, at), at, deep=True)
        asked = self._asked(self.block.body)
        asked += [self.provider.replace("provider ", "provider=")] if self.provider else []
        shown = f"({', '.join(asked)})" if asked else ""
        many = not self._is_text(name)
        return unknown(f"{named(self.address + shown)}.{name}", at, many=many)

    def _is_text(self, name: str) -> bool:
        """Whether an attribute of which nothing is known is one text."""
        return is_one_text(name) or (self.type, name) in _TEXTS

    def _asked(self, body: Body) -> list[str]:
        """Return what a body says, in one spelling."""
        found = [
            f"{each.name}={canonical(self.worked_out(each.value))}"
            for each in body.arguments
            if each.name not in _NOT_ASKED
        ]
        return found + [
            f"{each.type}{{{','.join(self._asked(each.body))}}}" for each in body.blocks
        ]

    def document(self, at: Span) -> Value:
        """Return the policy that an `aws_iam_policy_document` writes, as its JSON text."""
        return Encoded((), at, self.module.document(self, at))

    def _rendered(self, at: Span) -> Value | None:
        """Return what a template of the provider `template` comes to."""
        template, given = self.argument("template"), self.argument("vars")
        content = known_text(template) if template is not None else None
        if template is None or content is None or not isinstance(given, Record | None):
            return None
        members = given.members if given is not None else ()
        names = {str(m.name.value): m.value for m in members if isinstance(m.name, Scalar)}
        is_file = isinstance(template, Written) and is_whole_file(template)
        path = template.span.path
        reader = (
            ExpressionReader(content, path) if is_file else OnePlaceReader(content, template.span)
        )
        return rendered(reader, names, at, self.scope, evaluate)

    def _part(self, part: str | Hole, at: Span) -> Value:
        """Return one part of a documented text."""
        if isinstance(part, str):
            return text(part, at)
        if part.name in ("region", "account"):
            return self._place(part.name, at)
        if part.default is not None and self.argument(part.name) is None:
            return text(part.default, at)
        if written := self.argument(part.name):
            return written
        return unknown(f"{self.address}.{part.name}", at, many=False)

    def _place(self, name: str, at: Span) -> Value:
        """Return the region or account of its provider."""
        if name == "region" and (region := self.argument("region")):
            return region
        if not self.provider:
            return Unknown(REGION if name == "region" else OWN_ACCOUNT, at)
        return unknown(f"{self.provider}.{name}", at, many=False)


def _text(values: tuple[Value, ...], at: Span) -> Value:
    pieces = [piece for each in values for piece in pieces_of(each) or (_whole(each),)]
    return text_of(pieces, at)


def _whole(value: Value) -> Unknown:
    return Unknown(canonical(value), value.span)
