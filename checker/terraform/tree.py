"""What all calls of the modules of one root module share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from hashlib import sha256
from typing import Protocol

from checker.source.tree import Node
from checker.template.files import Files
from checker.terraform.folder import Folder, read_folder
from checker.terraform.instances import Instances
from checker.terraform.scope import Budget


class Planned(Protocol):
    """What a plan knows of the instances of a root module and all that it calls."""

    def instances(self, address: str, found: Instances) -> Instances:
        """Return the instances of a block that the plan has, for those that the source tells of."""
        ...

    def known(self, address: str) -> Mapping[str, Node]:
        """Return the attributes of an instance that the plan knows."""
        ...


class Defaults(Enum):
    """What the defaults of a root module's variables are taken for."""

    COUNT = "values"
    MAY_BE_SET = "values, where they leave nothing out"
    UNKNOWN = "no values"


@dataclass(slots=True)
class Tree:
    """One root module and all that it calls."""

    root: str
    files: Files
    read: dict[str, str] = field(default_factory=dict)  # files that functions read, by their hash
    defaults: Defaults = Defaults.COUNT
    is_off: bool = False  # whether a default leaves something out, or something else does
    has_used_defaults: bool = False
    budget: Budget = field(default_factory=Budget)
    folders: dict[str, Folder] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)  # addresses of policy documents that go somewhere
    planned: Planned | None = None

    def folder(self, path: str) -> Folder:
        """Return a folder, read once."""
        if path not in self.folders:
            self.folders[path] = read_folder(path, self.files)
        return self.folders[path]

    def content(self) -> str:
        """Return what all files say that have been read, for what depends on them somehow."""
        known = sha256()
        for path in sorted(self.folders):
            for place in self.folders[path].all_places():
                known.update(place.text.encode("utf-8", "replace"))
        return f"{known.hexdigest()} {sorted(self.read.items())}"
