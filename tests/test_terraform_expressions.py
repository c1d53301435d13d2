"""Terraform's language: what its text is, what its expressions come to, and where both stand."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from checker.errors import PolicySyntaxError
from checker.span import Span
from checker.template.value import Items, Record, Value
from checker.terraform.blocks import BodyReader, File
from checker.terraform.evaluate import evaluate
from checker.terraform.module import Module
from checker.terraform.tree import Tree
from checker.terraform.values import FailedError, canonical, joined, json_pieces, known_text
from tests.terraform_modules import DATA, Memory, shown

LINES = (DATA / "functions.txt").read_text("utf-8").splitlines()[1:]
EXPRESSIONS = list(zip(LINES[::2], (line.strip() for line in LINES[1::2]), strict=True))


def value_of(text: str, more: str = "") -> Value:
    tree = Tree("", Memory({"main.tf": more.encode()}))
    expression, _ = BodyReader(text, "x.tf").expression(0, lines=False)
    return evaluate(expression, Module(tree, "").scope)


def json_of(value: Value) -> str:
    pieces = joined(tuple(json_pieces(value)))
    return "".join(p if isinstance(p, str) else f"<{p.expression}>" for p in pieces)


@pytest.mark.parametrize(("text", "expected"), EXPRESSIONS)
def test_a_known_expression_comes_to_what_terraform_makes_of_it(text: str, expected: str) -> None:
    assert json.loads(json_of(value_of(text))) == json.loads(expected)


UNKNOWN = """
variable "s" { type = string }
variable "l" { type = list(string) }
variable "b" { type = bool }
variable "any" {}
data "aws_caller_identity" "me" {}
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("var.s", "<var.s>"),
        ('"${var.s}"', "<var.s>"),
        ('"a-${var.s}"', "a-<var.s>"),
        ('format("a-%s", var.s)', "a-<var.s>"),
        ('join("-", ["a", var.s])', "a-<var.s>"),
        ('join(",", var.l)', '<join(",", var.l)>'),
        ("upper(var.s)", "<upper(var.s)>"),
        ('lower("A-${var.s}")', "a-<lower(var.s)>"),
        ("md5(  var.s )", "<md5(var.s)>"),
        ('concat(["a"], var.l)', "[a, <*var.l>]"),
        ('var.b ? "x" : "y"', "(var.b ? x : y)"),
        ('replace("X:${data.aws_caller_identity.me.id}:X", "X", "b")', "b:<AWS::AccountId>:b"),
        (
            'replace("1:${data.aws_caller_identity.me.id}", "1", "b")',
            '<replace("1:${AWS::AccountId}", "1", "b")>',
        ),
        ('replace("X${var.s}", "X", "b")', '<replace("X${var.s}", "X", "b")>'),
        ('"a-${var.s}" == null', "false"),
        ('"a-${var.s}" != ""', "true"),
        ("jsonencode({ a = var.s }) == null", "false"),
        ('"a-${var.s}" == "b-c"', "false"),
        ('"${var.s}-z" == "b-c"', "false"),
        ('"ab${var.s}ba" == "aba"', "false"),
        ('("a-${var.s}" == "a-b") ? 1 : 2', '("a-${var.s}" == "a-b" ? 1 : 2)'),
        ('("a-${var.s}" == "a-") ? 1 : 2', '("a-${var.s}" == "a-" ? 1 : 2)'),
        ("var.b ? 1 : 1", "1"),
        ('"${var.b ? "x" : "y"}z"', "(var.b ? xz : yz)"),
        ('var.s == "a" ? 1 : 2', '(var.s == "a" ? 1 : 2)'),
        ('"a" == var.s ? 1 : 2', '(var.s == "a" ? 1 : 2)'),
        ('var.s != "a" ? 2 : 1', '(var.s == "a" ? 1 : 2)'),
        ('var.s == "a" && var.s == "b" ? 1 : 2', "2"),
        ("!var.b ? 1 : 2", "(var.b ? 2 : 1)"),
        ("{ a = 1, b = 2 }[var.s]", '(var.s == "a" ? 1 : (var.s == "b" ? 2 : <*none[var.s]>))'),
        ("lookup({ a = 1 }, var.s, 3)", '(var.s == "a" ? 1 : 3)'),
        ('contains(["a"], var.s) ? 1 : 2', '(var.s == "a" ? 1 : 2)'),
        ("try(var.any.x, 1)", "(can(var.any.x) ? <*var.any.x> : 1)"),
        ('coalesce(var.s, "d")', '(has(var.s, "") ? <var.s> : d)'),
        ("[for x in var.l : upper(x)]", "[<*[for var.l: upper(var.l[each])]>]"),
        ("[for x in concat([1], var.l) : x]", "[1, <*[for var.l: var.l[each]]>]"),
        ("var.l[0]", "<var.l[0]>"),
        ("length(var.l) > 0 ? 1 : 2", "(length(var.l) > 0 ? 1 : 2)"),
        ('var.any["x"].arn', "<var.any.x.arn>"),
        ("[var.any][*].id", "[<var.any.id>]"),
        ("var.any.*.id", "<*var.any[*].id>"),
    ],
)
def test_what_is_not_known_goes_by_one_spelling(text: str, expected: str) -> None:
    assert shown(value_of(text, UNKNOWN)) == expected


@pytest.mark.parametrize(
    "texts",
    [
        ("var.any.x", 'var.any["x"]', '"${var.any.x}"', "( var.any\n.x )"),
        ('format("%s/%s", var.s, "a")', '"${var.s}/a"', 'join("/", [var.s, "a"])'),
        ("sha1( var.s )", "sha1(var.s)", "sha1(/* what */ var.s)"),
    ],
)
def test_two_ways_to_write_the_same_are_the_same(texts: tuple[str, ...]) -> None:
    assert len({canonical(value_of(text, UNKNOWN)) for text in texts}) == 1


@pytest.mark.parametrize(
    ("text", "problem", "line"),
    [
        ("a = ", "the text ends where a value should be", 1),
        ("a = [1, 2\nb = 3", "a `,` or `]` should be here", 2),
        ("a = { x = 1 y = 2 }", "a line end, `,` or `}` should be here", 1),
        ("a = 1 b = 2", "a line end should be here", 1),
        ('a = "x\ny"', "a line ends in a string", 1),
        ('a = "${x"', "a `}` is missing in a template", 1),
        ('a = "\\q"', "`\\q` is no escape in a string", 1),
        ("a = <<E\nx\n", "the heredoc `E` is never closed", 1),
        ("a = <<E\n%{ if x }\nE\n", "a directive of a template is never closed", 2),
        ("a = <<E\n%{ endif }\nE\n", "an `endif` without its beginning in a template", 2),
        ("a = x ? 1", "a `:` is missing after the first value of a conditional", 1),
        ("a = [for x of y : x]", "`in` should be here", 1),
        ('resource "a" "b" {\n', "a block `resource` is never closed", 1),
        ("?", "a block or an argument should be here", 1),
        ("a = " + "[" * 70, "more than 60 brackets inside each other", 1),
        ("a = " + "!" * 70 + "true", "too many operators in a row", 1),
    ],
)
def test_what_is_no_text_of_terraform_is_refused_at_its_line(
    text: str, problem: str, line: int
) -> None:
    (error,) = problems(text)
    assert (error.problem, error.at.start.line) == (problem, line)


def problems(text: str) -> list[PolicySyntaxError]:
    file = File(text, "x.tf")
    found = list(file.problems)
    if not found:
        try:
            BodyReader(text + "\n}", "x.tf").body(0, 9)
        except PolicySyntaxError as error:
            found.append(error)
    return found


def test_each_part_knows_its_place() -> None:
    text = 'a = ["é", /* 1 */ "two"] # x\r\nb = {\r\n  "one" = upper("x"),\r\n}\r\n'
    body, _ = BodyReader(text + "}", "x.tf").body(0, 9)
    scope = Module(Tree("", Memory({})), "").scope
    values = [evaluate(argument.value, scope) for argument in body.arguments]
    assert [*map(str, spans(values[0])), *map(str, spans(values[1]))] == [
        *("x.tf:1:5", "x.tf:1:6", "x.tf:1:19"),
        *("x.tf:2:5", "x.tf:3:3", "x.tf:3:11"),
    ]
    cut = [text.split("\n")[s.start.line - 1][s.start.column - 1 :] for s in spans(values[0])]
    assert [each[:3] for each in cut] == ['["é', '"é"', '"tw']


def spans(value: Value) -> Iterator[Span]:
    yield value.span
    if isinstance(value, Items):
        for each in value.values:
            yield from spans(each)
    elif isinstance(value, Record):
        for member in value.members:
            yield member.name.span
            yield from spans(member.value)


@pytest.mark.parametrize(
    "text",
    ["[1][5]", "{ a = 1 }.b", "null.x", "element([], 0)", "1 + true ? 1 : 2", "one([1, 2])"],
)
def test_what_terraform_refuses_is_a_failure_and_no_value(text: str) -> None:
    with pytest.raises(FailedError):
        value_of(text)


def test_what_a_replacement_has_made_is_looked_through_with_what_stands_beside_it() -> None:
    files = Memory({"p.txt": b"aXc\n", "main.tf": b""})
    scope = Module(Tree("", files), "").scope
    for written, expected in (
        ('replace(replace(file("p.txt"), "X", "b"), "c", "d")', "abd\n"),
        ('replace(replace(file("p.txt"), "X", "b"), "abc", "d")', None),
    ):
        expression, _ = BodyReader(written, "x.tf").expression(0, lines=False)
        assert known_text(evaluate(expression, scope)) == expected
