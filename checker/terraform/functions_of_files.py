"""Terraform's functions that read files, and those that read JSON and YAML."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from hashlib import sha256
from itertools import takewhile

from checker.errors import PolicySyntaxError
from checker.source.places import quoted
from checker.source.tree import Scalar
from checker.source.yaml_reader import read_yaml
from checker.span import Span
from checker.template.value import Record, Unknown, Value
from checker.terraform.access import MOST_KEYS, equals
from checker.terraform.expressions import ExpressionReader
from checker.terraform.file_patterns import NotUnderstoodError, expression_of, is_plain
from checker.terraform.function_types import Evaluate, Function, NotKnownError, one, word
from checker.terraform.json_text import read_json_text
from checker.terraform.lifting import choice
from checker.terraform.scope import UNKNOWN_PART, Scope
from checker.terraform.templates import template_of_file
from checker.terraform.values import (
    Encoded,
    FailedError,
    Piece,
    Set,
    Written,
    canonical,
    first_broken,
    from_node,
    known_text,
    pieces_of,
    text,
    unknown,
    whether,
)


def file_function(
    name: str, values: tuple[Value, ...], at: Span, scope: Scope, evaluate: Evaluate
) -> Value | None:
    """Return what a function that reads files gives; None if that is not known.

    Errors: `FailedError` if there is no such file.
    """
    if broken := first_broken(values):
        return broken
    if name == "templatestring":
        return None
    if name == "fileset":
        return _fileset(values, at, scope)
    pieces = pieces_of(one(values, 0, at))
    if pieces is None:
        raise FailedError("the name of a file is a text", at)
    path = known_text(values[0])
    if path is None:
        return _some_file(name, pieces, values, at, scope, evaluate)
    if name == "fileexists":
        return _exists(path, at, scope)
    found = scope.module.read_beside(path)
    if found is None:
        raise FailedError(f"the file {quoted(path)} cannot be read", at)
    if name == "file":
        return written(found[1], found[0])
    if name == "templatefile":
        return _templatefile(found, one(values, 1, at), at, scope, evaluate)
    return unknown(f"{name}({canonical(values[0])}{_digest(found[1])})", at, many=False)


def _digest(*texts: str) -> str:
    """Return what tells texts apart from others, to stand in an expression."""
    known = sha256()
    for each in texts:
        known.update(each.encode("utf-8", "replace"))
        known.update(b"\0")
    return f"#{known.hexdigest()[:16]}"


def _some_file(
    name: str,
    pieces: tuple[Piece, ...],
    values: tuple[Value, ...],
    at: Span,
    scope: Scope,
    evaluate: Evaluate,
) -> Value:
    """Return what a file of a partly unknown name gives: one of those that there are."""
    parts = [piece for piece in pieces if isinstance(piece, Unknown)]
    wanted = "".join(piece if isinstance(piece, str) else UNKNOWN_PART for piece in pieces)
    found = scope.module.files_like(wanted)
    shown = canonical(values[0])
    if len(parts) != 1 or len(found) > MOST_KEYS:
        texts = [read[1] for path, _ in found if (read := scope.module.read_beside(path))]
        return unknown(f"{name}({shown}{_digest(*texts)})", at, many=False)
    value: Value = unknown(f"{name}(none[{shown}])", at, many=False)
    for path, (part, *_) in reversed(found):
        one_of_them = (text(path, at), *values[1:])
        made = file_function(name, one_of_them, at, scope, evaluate)
        if made is not None:
            value = choice(equals(parts[0].expression, part), made, value, at)
    return value


def _exists(path: str, at: Span, scope: Scope) -> Value:
    """Return whether there is a file; nobody knows that of one outside of the repository."""
    if scope.module.read_beside(path) or scope.module.files_like(path):
        return Scalar(True, at)  # noqa: FBT003
    if _is_outside(posixpath.normpath(path), scope):
        return whether(f"fileexists({quoted(path)})", at)
    return Scalar(False, at)  # noqa: FBT003


def _is_outside(path: str, scope: Scope) -> bool:
    """Whether a path leads out of the repository; the module's own files are in it."""
    return path.startswith("/") or not scope.module.files_like(_upwards(path) + UNKNOWN_PART)


def _upwards(path: str) -> str:
    return "../" * path.split("/").count("..")


def _fileset(values: tuple[Value, ...], at: Span, scope: Scope) -> Value:
    """Return the names of the files in a folder that a pattern matches, in order."""
    folder, pattern = known_text(one(values, 0, at)), known_text(one(values, 1, at))
    shown = ", ".join(map(canonical, values))
    if folder is not None and pattern is not None:
        whole = posixpath.normpath(f"{folder or '.'}/{pattern}")
        if _is_outside(whole, scope):
            return unknown(f"fileset({shown})", at)
        try:
            names = _matching(whole, scope)
        except NotUnderstoodError:
            pass
        else:
            inside = (posixpath.relpath(name, folder or ".") for name in names)
            return Set(tuple([text(name, at) for name in sorted(inside)]), at)
    found = scope.module.files_like(_upwards(shown.replace('"', "/")) + UNKNOWN_PART)
    return unknown(f"fileset({shown}{_digest(*(path for path, _ in found))})", at)


def _matching(pattern: str, scope: Scope) -> list[str]:
    """Return the files that a pattern matches, which begins in the folder of the module."""
    matches = re.compile(expression_of(pattern)).fullmatch
    plain = "".join(f"{name}/" for name in takewhile(is_plain, pattern.split("/")[:-1]))
    found = scope.module.files_like(plain + UNKNOWN_PART)
    return [name for _, (part, *_) in found if matches(name := plain + part)]


def _templatefile(
    found: tuple[str, str], variables: Value, at: Span, scope: Scope, evaluate: Evaluate
) -> Value | None:
    if not isinstance(variables, Record):
        if isinstance(variables, Unknown):
            shown = f"{found[0]}{_digest(found[1])}, {variables.expression}"
            return unknown(f"templatefile({shown})", at, many=False)
        raise FailedError("the variables of a template are an object", at)
    names = {str(m.name.value): m.value for m in variables.members if isinstance(m.name, Scalar)}
    return rendered(ExpressionReader(found[1], found[0]), names, at, scope, evaluate)


def rendered(
    reader: ExpressionReader,
    names: Mapping[str, Value],
    at: Span,
    scope: Scope,
    evaluate: Evaluate,
) -> Value:
    """Return what a template comes to with values for its names.

    Errors: `FailedError`.
    """
    try:
        whole = template_of_file(reader)
    except PolicySyntaxError as error:
        raise FailedError(error.problem, error.at) from None
    inner = Scope(scope.module, scope.budget, names)
    with scope.budget.deeper(at):
        return evaluate(whole, inner)


def written(content: str, path: str) -> Value:
    """Return the text of a file, each line with its place."""
    pieces = re.findall(r"[^\n]*\n|[^\n]+", content)
    reader = ExpressionReader(content, path).places
    places: list[tuple[Span, bool]] = []
    start = 0
    for piece in pieces:
        places.append((reader.span(start, start + len(piece)), True))
        start += len(piece)
    return Written(tuple(pieces), reader.span(0, len(content)), tuple(places))


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
    is_file = isinstance(value, Written) and is_whole_file(value)
    try:
        documents = read_yaml(word(value), value.span.path if is_file else at.path)
    except PolicySyntaxError as error:
        raise FailedError(error.problem, error.at if is_file else at) from None
    if len(documents) != 1:
        raise NotKnownError
    return from_node(documents[0], None if is_file else at)


def is_whole_file(text: Written) -> bool:
    """Whether a text is a file from its first line on, as it stands there."""
    path = text.span.path
    is_there = all(exact and place.path == path for place, exact in text.places)
    return is_there and (text.span.start.line, text.span.start.column) == (1, 1)


DECODERS = {"jsondecode": Function(_jsondecode), "yamldecode": Function(_yamldecode)}
