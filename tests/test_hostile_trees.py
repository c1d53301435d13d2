"""Trees that name themselves again and again."""

from __future__ import annotations

import pytest

from checker.source.changes import differences
from checker.source.git import GitSource
from tests.repository import Repository


def test_a_tree_is_read_once_however_often_it_is_named(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = repository.commit({"a": "x"})
    tree = repository.tree(("100644", "blob", repository.blob("x"), b"a"))
    for _ in range(12):
        tree = repository.tree(*(("040000", "tree", tree, name) for name in (b"a", b"b")))
    asked: list[str] = []
    read = GitSource.tree

    def counted(source: GitSource, tree_id: str) -> object:
        asked.append(tree_id)
        return read(source, tree_id)

    monkeypatch.setattr(GitSource, "tree", counted)
    with GitSource(repository.folder) as source:
        found = list(differences(source, source.commit(base).tree, tree))
    assert len(found) == 2**12 + 1
    assert len(asked) <= 14
