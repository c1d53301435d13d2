"""Terraform's functions that read files, and those that read JSON and YAML."""

from __future__ import annotations

from checker.errors import PolicySyntaxError
from checker.source.places import quoted
from checker.source.tree import Scalar
from checker.source.yaml_reader import read_yaml
from checker.span import Span
from checker.template.value import Record, Unknown, Value
from checker.terraform.expressions import ExpressionReader
from checker.terraform.function_types import Evaluate, Function, NotKnownError, one, word
from checker.terraform.json_text import read_json_text
from checker.terraform.scope import Scope
from checker.terraform.syntax import Template, Text
from checker.terraform.templates import template_of_file
from checker.terraform.values import Encoded, FailedError, Written, from_node, known_text, pieces_of


def file_function(
    name: str, values: tuple[Value, ...], at: Span, scope: Scope, evaluate: Evaluate
) -> Value | None:
    """Return what a function that reads a file gives; None if that is not known.

    Errors: `FailedError` if there is no such file.
    """
    path = known_text(one(values, 0, at))
    if path is None or name in ("fileset", "templatestring"):
        return None
    found = scope.module.read_beside(path)
    if name == "fileexists":
        return Scalar(found is not None, at)
    if found is None:
        raise FailedError(f"the file {quoted(path)} cannot be read", at)
    if name == "file":
        return written(found[1], found[0])
    return _templatefile(found, one(values, 1, at), at, scope, evaluate)


def _templatefile(
    found: tuple[str, str], variables: Value, at: Span, scope: Scope, evaluate: Evaluate
) -> Value | None:
    if not isinstance(variables, Record):
        if isinstance(variables, Unknown):
            return None
        raise FailedError("the variables of a template are an object", at)
    names = {str(m.name.value): m.value for m in variables.members if isinstance(m.name, Scalar)}
    try:
        whole = template_of_file(ExpressionReader(found[1], found[0]))
    except PolicySyntaxError as error:
        raise FailedError(error.problem, error.at) from None
    inner = Scope(scope.module, scope.budget, names)
    if isinstance(whole, Template) and all(isinstance(part, Text) for part in whole.parts):
        return written("".join(p.text for p in whole.parts if isinstance(p, Text)), found[0])
    with scope.budget.deeper(at):
        return evaluate(whole, inner)


def written(text: str, path: str) -> Value:
    """Return the text of a file, each line with its place."""
    pieces = text.splitlines(keepends=True)
    reader = ExpressionReader(text, path).places
    places: list[tuple[Span, bool]] = []
    start = 0
    for piece in pieces:
        places.append((reader.span(start, start + len(piece)), True))
        start += len(piece)
    return Written(tuple(pieces), reader.span(0, len(text)), tuple(places))


def _jsondecode(values: tuple[Value, ...], at: Span) -> Value:
    value = one(values, 0, at)
    if isinstance(value, Encoded):
        return value.value
    pieces = pieces_of(value)
    if pieces is None:
        raise FailedError("a text should be here", at)
    if not any(isinstance(piece, str) and piece.strip() for piece in pieces):
        raise NotKnownError
    try:
        return read_json_text(pieces, value)
    except PolicySyntaxError as error:
        raise FailedError(error.problem, at) from None


def _yamldecode(values: tuple[Value, ...], at: Span) -> Value:
    value = one(values, 0, at)
    if isinstance(value, Encoded):
        return value.value
    is_file = isinstance(value, Written) and _is_whole_file(value)
    try:
        documents = read_yaml(word(value), value.span.path if is_file else at.path)
    except PolicySyntaxError as error:
        raise FailedError(error.problem, error.at if is_file else at) from None
    if len(documents) != 1:
        raise NotKnownError
    return from_node(documents[0], None if is_file else at)


def _is_whole_file(text: Written) -> bool:
    """Whether a text is a file from its first line on, as it stands there."""
    path = text.span.path
    is_there = all(exact and place.path == path for place, exact in text.places)
    return is_there and (text.span.start.line, text.span.start.column) == (1, 1)


DECODERS = {"jsondecode": Function(_jsondecode), "yamldecode": Function(_yamldecode)}
