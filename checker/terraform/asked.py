"""What tells one call of a remote module from a call with other arguments.

Its outputs may be anything, so that other arguments may give other lists, policies and conditions.
Of an output that is one text in a longer one, such as a name in an ARN, it counts which it is: that
is the name of one thing before and after, as the names and ARNs of resources are.
"""

from __future__ import annotations

import re
from dataclasses import replace
from hashlib import sha256
from typing import Final

from checker.template.value import Unknown

_QUOTED_OR_ASKED: Final = re.compile(r'"(?:[^"\\]|\\.)*+"|#[0-9a-f]{16}(?=\.)')


def told_apart(call: str) -> str:
    """Return what stands in the expression of an output for the text of its call."""
    return f"#{sha256(call.encode('utf-8', 'replace')).hexdigest()[:16]}"


def one_text(piece: Unknown) -> Unknown:
    """Return an unknown text, whatever the calls of remote modules in it are given."""
    if "#" not in piece.expression:
        return piece
    expression = _QUOTED_OR_ASKED.sub(_unasked, piece.expression)
    return replace(piece, expression=expression)


def _unasked(found: re.Match[str]) -> str:
    return "" if found[0].startswith("#") else found[0]
