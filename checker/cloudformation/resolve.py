"""From what is written in a template to values: functions called, references followed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from checker.cloudformation import intrinsics, loops, parameters
from checker.cloudformation.alignment import Text
from checker.cloudformation.arn_table import Identity, identity_of
from checker.cloudformation.calls import Call, call, condition_call, items_of, written_as
from checker.cloudformation.template import Resource, Template
from checker.cloudformation.tests import (
    MOST_PREMISES,
    Decision,
    Test,
    any_of,
    both,
    chosen,
    equal,
    is_text,
    negated,
    outcomes,
)
from checker.cloudformation.texts import joined, plain, short, spelled
from checker.cloudformation.trouble import DEEPEST, TooMuchError
from checker.source.tree import Mapping, Node, Scalar, Sequence
from checker.span import Span
from checker.template.value import (
    Absent,
    Choice,
    Items,
    Member,
    Premise,
    Record,
    Unknown,
    Value,
)

_VARIABLE: Final = re.compile(r"\$\{(!?)\s*([^{}]*?)\s*\}")
_DYNAMIC: Final = re.compile(r"\{\{(resolve:[^{}]*)\}\}")
_PSEUDO: Final = {"AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com"}
_LISTS: Final = frozenset({"AWS::NotificationARNs"})


@dataclass(slots=True)
class Resolver:
    """Values of one template.

    is_open: a parameter's default is not taken for its value. In a condition, and where a mapping
        is searched, what another value would give counts as well.
    weight: how often what is resolved now stands in the value of all, once for each way that the
        conditions around it may be decided.
    """

    template: Template
    is_open: bool = False
    depth: int = 0
    weight: int = 1
    tests: dict[str, Test] = field(default_factory=dict)
    identities: dict[str, Identity] = field(default_factory=dict)
    policies: dict[str, Resource] = field(default_factory=dict)  # managed ones, by their ARNs
    under_way: set[str] = field(default_factory=set)
    lines: dict[str, Text] = field(default_factory=dict)
    inside: tuple[str, ...] = ()  # files that include each other, outermost first

    def value(self, node: Node) -> Value:
        """Return what a node stands for."""
        self.template.budget.spend(self.weight)
        if isinstance(node, Scalar):
            return self._scalar(node)
        if self.depth >= DEEPEST:
            raise TooMuchError(f"more than {DEEPEST} values and references inside each other")
        self.depth += 1
        try:
            if isinstance(node, Sequence):
                return Items(tuple([self.value(item) for item in node.items]), node.span)
            found = call(node)
            return self._call(found, node) if found else self._record(node)
        finally:
            self.depth -= 1

    def open_value(self, node: Node) -> Value:
        """Return what a node stands for, whatever the parameters of the template are set to."""
        was, self.is_open = self.is_open, True
        try:
            return self.value(node)
        finally:
            self.is_open = was

    def sides(self, test: Test, then: Node, other: Node, span: Span) -> Value:
        """Return one value if a condition is true, another one if not."""
        was, self.weight = self.weight, self.weight * outcomes(test)
        try:
            return chosen(test, self.value(then), self.value(other), span)
        finally:
            self.weight = was

    def _scalar(self, node: Scalar) -> Value:
        text = node.value
        if text is None:
            return Absent(node.span)
        if not isinstance(text, str) or "{{resolve:" not in text:
            return node
        parts: list[Value] = []
        for index, piece in enumerate(_DYNAMIC.split(text)):
            parts.append(Unknown(piece, node.span) if index % 2 else Scalar(piece, node.span))
        return joined(parts, node.span)

    def _record(self, node: Mapping) -> Record:
        members = [
            Member(entry.key, self.value(entry.value)) for entry in loops.entries(node, self)
        ]
        return Record(tuple(members), node.span)

    def _call(self, found: Call, node: Mapping) -> Value:
        """Return what a function gives; what is not written as AWS says is unknown."""
        answer = intrinsics.FUNCTIONS.get(found.name)
        value = answer(self, found.argument, node) if answer else None
        if value is not None:
            return value
        name = found.name if found.name == "Ref" else f"Fn::{found.name}"
        many = found.name not in ("Base64", "ImportValue", "Join", "Sub", "ToJsonString")
        return Unknown(short(f"{name} {written_as(found.argument)}"), node.span, many=many)

    def reference(self, name: str, span: Span) -> Value:
        """Return `Ref` of a name."""
        if name.startswith("AWS::"):
            if name == "AWS::NoValue":
                return Absent(span)
            if name in _PSEUDO:
                return Scalar(_PSEUDO[name], span)
            return Unknown(name, span, many=name in _LISTS)
        declared = self.template.parameter(name)
        if declared is not None:
            return parameters.value(name, declared, self.template, span, is_open=self.is_open)
        found = self.template.resources.get(name)
        made = self.identity(found).made("Ref", span) if found else None
        return made or Unknown(name, span)

    def attribute(self, name: str, attribute: str, span: Span) -> Value:
        """Return `Fn::GetAtt` of a resource."""
        found = self.template.resources.get(name)
        made = self.identity(found).made(attribute, span) if found else None
        return made or Unknown(f"{name}.{attribute}", span)

    def identity(self, of: Resource) -> Identity:
        """Return by what names a resource is known."""
        if of.id not in self.identities:
            if of.id in self.under_way:  # its name refers to itself
                return identity_of(of, lambda _: None)
            was, self.is_open = self.is_open, False
            self.under_way.add(of.id)
            try:
                self.identities[of.id] = identity_of(of, self.value)
            finally:
                self.is_open = was
                self.under_way.discard(of.id)
        return self.identities[of.id]

    def text(self, text: str, variables: dict[str, Value], span: Span) -> Value:
        """Return `Fn::Sub` of a text."""
        self.template.budget.spend(1, len(text))
        parts: list[Value] = []
        at = 0
        for match in _VARIABLE.finditer(text):
            parts.append(Scalar(text[at : match.start()], span))
            at = match.end()
            name = match[2]
            if match[1]:
                parts.append(Scalar(f"${{{name}}}", span))
            elif name in variables:
                parts.append(variables[name])
            elif "." in name and not name.startswith("AWS::"):
                of, _, attribute = name.partition(".")
                parts.append(self.attribute(of, attribute, span))
            else:
                parts.append(self.reference(name, span))
        parts.append(Scalar(text[at:], span))
        self.template.budget.spend(len(parts), sum(len(plain(part) or "") for part in parts))
        return joined(parts, span)

    def test(self, node: Node) -> Test:
        """Return what is decided about a condition."""
        self.template.budget.spend()
        found = condition_call(node)
        if found is None:
            word = node.value if isinstance(node, Scalar) else None
            if str(word).lower() in ("true", "false"):
                return str(word).lower() == "true"
            return Decision(Premise(short(written_as(node))), then=True, other=False)
        arguments = items_of(found.argument)
        match found.name, arguments:
            case "Condition", [Scalar(str(name))]:
                return self.condition(name)
            case "Equals", [one, other]:
                return equal(
                    self.open_value(one),
                    self.open_value(other),
                    self.allowed,
                    self.template.budget,
                )
            case "Not", [only]:
                return negated(self.test(only))
            case "And" | "Or", [first, *more]:
                whole = self.test(first)
                for each in more:
                    join = both if found.name == "And" else any_of
                    whole = join(whole, self.test(each), self.template.budget)
                return whole
            case _:
                return Decision(Premise(short(written_as(node))), then=True, other=False)

    def condition(self, name: str) -> Test:
        """Return what is decided about a condition of the template."""
        if name not in self.tests:
            node = self.template.conditions.get(name)
            key = f"Condition {name}"
            if node is None or key in self.under_way:
                return Decision(Premise(name), then=True, other=False)
            self.under_way.add(key)
            try:
                self.tests[name] = self.test(node)
            finally:
                self.under_way.discard(key)
        return self.tests[name]

    def allowed(self, expression: str) -> tuple[Scalar, ...]:
        """Return the values that an unknown value can have, if it is a parameter that says so."""
        declared = self.template.parameter(expression)
        return parameters.allowed(declared) if declared else ()

    def found_in(
        self, table: Mapping, keys: tuple[Value, ...], default: Value | None, span: Span
    ) -> Value | None:
        """Return what a mapping holds under keys; a key nobody knows may be any that fits."""
        key, more = keys[0], keys[1:]
        if isinstance(key, Choice):
            then, other = (
                self.found_in(table, (side, *more), default, span) or Absent(span)
                for side in (key.then, key.other)
            )
            return Choice(key.premise, then, other, span)
        known = plain(key)
        if known is not None:
            return self._below(table.get(known), more, default, span)
        subject = spelled(key)
        allowed = [plain(each) for each in self.allowed(subject)]
        names = sorted(entry.name for entry in table.entries)
        fitting = [name for name in names if not allowed or name in allowed]
        if len(fitting) > MOST_PREMISES:
            return None
        value = default
        for name in reversed(fitting):
            below = self._below(table.get(name), more, default, span) or Absent(span)
            premise = is_text(subject, Scalar(name, span))
            value = below if value is None else Choice(premise, below, value, span)
        return value

    def _below(
        self, node: Node | None, keys: tuple[Value, ...], default: Value | None, span: Span
    ) -> Value | None:
        if node is None:
            return default
        if not keys:
            return self.value(node)
        return self.found_in(node, keys, default, span) if isinstance(node, Mapping) else None

    def written(self, span: Span) -> str:
        """Return the text of a span of the template, or of a file that it includes."""
        if span.path not in self.lines:
            data = self.template.files.read(span.path) or b""
            self.lines[span.path] = Text(data.decode("utf-8", "replace"))
        return self.lines[span.path].of(span)

    def included(self, argument: Node) -> Value | None:
        """Return what `Fn::Transform` brings in, if it is a file of the repository."""
        return self.value(loops.included(argument, self))
