"""Answers of the fake GitHub about commits, trees and blobs."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Any, TypeAlias

from tests.github_description import like
from tests.github_objects import AnyObjects

Json: TypeAlias = Any
Answer: TypeAlias = tuple[int, Json]


def said(message: str, errors: list[str] | None = None) -> Json:
    """Return an error as GitHub words it."""
    body: Json = {"message": message, "documentation_url": "https://docs.github.com/rest"}
    return body | ({"errors": errors} if errors else {})


@dataclass(frozen=True)
class Reads:
    """One repository's objects; `most_entries` of a recursive tree are shown, the rest cut."""

    objects: AnyObjects
    name: str
    url: str
    most_entries: int

    def repository(self, _: Json) -> Answer:
        return 200, like("full-repository", full_name=self.name, default_branch="main")

    def named_commit(self, ref: str, _: Json) -> Answer:
        sha = self.objects.named(ref)
        if sha is None:
            return 422, said(f"No commit found for SHA: {ref}")
        return 200, self._long_commit(sha)

    def _long_commit(self, sha: str) -> Json:
        tree, parents = self.objects.commit(sha) or ("0" * 40, ())
        listed = [{"sha": parent, "url": f"{self.url}/x"} for parent in parents]
        return like("commit", sha=sha, commit={"tree": {"sha": tree}}, parents=listed)

    def compare(self, one: str, other: str, _: Json) -> Answer:
        base = self.objects.merge_base(one, other)
        head = self.objects.named(other)
        start = self.objects.named(one)
        if base is None or head is None or start is None:
            return 404, said("Not Found")
        made = like("commit-comparison", commits=[self._long_commit(head)])
        return 200, made | {
            "base_commit": self._long_commit(start),
            "merge_base_commit": self._long_commit(base),
        }

    def commit(self, sha: str, _: Json) -> Answer:
        found = self.objects.commit(sha) if re.fullmatch(r"[0-9a-f]{40,64}", sha) else None
        if found is None:
            return 404, said("Not Found")
        parents = [
            {"sha": p, "url": f"{self.url}/x", "html_url": f"{self.url}/x"} for p in found[1]
        ]
        return 200, like("git-commit", sha=sha, tree={"sha": found[0]}, parents=parents)

    def tree(self, sha: str, query: Json) -> Answer:
        entries = self.objects.tree(sha, recursive="recursive" in query)
        if entries is None:
            return 404, said("Not Found")
        shown = [
            {"path": each.path, "mode": each.mode, "type": each.type, "sha": each.sha}
            | ({"size": each.size} if each.size is not None else {})
            for each in entries[: self.most_entries]
        ]
        return 200, like("git-tree", sha=sha, tree=shown, truncated=len(entries) > len(shown))

    def blob(self, sha: str, _: Json) -> Answer:
        content = self.objects.blob(sha)
        if content is None:
            return 404, said("Not Found")
        text = base64.encodebytes(content).decode()
        return 200, like("blob", sha=sha, size=len(content), content=text, encoding="base64")
