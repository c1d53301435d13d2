"""The files of a repository that functions of a root module name."""

from __future__ import annotations

import re
from hashlib import sha256

from checker.source.symbols import is_reserved
from checker.template.files import AllFiles
from checker.terraform.paths import relative, within
from checker.terraform.scope import UNKNOWN_PART
from checker.terraform.tree import Tree


def files_like(tree: Tree, path: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return the files whose path is like one with unknown parts, and what these are."""
    wanted = within(tree.root, path)
    if wanted is None or not isinstance(tree.files, AllFiles):
        return []
    pattern = re.compile("(.*)".join(map(re.escape, wanted.split(UNKNOWN_PART))))
    found = ((name, pattern.fullmatch(name)) for name in sorted(tree.files.everything()))
    return [(f"{relative('', tree.root)}/{name}", match.groups()) for name, match in found if match]


def read_beside(tree: Tree, path: str) -> tuple[str, str] | None:
    """Return the path in the repository and the text of a file; None for what is no text."""
    found = within(tree.root, path)
    content = tree.files.read(found) if found else None
    if content is None or found is None:
        return None
    tree.read[found] = sha256(content).hexdigest()
    try:
        decoded = content.decode()
    except UnicodeDecodeError:
        return None
    return None if is_reserved(decoded) else (found, decoded.removeprefix("\ufeff"))
