"""What tells one call of a remote module from a call with other arguments, and a block from another.

The outputs of a module may be anything, so that other arguments may give other lists, policies and conditions.
Of an output that is one text in a longer one, such as a name in an ARN, it counts which it is: that
is the name of one thing before and after, as the names and ARNs of resources are.
"""

from __future__ import annotations

import re
from dataclasses import replace
from hashlib import sha256
from typing import Final

from checker.template.value import Unknown

_QUOTED_OR_ASKED: Final = re.compile(r'"(?:[^"\\]|\\.)*+"|#[0-9a-f]{16}(?=[.\[])')


def told_apart(call: str) -> str:
    """Return what stands in the expression of an output for the text of its call."""
    return f"#{sha256(call.encode('utf-8', 'replace')).hexdigest()[:16]}"


def one_text(piece: Unknown) -> Unknown:
    """Return an unknown text, whatever the calls of remote modules in it are given."""
    expression = unasked(piece.expression)
    return piece if expression == piece.expression else replace(piece, expression=expression)


def unasked(expression: str) -> str:
    """Return an expression without what tells calls and blocks apart from others."""
    if "#" not in expression:
        return expression
    return _QUOTED_OR_ASKED.sub(lambda m: "" if m[0].startswith("#") else m[0], expression)
