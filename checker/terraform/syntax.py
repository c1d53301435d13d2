"""What Terraform's language is made of: expressions, attributes and blocks, with their places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from checker.source.tree import Scalar
from checker.span import Span


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a Boolean, null, or a string without templates in it."""

    value: Scalar

    @property
    def span(self) -> Span:
        """Where it stands."""
        return self.value.span


@dataclass(frozen=True, slots=True)
class Text:
    """Text of a template as it is, each character where the file has it if `exact`."""

    text: str
    span: Span
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Condition:
    """`%{ if … }` in a template."""

    condition: Expression
    then: tuple[Part, ...]
    other: tuple[Part, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Repetition:
    """`%{ for … }` in a template."""

    key: str
    name: str
    collection: Expression
    parts: tuple[Part, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Interpolation:
    """`${…}` in a template."""

    value: Expression
    span: Span


Part: TypeAlias = Text | Interpolation | Condition | Repetition


@dataclass(frozen=True, slots=True)
class Template:
    """A string with templates in it, a heredoc, or a file that is one."""

    parts: tuple[Part, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Name:
    """The first name of a reference: `var`, `local`, `data`, a resource type, a `for` variable."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Attribute:
    """`of.name`."""

    of: Expression
    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Index:
    """`of[key]`."""

    of: Expression
    key: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Splat:
    """`of[*]…` or `of.*…`; in `each`, the item goes by the name `ITEM`."""

    of: Expression
    each: Expression
    span: Span


ITEM = "[*]"  # no file can write this name


@dataclass(frozen=True, slots=True)
class Call:
    """A function call; with `spread` the last argument is a list of arguments."""

    name: str
    arguments: tuple[Expression, ...]
    spread: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Tuple:
    """`[…]`."""

    items: tuple[Expression, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Object:
    """`{…}`; a bare name before `=` is a `Literal` here."""

    members: tuple[tuple[Expression, Expression], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class For:
    """`[for …]`, or `{for …}` if there is a `member`; with `group` equal names make lists."""

    key: str
    name: str
    collection: Expression
    member: Expression | None
    value: Expression
    condition: Expression | None
    group: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Ternary:
    """`condition ? then : other`."""

    condition: Expression
    then: Expression
    other: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Operation:
    """One operator with its operands; unary ones have one."""

    operator: str
    operands: tuple[Expression, ...]
    span: Span


Expression: TypeAlias = (
    Literal
    | Template
    | Name
    | Attribute
    | Index
    | Splat
    | Call
    | Tuple
    | Object
    | For
    | Ternary
    | Operation
)


@dataclass(frozen=True, slots=True)
class Argument:
    """`name = value` in a body; `at` is the name."""

    name: str
    value: Expression
    at: Span


@dataclass(frozen=True, slots=True)
class Body:
    """The arguments and blocks between braces, in order."""

    arguments: tuple[Argument, ...]
    blocks: tuple[Block, ...]

    def argument(self, name: str) -> Argument | None:
        """Return the argument of this name, if there is one."""
        for found in self.arguments:
            if found.name == name:
                return found
        return None

    def of_type(self, name: str) -> tuple[Block, ...]:
        """Return the blocks of one type."""
        return tuple([block for block in self.blocks if block.type == name])


@dataclass(frozen=True, slots=True)
class Block:
    """`type "label" {…}`; the span is from its type to its brace."""

    type: str
    labels: tuple[str, ...]
    body: Body
    span: Span
