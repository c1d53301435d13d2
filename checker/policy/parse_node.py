"""What the parsers of a policy ask of a node, and how they refuse one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from checker.errors import PolicySyntaxError
from checker.source import places
from checker.source.tree import Mapping, Node, Number, Scalar, Sequence

_LONGEST_QUOTE = 120  # an ARN is rarely longer, and half of one helps nobody


def quoted(text: str) -> str:
    """Return a user's text in backticks, on one line and not too long."""
    return places.quoted(text, _LONGEST_QUOTE)


def did_you_mean(text: str, known: Iterable[str]) -> str:
    """Return a hint that names the likeliest word of `known`, or no hint."""
    by_lower = {name.lower(): name for name in known}
    near = get_close_matches(text.lower(), by_lower, n=1)
    return f"did you mean `{by_lower[near[0]]}`?" if near else ""


def mapping(node: Node, what: str, of: str = "") -> Mapping:
    """Return the node as an object; `what` names it in the message, with the text `of` quoted."""
    if not isinstance(node, Mapping):
        raise PolicySyntaxError(f"{_named(what, of)} must be an object", node.span)
    return node


def _named(what: str, of: str) -> str:
    return f"{what} {quoted(of)}" if of else what


def items(node: Node) -> tuple[Node, ...]:
    """Return the items of a list; anything else stands for a list of one."""
    return node.items if isinstance(node, Sequence) else (node,)


def text(node: Node, what: str) -> str:
    """Return the node as a string; `what` names it in the message."""
    if isinstance(node, Scalar) and isinstance(node.value, str):
        return _readable(node.value, node)
    raise PolicySyntaxError(f"{what} must be a string", node.span)


def _readable(written: str, node: Node) -> str:
    """Return a text of a policy; none that AWS takes holds U+0000, which no wildcard matches here."""
    if "\0" in written:
        raise PolicySyntaxError("a text holds the character U+0000", node.span)
    return written


def loose_text(node: Node, what: str, of: str = "") -> str:
    """Return the text of a string, or of a number or truth value written without quotes."""
    match node:
        case Scalar(bool() as value):
            return "true" if value else "false"
        case Scalar(Number(written)):
            return written
        case Scalar(str() as written):
            return _readable(written, node)
        case _:
            problem = (
                f"{_named(what, of)} must be a string, a number, a truth value or a list of these"
            )
            raise PolicySyntaxError(problem, node.span)
