"""Paths of a repository: `/` between names, relative to its root."""

from __future__ import annotations

import posixpath

VARIABLES = (".tfvars", ".tfvars.json")
ENDINGS = (".tf", ".tofu", ".tf.json", ".tofu.json")
"""Of the names of source files."""


def is_terraform(path: str) -> bool:
    """Whether a file is Terraform's or OpenTofu's source."""
    return path.endswith(ENDINGS)


def is_left_out(path: str) -> bool:
    """Whether Terraform leaves a source file out for its name, which hides it."""
    return path.rpartition("/")[2].startswith(".")


def of_opentofu(path: str) -> str:
    """Return the source file that OpenTofu reads in place of one, where that is there."""
    if path.endswith(".tf"):
        return f"{path[:-3]}.tofu"
    return f"{path[:-8]}.tofu.json" if path.endswith(".tf.json") else path


def is_override(path: str) -> bool:
    """Whether a file changes blocks of the other files."""
    name = path.rpartition("/")[2].removesuffix(".json").rpartition(".")[0]
    return name == "override" or name.endswith("_override")


def within(folder: str, path: str) -> str | None:
    """Return a path that is written relative to a folder; None if it leaves the repository."""
    if path.startswith("/"):
        return None
    whole = posixpath.normpath(posixpath.join(folder, path))
    if whole == ".." or whole.startswith("../"):
        return None
    return "" if whole == "." else whole


def relative(folder: str, root: str) -> str:
    """Return how a folder is called from the folder of a root module."""
    return posixpath.relpath(folder or ".", root or ".")
