"""Terraform's expressions: text to syntax, each part with its place.

A recursive descent over regular expressions, as the reader of JSON is one. Inside brackets and
parentheses a line end is a blank; elsewhere it ends the expression.
"""

from __future__ import annotations

import re
from typing import Final

from checker.errors import PolicySyntaxError
from checker.source.places import Places, quoted
from checker.source.tree import Number, Scalar
from checker.span import Span
from checker.terraform import templates
from checker.terraform.blanks import blank, heredoc, identifier, line_blank, plain_string
from checker.terraform.syntax import (
    ITEM,
    Attribute,
    Call,
    Expression,
    For,
    Index,
    Literal,
    Name,
    Object,
    Operation,
    Splat,
    Ternary,
    Tuple,
)

DEEPEST: Final = 60  # brackets inside each other; each takes several calls of the reader

_NUMBER: Final = re.compile(r"[0-9]++(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?").match
_BINARY: Final = re.compile(r"\|\||&&|==|!=|<=|>=|[<>+\-*/%]").match
_POWER: Final = {
    "||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, ">": 4, "<=": 4, ">=": 4, "+": 5, "-": 5,
    "*": 6, "/": 6, "%": 6,
}  # fmt: skip
_WORDS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}
_FOR: Final = re.compile(r"for\b(?!-)").match
_IF: Final = re.compile(r"if\b(?!-)").match
_IN: Final = re.compile(r"in\b(?!-)").match
_NAMESPACE: Final = re.compile(r"(?:::[^\W\d][\w-]*+)++").match
_EQUALS: Final = re.compile(r"=(?!=)").match


class ExpressionReader:
    """One text; each method starts at an offset and returns what it read and where that ends."""

    __slots__ = ("depth", "places", "text")

    def __init__(self, text: str, path: str) -> None:
        self.text = text
        self.places = Places(text, path)
        self.depth = 0

    def error(self, problem: str, at: int, end: int | None = None) -> PolicySyntaxError:
        """Return the error of the text from `at` to `end`."""
        last = min(at + 1, len(self.text)) if end is None else end
        return PolicySyntaxError(problem, self.places.span(at, last))

    def skip(self, at: int, *, lines: bool) -> int:
        """Return the offset after blanks and comments, over line ends where these are blanks."""
        found = blank(self.text, at) if lines else line_blank(self.text, at)
        return found.end() if found else at

    def span(self, start: int, end: int) -> Span:
        """Return the span between two offsets."""
        return self.places.span(start, end)

    def expression(self, at: int, *, lines: bool) -> tuple[Expression, int]:
        """Return the expression at `at`, blanks before it skipped."""
        if self.depth >= DEEPEST:
            raise self.error(f"more than {DEEPEST} brackets inside each other", at)
        self.depth += 1
        start = self.skip(at, lines=lines)
        value, end = self.binary(start, 1, lines=lines)
        after = self.skip(end, lines=lines)
        if self.text.startswith("?", after):
            then, end = self.expression(after + 1, lines=lines)
            after = self.skip(end, lines=lines)
            if not self.text.startswith(":", after):
                raise self.error("a `:` is missing after the first value of a conditional", after)
            other, end = self.expression(after + 1, lines=lines)
            value = Ternary(value, then, other, self.span(start, end))
        self.depth -= 1
        return value, end

    def binary(self, at: int, power: int, *, lines: bool) -> tuple[Expression, int]:
        """Return the operands at `at` that operators of at least `power` join."""
        left, end = self.unary(at, lines=lines)
        while True:
            after = self.skip(end, lines=lines)
            found = _BINARY(self.text, after)
            if found is None or _POWER[found[0]] < power:
                return left, end
            start = self.skip(found.end(), lines=lines)
            right, end = self.binary(start, _POWER[found[0]] + 1, lines=lines)
            left = Operation(found[0], (left, right), self.span(at, end))

    def unary(self, at: int, *, lines: bool) -> tuple[Expression, int]:
        """Return a value, the operators `!` and `-` before it included."""
        start = at
        signs: list[tuple[str, int]] = []
        while self.text.startswith(("-", "!"), at):
            signs.append((self.text[at], at))
            at = self.skip(at + 1, lines=lines)
            if len(signs) > DEEPEST:
                raise self.error("too many operators in a row", start)
        value, end = self.postfix(at, lines=lines)
        for sign, place in reversed(signs):
            value = Operation(sign, (value,), self.span(place, end))
        return value, end

    def postfix(self, at: int, *, lines: bool) -> tuple[Expression, int]:
        """Return a value and all that picks parts of it: `.name`, `[key]`, splats."""
        value, end = self.primary(at, lines=lines)
        while True:
            after = self.skip(end, lines=lines)
            if not self.text.startswith((".", "["), after) or self.text.startswith("...", after):
                return value, end
            value, end = self.pick(value, at, after, legacy=False)

    def pick(self, of: Expression, start: int, at: int, *, legacy: bool) -> tuple[Expression, int]:
        """Return one step into `of`, which begins at `start`; the step is at `at`."""
        text = self.text
        if text[at] == "[":
            after = self.skip(at + 1, lines=True)
            if text.startswith("*", after):
                end = self.close(after + 1, "]")
                return self.splat(of, start, end, legacy=False)
            key, end = self.expression(after, lines=True)
            end = self.close(end, "]")
            return Index(of, key, self.span(start, end)), end
        after = self.skip(at + 1, lines=False)
        if text.startswith("*", after):
            return self.splat(of, start, after + 1, legacy=True)
        if name := identifier(text, after):
            return Attribute(of, name[0], self.span(start, name.end())), name.end()
        if (number := re.compile(r"[0-9]++").match(text, after)) and not legacy:
            key = Literal(Scalar(Number(number[0]), self.span(after, number.end())))
            return Index(of, key, self.span(start, number.end())), number.end()
        raise self.error("a name should be here", after)

    def splat(self, of: Expression, start: int, at: int, *, legacy: bool) -> tuple[Expression, int]:
        """Return a splat; `.*` reaches as far as names do, `[*]` over all that follows."""
        each: Expression = Name(ITEM, self.span(at - 1, at))
        end = at
        while True:
            if self.text.startswith("...", end) or not self.text.startswith((".", "["), end):
                break
            if self.text.startswith("[", end) and legacy:
                break
            each, end = self.pick(each, start, end, legacy=legacy)
        return Splat(of, each, self.span(start, end)), end

    def close(self, at: int, bracket: str) -> int:
        """Return the offset after a closing bracket."""
        at = self.skip(at, lines=True)
        if not self.text.startswith(bracket, at):
            raise self.error(f"a `{bracket}` is missing", at)
        return at + 1

    def primary(self, at: int, *, lines: bool) -> tuple[Expression, int]:
        """Return a value without operators."""
        text = self.text
        if plain := plain_string(text, at):
            place = self.places.line_span(at, plain.end())
            return Literal(Scalar(plain[1], place)), plain.end()
        if name := identifier(text, at):
            return self.name(name[0], at, name.end(), lines=lines)
        if number := _NUMBER(text, at):
            place = self.places.line_span(at, number.end())
            return Literal(Scalar(Number(number[0]), place)), number.end()
        match text[at : at + 1]:
            case '"':
                return templates.quoted_template(self, at)
            case "[":
                return self.list_at(at)
            case "{":
                return self.object_at(at)
            case "(":
                value, end = self.expression(at + 1, lines=True)
                return value, self.close(end, ")")
            case "<" if opening := heredoc(text, at):
                return templates.heredoc_template(self, opening)
            case "":
                raise self.error("the text ends where a value should be", at)
            case other:
                found = quoted(other) if other.strip() else "the end of the line"
                raise self.error(f"a value should be here, not {found}", at)

    def name(self, name: str, at: int, end: int, *, lines: bool) -> tuple[Expression, int]:
        """Return a word, a function call or the start of a reference."""
        if self.text.startswith("::", end):
            further = _NAMESPACE(self.text, end)
            name, end = (name + further[0], further.end()) if further else (name, end)
        bracket = self.skip(end, lines=lines)
        if self.text.startswith("(", bracket):
            return self.call(name, at, bracket + 1)
        place = self.places.line_span(at, end)
        if name in _WORDS:
            return Literal(Scalar(_WORDS[name], place)), end
        return Name(name, place), end

    def call(self, name: str, start: int, at: int) -> tuple[Expression, int]:
        """Return a function call whose first argument is at `at`."""
        arguments: list[Expression] = []
        spread = False
        at = self.skip(at, lines=True)
        while not self.text.startswith(")", at):
            value, end = self.expression(at, lines=True)
            arguments.append(value)
            at = self.skip(end, lines=True)
            if self.text.startswith("...", at):
                spread = True
                at = self.skip(at + 3, lines=True)
            if self.text.startswith(",", at) and not spread:
                at = self.skip(at + 1, lines=True)
            elif not self.text.startswith(")", at):
                raise self.error("a `,` or `)` should be here", at)
        return Call(name, tuple(arguments), spread, self.span(start, at + 1)), at + 1

    def list_at(self, start: int) -> tuple[Expression, int]:
        """Return a list or the `for` expression of one."""
        at = self.skip(start + 1, lines=True)
        if _FOR(self.text, at):
            return self.for_expression(start, at + 3, "]")
        items: list[Expression] = []
        while not self.text.startswith("]", at):
            value, end = self.expression(at, lines=True)
            items.append(value)
            at = self.skip(end, lines=True)
            if self.text.startswith(",", at):
                at = self.skip(at + 1, lines=True)
            elif not self.text.startswith("]", at):
                raise self.error("a `,` or `]` should be here", at)
        return Tuple(tuple(items), self.span(start, at + 1)), at + 1

    def object_at(self, start: int) -> tuple[Expression, int]:
        """Return an object or the `for` expression of one."""
        at = self.skip(start + 1, lines=True)
        if _FOR(self.text, at) and not _EQUALS(self.text, self.skip(at + 3, lines=True)):
            return self.for_expression(start, at + 3, "}")
        members: list[tuple[Expression, Expression]] = []
        while not self.text.startswith("}", at):
            key, at = self.key(at)
            at = self.skip(at, lines=False)
            if not (_EQUALS(self.text, at) or self.text.startswith(":", at)):
                raise self.error("a `=` should be here", at)
            value, end = self.expression(at + 1, lines=False)
            members.append((key, value))
            at = self.skip(end, lines=False)
            if self.text.startswith((",", "\n"), at):
                at = self.skip(at + 1, lines=True)
            elif not self.text.startswith("}", at):
                raise self.error("a line end, `,` or `}` should be here", at)
        return Object(tuple(members), self.span(start, at + 1)), at + 1

    def key(self, at: int) -> tuple[Expression, int]:
        """Return the name of a member; a bare word is text."""
        name = identifier(self.text, at)
        if name:
            after = self.skip(name.end(), lines=False)
            if _EQUALS(self.text, after) or self.text.startswith(":", after):
                place = self.places.line_span(at, name.end())
                return Literal(Scalar(name[0], place)), name.end()
        return self.expression(at, lines=False)

    def for_expression(self, start: int, at: int, bracket: str) -> tuple[Expression, int]:
        """Return a `for` expression; `at` is after its first word."""
        key, name, at = self.loop_names(at)
        collection, at = self.expression(at, lines=True)
        at = self.skip(at, lines=True)
        if not self.text.startswith(":", at):
            raise self.error("a `:` should be here", at)
        value, at = self.expression(at + 1, lines=True)
        member: Expression | None = None
        group = False
        condition: Expression | None = None
        at = self.skip(at, lines=True)
        if bracket == "}":
            if not self.text.startswith("=>", at):
                raise self.error("a `=>` should be here", at)
            member = value
            value, at = self.expression(at + 2, lines=True)
            at = self.skip(at, lines=True)
            if group := self.text.startswith("...", at):
                at = self.skip(at + 3, lines=True)
        if _IF(self.text, at):
            condition, at = self.expression(at + 2, lines=True)
        end = self.close(at, bracket)
        place = self.span(start, end)
        return For(key, name, collection, member, value, condition, group, place), end

    def loop_names(self, at: int) -> tuple[str, str, int]:
        """Return the key's name or "", the value's name, and the offset after `in`."""
        names: list[str] = []
        while True:
            at = self.skip(at, lines=True)
            name = identifier(self.text, at)
            if name is None:
                raise self.error("a name should be here", at)
            names.append(name[0])
            at = self.skip(name.end(), lines=True)
            if not self.text.startswith(",", at) or len(names) == 2:
                break
            at += 1
        if not _IN(self.text, at):
            raise self.error("`in` should be here", at)
        return names[0] if len(names) == 2 else "", names[-1], at + 2


class OnePlaceReader(ExpressionReader):
    """Reads a text of which each part stands at one place of another file."""

    __slots__ = ()

    def __init__(self, text: str, at: Span) -> None:
        super().__init__(text, at.path)
        self.places = _OnePlace(text, at)


class _OnePlace(Places):
    """The one place that all of a text has."""

    __slots__ = ("at",)

    def __init__(self, text: str, at: Span) -> None:
        super().__init__(text, at.path)
        self.at = at

    def span(self, start: int, end: int) -> Span:
        """Return the place."""
        del start, end
        return self.at

    def line_span(self, start: int, end: int) -> Span:
        """Return the place."""
        del start, end
        return self.at
