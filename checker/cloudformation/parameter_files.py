"""Files with the values of a template's parameters, in the forms that deploying tools take.

A list of objects with `ParameterKey` and `ParameterValue` (the AWS command line), an object under
`Parameters` (pipelines, `template configuration`), or a plain object of names and values.
"""

from __future__ import annotations

from collections.abc import Iterator

from checker.cloudformation.texts import written
from checker.errors import PolicySyntaxError
from checker.source.documents import tree_of
from checker.source.places import quoted
from checker.source.tree import Mapping, Node, Scalar, Sequence
from checker.span import whole_file


def parameters_in(data: bytes | None, path: str) -> dict[str, Scalar]:
    """Return the values by the names of the parameters.

    Errors: `PolicySyntaxError`.
    """
    if data is None:
        raise PolicySyntaxError(f"there is no file {quoted(path)}", whole_file(path))
    try:
        root = tree_of(data.decode("utf-8-sig"), path)
    except UnicodeDecodeError:
        raise PolicySyntaxError("the file is not UTF-8 text", whole_file(path)) from None
    inner = root.get("Parameters") if isinstance(root, Mapping) else None
    return dict(_pairs(inner if inner is not None else root))


def _pairs(node: Node) -> Iterator[tuple[str, Scalar]]:
    match node:
        case Mapping(entries):
            for entry in entries:
                yield entry.name, _text(entry.value)
        case Sequence(items):
            for item in items:
                name = item.get("ParameterKey") if isinstance(item, Mapping) else None
                value = item.get("ParameterValue") if isinstance(item, Mapping) else None
                if not isinstance(name, Scalar) or value is None:
                    problem = "a parameter has no `ParameterKey` and `ParameterValue`"
                    raise PolicySyntaxError(problem, item.span)
                yield str(name.value), _text(value)
        case Scalar():
            raise PolicySyntaxError("the file holds no parameters", node.span)


def _text(node: Node) -> Scalar:
    """Return a value as the text that the service gets; a list is joined by commas."""
    if isinstance(node, Sequence):
        return Scalar(",".join(str(_text(item).value) for item in node.items), node.span)
    if isinstance(node, Scalar):
        return Scalar(written(node), node.span)
    raise PolicySyntaxError("the value of a parameter is a text or a list of texts", node.span)
