"""What stands in a template once and is meant several times, or stands in another file."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from checker.cloudformation.calls import call, text_of, written_as
from checker.cloudformation.texts import plain
from checker.cloudformation.trouble import NotFollowedError
from checker.errors import PolicySyntaxError
from checker.source.json_reader import read_json
from checker.source.places import quoted
from checker.source.tree import Entry, Mapping, Node, Scalar, Sequence
from checker.source.yaml_reader import read_yaml
from checker.template.value import Choice, Items, Unknown

if TYPE_CHECKING:
    from checker.cloudformation.resolve import Resolver

_LOOP: Final = "Fn::ForEach::"
_TRANSFORM: Final = ("Fn::Transform", "!Transform")
_MOST_INCLUDED: Final = 10  # files inside each other
_FILE: Final = 1_000  # steps that it takes to read one


def is_made(entry: Entry) -> bool:
    """Whether a member stands for others."""
    return entry.name.startswith(_LOOP) or entry.name in _TRANSFORM


def entries(node: Mapping, to: Resolver) -> Iterator[Entry]:
    """Yield the members of an object, those that loops and included files stand for as well."""
    for entry in node.entries:
        if entry.name.startswith(_LOOP):
            for body in _bodies(entry, to):
                yield from entries(body, to)
        elif entry.name in _TRANSFORM:
            brought = included(entry.value, to)
            if not isinstance(brought, Mapping):
                raise NotFollowedError("an included file holds no object")
            yield from entries(brought, to)
        else:
            yield entry


def _bodies(entry: Entry, to: Resolver) -> Iterator[Mapping]:
    """Yield what a loop stands for, once for each item of its collection."""
    loop = quoted(entry.name)
    match entry.value:
        case Sequence((Scalar(str(name)), collection, Mapping() as body)):
            pass
        case _:
            raise NotFollowedError(f"the loop {loop} is not a name, a list and an object")
    found = to.value(collection)
    items = found.values if isinstance(found, Items) else (found,)
    texts = [plain(item) for item in items]
    if any(isinstance(item, Unknown | Choice) for item in items) or None in texts:
        raise NotFollowedError(
            f"the loop {loop} runs over a list that is only known at deployment",
            "give the list's parameter a default",
        )
    for text in texts:
        made = _with(body, name, text or "", to)
        if isinstance(made, Mapping):
            yield made


def _with(node: Node, name: str, text: str, to: Resolver) -> Node:
    """Return a node with the value of a loop's identifier in place of its name."""
    to.template.budget.spend()
    match node:
        case Scalar(str(written), span):
            return Scalar(_put(written, name, text), span)
        case Scalar():
            return node
        case Sequence(items, span):
            return Sequence(tuple([_with(item, name, text, to) for item in items]), span)
        case Mapping(members, span):
            found = call(node)
            if found and found.name == "Ref" and text_of(found.argument) == name:
                return Scalar(text, span)
            return Mapping(
                tuple(
                    Entry(
                        Scalar(_put(each.name, name, text), each.key.span),
                        _with(each.value, name, text, to),
                    )
                    for each in members
                ),
                span,
            )


def _put(written: str, name: str, text: str) -> str:
    bare = re.sub(r"[^A-Za-z0-9]", "", text)
    return written.replace(f"${{{name}}}", text).replace(f"&{{{name}}}", bare)


def included(argument: Node, to: Resolver) -> Node:
    """Return what a transform brings in: the content of a file in the repository."""
    name = argument.get("Name") if isinstance(argument, Mapping) else None
    given = argument.get("Parameters") if isinstance(argument, Mapping) else None
    location = given.get("Location") if isinstance(given, Mapping) else None
    if text_of(name) != "AWS::Include" or location is None:
        raise NotFollowedError(f"the macro {quoted(text_of(name) or '')} rewrites it at deployment")
    place = plain(to.value(location))
    if place is None or "://" in place:
        shown = quoted(place or written_as(location))
        raise NotFollowedError(f"it includes {shown}, which is not in the repository")
    path = beside(to.template.path, place)
    return read_file(path, to)


def beside(path: str, place: str) -> str:
    """Return the path of a file that another file names, from the root of the repository."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), place))


def read_file(path: str, to: Resolver) -> Node:
    """Return the content of another file of the same commit."""
    to.template.budget.spend(_FILE)
    if len(to.inside) >= _MOST_INCLUDED or path in (*to.inside, to.template.path):
        raise NotFollowedError(f"the file {quoted(path)} includes itself")
    data = None if path.startswith(("..", "/")) else to.template.files.read(path)
    if data is None:
        raise NotFollowedError(f"the file {quoted(path)} is not in the repository")
    text = data.decode("utf-8", "replace")
    try:
        if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
            return read_json(text, path)
        documents = read_yaml(text, path)
    except PolicySyntaxError as error:
        raise NotFollowedError(f"the file {quoted(path)} cannot be read: {error.problem}") from None
    if len(documents) != 1:
        raise NotFollowedError(f"the file {quoted(path)} holds no single document")
    return documents[0]
