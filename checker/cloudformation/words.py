"""What a document is to its resource, in a reader's words."""

from __future__ import annotations

import re
from typing import Final

from checker.source.places import quoted

_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+")
_PLAIN: Final = frozenset({"Policy", "PolicyDocument", "PolicyText", "Content"})


def holds(kind: str, resource_type: str, path: tuple[str, ...], name: str) -> str:
    """Return what the document at a path of a resource's properties is; no path is all of them."""
    thing = _spaced(resource_type.rpartition("::")[2])
    if kind == "trust":
        return "the trust policy"
    if not path:
        return f"the {thing}"
    if path[0] == "Policies":
        return f"the policy {quoted(name)} of the {thing}" if name else f"a policy of the {thing}"
    last = path[-1] if path[-1] != "*" else path[-2]
    if last not in _PLAIN:
        return f"the {_spaced(last).removesuffix(' document').removesuffix(' text')}"
    return f"the {thing}" if thing.endswith("policy") else f"the policy of the {thing}"


def _spaced(name: str) -> str:
    """Return `BucketPolicy` as `bucket policy`."""
    words = _WORDS.findall(name)
    return " ".join(w if w.isupper() and len(w) > 1 else w.lower() for w in words) or name
