"""Two commits of real repositories, read through git and through GitHub's API: one answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.errors import SourceError
from checker.github.client import connected
from checker.github.reading import ApiSource
from checker.source import changes, git_objects
from checker.source.changes import (
    ChangedFile,
    Commit,
    Source,
    TooLargeError,
    TreeEntry,
    UnreadFile,
    changed_files,
    differences,
    file_at,
    shown,
)
from checker.source.commit_files import CommitFiles
from checker.source.git import GitSource
from checker.source.globs import globs
from checker.source.renames import renames
from checker.source.trees import Trees
from tests.effort import steps
from tests.github_objects import GitObjects
from tests.github_server import TOKEN, Failure, FakeGitHub, serving
from tests.repository import Repository

WANTED = globs().matches


def policy(*actions: str, bucket: str = "reports") -> str:
    statement = {"Effect": "Allow", "Action": actions, "Resource": f"arn:aws:s3:::{bucket}/*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)


@pytest.fixture
def fake(repository: Repository) -> Iterator[FakeGitHub]:
    with serving(FakeGitHub(objects=GitObjects(repository.folder))) as served:
        yield served
        assert not [each for each in served.violations if not each.startswith("200 to ")]


@pytest.fixture(params=["git", "api", "api, truncated"])
def source(request: pytest.FixtureRequest, repository: Repository) -> Iterator[Source]:
    """Yield each way to read the repository."""
    if request.param == "git":
        with GitSource(repository.folder) as local:
            yield local
        return
    served = request.getfixturevalue("fake")
    assert isinstance(served, FakeGitHub)
    served.most_entries = 100_000 if request.param == "api" else 6
    with connected(TOKEN, served.url, pause=0) as client:
        yield ApiSource(client.requester, served.repository)


Changes = tuple[ChangedFile | UnreadFile, ...]


def changed(source: Source, base: str, head: str) -> Changes:
    return changed_files(source, source.commit(base), source.commit(head), WANTED)


def test_added_changed_deleted_and_untouched(source: Source, repository: Repository) -> None:
    base = repository.commit(
        {"a.json": "1", "iam/b.yml": "2", "iam/deep/c.yaml": "3", "x/same.json": "4", "README": "5"}
    )
    head = repository.commit({"a.json": "6", "iam/b.yml": None, "y/new.json": "7", "README": "8"})
    assert changed(source, base, head) == (
        ChangedFile("a.json", "a.json", b"1", b"6"),
        ChangedFile("iam/b.yml", "iam/b.yml", b"2", None),
        ChangedFile("y/new.json", "y/new.json", None, b"7"),
    )
    assert changed(source, base, base) == ()


def test_only_the_mode_changes(source: Source, repository: Repository) -> None:
    base = repository.commit({"a.json": "1"})
    (repository.folder / "a.json").chmod(0o755)
    assert changed(source, base, repository.commit({})) == (
        ChangedFile("a.json", "a.json", b"1", b"1"),
    )


def test_a_renamed_file_is_one_file(source: Source, repository: Repository) -> None:
    old = policy("s3:GetObject")
    base = repository.commit({"old/moved.json": old, "old/edited.json": policy("sqs:Send")})
    head = repository.commit(
        {
            "old/moved.json": None,
            "new/moved.json": old,
            "old/edited.json": None,
            "new/other.json": policy("sqs:Send", "sqs:Receive"),
            "new/third.json": policy("ec2:RunInstances", bucket="elsewhere"),
        }
    )
    assert [(file.path, file.base_path) for file in changed(source, base, head)
            if isinstance(file, ChangedFile)] == [
        ("new/moved.json", "old/moved.json"),
        ("new/other.json", "old/edited.json"),
        ("new/third.json", "new/third.json"),
    ]  # fmt: skip


def test_links_are_reported_and_never_followed(source: Source, repository: Repository) -> None:
    base = repository.commit({"was.json": "1", "dir/in.json": "2", "secret": "3", "kept.json": "4"})
    repository.commit({"was.json": None, "dir/in.json": None})
    (repository.folder / "dir").rmdir()
    (repository.folder / "was.json").symlink_to("secret")
    (repository.folder / "dir").symlink_to("/etc")
    (repository.folder / "new.json").symlink_to("secret")
    (repository.folder / "other").symlink_to("secret")
    head = repository.commit({})
    why = "is a symbolic link, which is never followed"
    assert changed(source, base, head) == (
        UnreadFile("dir", why, was_file=True),
        ChangedFile("dir/in.json", "dir/in.json", b"2", None),
        UnreadFile("new.json", why, was_file=False),
        UnreadFile("was.json", why, was_file=True),
    )
    assert changed(source, head, base) == (
        ChangedFile("dir/in.json", "dir/in.json", None, b"2"),
        ChangedFile("was.json", "was.json", None, b"1"),
    )


def test_submodules_are_reported(source: Source, repository: Repository) -> None:
    base = repository.commit({"was.json": "1"})
    tree = repository.tree(
        ("160000", "commit", "1" * 40, b"sub.json"),
        ("160000", "commit", "2" * 40, b"vendor"),
        ("160000", "commit", "3" * 40, b"was.json"),
    )
    head = repository.git("commit-tree", tree, "-p", base, "-m", "x")
    why = "is a submodule, which is never followed"
    assert changed(source, base, head) == (
        UnreadFile("sub.json", why, was_file=False),
        UnreadFile("was.json", why, was_file=True),
    )


def test_a_file_becomes_a_folder_and_back(source: Source, repository: Repository) -> None:
    base = repository.commit({"a.json": "1"})
    middle = repository.commit({"a.json": None})
    head = repository.commit({"a.json/b.json": "2"})
    assert middle != head
    there = (
        ChangedFile("a.json", "a.json", b"1", None),
        ChangedFile("a.json/b.json", "a.json/b.json", None, b"2"),
    )
    assert changed(source, base, head) == there
    assert [file.path for file in changed(source, head, base)] == ["a.json", "a.json/b.json"]


def test_odd_names(source: Source, repository: Repository) -> None:
    names = ["new\nline.json", "`tick`.json", "a|b.json", 'quo"te.json', "-x.json", "é😀.json",
             "back\\slash.json", "a,b:c%0A.json", "::error::.json", " .json"]  # fmt: skip
    base = repository.commit({})
    blob = repository.blob("1")
    half = [
        repository.tree(*(("100644", "blob", blob, name.encode()) for name in part))
        for part in (names[:5], names[5:])
    ]
    tree = repository.tree(("040000", "tree", half[0], b"a\nb"), ("040000", "tree", half[1], b"-"))
    head = repository.git("commit-tree", tree, "-p", base, "-m", "x")
    assert [file.path for file in changed(source, base, head)] == sorted(
        [f"a\nb/{name}" for name in names[:5]] + [f"-/{name}" for name in names[5:]]
    )


def test_a_name_that_is_not_utf8_is_shown(repository: Repository) -> None:
    base = repository.commit({})
    one, two = repository.blob("1"), repository.blob("2")
    tree = repository.tree(
        ("100644", "blob", one, b"\xff.json"), ("100644", "blob", two, b"\\xff.json")
    )
    head = repository.git("commit-tree", tree, "-p", base, "-m", "x")
    with GitSource(repository.folder) as source:
        files = changed(source, base, head)
    assert {(file.path, file.after) for file in files if isinstance(file, ChangedFile)} == {
        ("\\xff.json", b"1"), ("\\xff.json", b"2"),
    }  # fmt: skip
    assert shown("a\udcffb\ud800") == "a\\xffb\\x00"


def test_the_commit_of_a_name(source: Source, repository: Repository) -> None:
    base = repository.commit({"a.json": "1"})
    head = repository.commit({"a.json": "2"})
    found = source.commit("main")
    assert found == source.commit(head)
    assert found == Commit(head, repository.git("rev-parse", "HEAD^{tree}"), (base,))
    assert file_at(source, found, "a.json") == b"2"
    assert file_at(source, found, "b.json") is None
    assert file_at(source, found, "a.json/b") is None


def test_a_merge_is_compared_with_its_first_parent(source: Source, repository: Repository) -> None:
    start = repository.commit({"a.json": "1", "b.json": "1"})
    repository.git("checkout", "--quiet", "-b", "topic")
    topic = repository.commit({"a.json": "2"})
    repository.git("checkout", "--quiet", "main")
    main = repository.commit({"b.json": "2"})
    repository.git("merge", "--quiet", "--no-ff", "-m", "merge", "topic")
    merge = source.commit(repository.git("rev-parse", "HEAD"))
    assert merge.parents == (main, topic)
    assert [file.path for file in changed(source, merge.parents[0], merge.id)] == ["a.json"]
    assert source.merge_base(main, topic) == start


@pytest.mark.parametrize(
    "name", ["nope", "0" * 40, "-x", "--help", "a\nb", "", "HEAD^7", ":/x", "\ud800"]
)
def test_no_such_commit(repository: Repository, name: str) -> None:
    repository.commit({})
    with (
        GitSource(repository.folder) as source,
        pytest.raises(SourceError, match="there is no commit"),
    ):
        source.commit(name)


@pytest.mark.parametrize(
    ("folder", "said"),
    [("", r"not a git repository"), ("nowhere", r"cannot change to .*nowhere")],
)
def test_no_repository(tmp_path: Path, folder: str, said: str) -> None:
    with GitSource(tmp_path / folder) as source, pytest.raises(SourceError, match=said):
        source.commit("HEAD")


def test_no_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceError, match="git cannot be started: No such file"):
        GitSource(tmp_path).commit("HEAD")


def test_no_common_ancestor(repository: Repository) -> None:
    one = repository.commit({})
    tree = repository.git("rev-parse", "HEAD^{tree}")
    other = repository.git("commit-tree", tree, "-m", "alone")
    with (
        GitSource(repository.folder) as source,
        pytest.raises(SourceError, match="no common ancestor"),
    ):
        source.merge_base(one, other)


def test_the_default_base(repository: Repository) -> None:
    start = repository.commit({"a.json": "1"})
    repository.git("checkout", "--quiet", "-b", "topic")
    repository.commit({"a.json": "2"})
    with GitSource(repository.folder) as source:
        assert source.default_base() == (start, "main")
        repository.git("update-ref", "refs/remotes/origin/trunk", start)
        repository.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk")
        assert source.default_base() == (start, "origin/HEAD")


def test_a_shallow_clone_says_what_to_fetch(repository: Repository, tmp_path: Path) -> None:
    base = repository.commit({"a.json": "1"})
    head = repository.commit({"a.json": "2"})
    repository.git("config", "uploadpack.allowAnySHA1InWant", "true")
    clone = Repository(tmp_path / "clone")
    repository.git(
        "clone", "--quiet", "--depth=1", f"file://{repository.folder}", str(clone.folder)
    )
    with GitSource(clone.folder) as source:
        assert source.commit("HEAD").parents == (base,)
        for name in ("HEAD^", "HEAD^1", "HEAD~", base):
            with pytest.raises(SourceError) as caught:
                source.commit(name)
            assert str(caught.value) == (
                f"there is no commit `{base}` here: this clone is shallow"
                f" (run `git fetch --depth=1 origin {base}`, or check out with `fetch-depth: 0`)"
            )
        with pytest.raises(SourceError, match="--unshallow"):
            source.commit("nope")
    clone.git("fetch", "--quiet", "--depth=1", "origin", base)
    with GitSource(clone.folder) as source:
        assert changed(source, "HEAD^", head) == (ChangedFile("a.json", "a.json", b"1", b"2"),)
    clone.git("remote", "remove", "origin")
    clone.git("branch", "--move", "topic")
    shallow = pytest.raises(SourceError, match=r"no default branch .*: this clone is shallow")
    with GitSource(clone.folder) as source, shallow:
        source.default_base()


def test_the_users_settings_play_no_part(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    base = repository.commit({"a.json": "1"})
    head = repository.commit({"a.json": "2"})
    repository.git("replace", head, base)
    for name in ("GIT_DIR", "GIT_OBJECT_DIRECTORY", "GIT_CONFIG_GLOBAL", "GIT_TRACE"):
        monkeypatch.setenv(name, str(tmp_path / "elsewhere"))
    with GitSource(repository.folder) as source:
        assert source.commit(head).id == head
    assert not (tmp_path / "elsewhere").exists()


def test_a_stranger_s_repository_starts_no_program(repository: Repository, tmp_path: Path) -> None:
    """A partial clone fetches what it lacks, by a command from its own configuration."""
    base = repository.commit({"a.json": "1"})
    trace = tmp_path / "started"
    for name, value in {
        "core.repositoryFormatVersion": "1",
        "core.fsmonitor": f"touch {trace}",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.url": str(repository.folder),
        "remote.origin.uploadPack": f"touch {trace}; git-upload-pack",
        "protocol.file.allow": "always",
    }.items():
        repository.git("config", name, value)
    tree = repository.tree(("100644", "blob", "1" * 40, b"a.json"))
    head = repository.git("commit-tree", tree, "-p", base, "-m", "x")
    with GitSource(repository.folder) as source, pytest.raises(SourceError, match="partial clone"):
        changed(source, base, head)
    assert not trace.exists()


def test_sha256(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    repository.git("init", "--quiet", "--object-format=sha256")
    base = repository.commit({"a.json": "1"})
    head = repository.commit({"a.json": "2"})
    assert len(head) == 64
    with GitSource(tmp_path) as source:
        assert changed(source, base, head) == (ChangedFile("a.json", "a.json", b"1", b"2"),)


def test_a_blob_that_is_not_what_its_id_says_is_refused() -> None:
    digest = hashlib.sha1(b"blob 1\x001", usedforsecurity=False).hexdigest()
    assert changes.proved(b"1", digest) == b"1"
    with pytest.raises(SourceError, match="not what its id says"):
        changes.proved(b"2", digest)


def test_a_huge_file_is_not_read(
    source: Source, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "MOST_BYTES", 1_000_000)
    monkeypatch.setattr(git_objects, "_CHUNK", 1000)
    base = repository.commit({"a.json": "1", "b.json": "1"})
    head = repository.commit({"a.json": b"x" * 1_000_001, "b.json": "2"})
    assert changed(source, base, head) == (
        UnreadFile("a.json", "is larger than 0 MiB", was_file=True),
        ChangedFile("b.json", "b.json", b"1", b"2"),
    )
    with pytest.raises(TooLargeError):
        source.blob(repository.git("rev-parse", "HEAD:a.json"), 10)


def test_a_tree_that_names_itself_a_million_times_ends(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "MOST_ENTRIES", 20_000)
    base = repository.commit({})
    tree = repository.tree(("100644", "blob", repository.blob("1"), b"a.json"))
    for _ in range(12):
        tree = repository.tree(*(("040000", "tree", tree, b"%d" % i) for i in range(10)))
    head = repository.git("commit-tree", tree, "-p", base, "-m", "x")
    with GitSource(repository.folder) as source:
        with pytest.raises(SourceError, match="differ in more"):
            changed(source, base, head)
        there = CommitFiles(source, source.commit(head))
        assert there.ending((".tf",)) == ()
        for listed in (there.everything, lambda: iter(there.ending((".json",)))):
            with pytest.raises(SourceError, match="a commit has more than 20000 files"):
                list(listed())


def test_a_tree_with_one_name_twice_is_damaged(repository: Repository) -> None:
    base = repository.commit({})
    entry = ("100644", "blob", repository.blob("1"), b"a.json")
    tree = repository.tree(entry, entry)
    head = repository.git("commit-tree", tree, "-p", base, "-m", "x")
    with GitSource(repository.folder) as source, pytest.raises(SourceError, match="damaged"):
        changed(source, base, head)


def test_a_thousand_files_and_one_change_are_little_work(repository: Repository) -> None:
    base = repository.commit({f"d{i % 40}/e{i % 7}/p{i}.json": f"{i}" for i in range(1000)})
    head = repository.commit({"d1/e1/p1.json": policy("s3:*")})
    with GitSource(repository.folder) as source:
        found: list[ChangedFile | UnreadFile] = []
        assert steps(lambda: found.extend(changed(source, base, head))) < 50_000
    assert len(found) == 1


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "GitHub does not accept the token"),
        (403, "the token may not read acme/infra: it needs `contents: read`"),
        (404, "acme/infra has no commit `main`, or the token may not read it"),
        (500, "GitHub gives no answer (RetryError): try again"),
    ],
)
def test_what_github_refuses_is_one_line(
    repository: Repository, fake: FakeGitHub, status: int, said: str
) -> None:
    repository.commit({})
    fake.failures = [Failure("GET", "commits", status, times=9)]
    with connected(TOKEN, fake.url, pause=0) as client:
        source = ApiSource(client.requester, fake.repository)
        with pytest.raises(SourceError) as caught:
            source.commit("main")
    fake.violations.clear()
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


def test_no_network() -> None:
    with connected(TOKEN, "http://127.0.0.1:9", pause=0) as client:  # noqa: SIM117  types
        with pytest.raises(SourceError, match="GitHub gives no answer"):
            ApiSource(client.requester, "acme/infra").commit("main")


def test_few_calls(repository: Repository, fake: FakeGitHub) -> None:
    base = repository.commit({f"d{i}/p.json": "1" for i in range(20)})
    head = repository.commit({"d1/p.json": "2"})
    with connected(TOKEN, fake.url, pause=0) as client:
        changed(ApiSource(client.requester, fake.repository), base, head)
    assert len(fake.log) == 2 + 2 + 2


def test_many_files_of_modules_take_few_calls(repository: Repository, fake: FakeGitHub) -> None:
    files: dict[str, str | bytes | None] = {
        f"m{i}/main.tf": f"locals {{ a = {i} }}\n" for i in range(150)
    }
    repository.commit({**files, "m3/odd.tf": b"# \xff\n", "m3/dos.tf": "# a\r\n"})
    with connected(TOKEN, fake.url, pause=0) as client:
        source = ApiSource(client.requester, fake.repository)
        there = CommitFiles(source, source.commit("main"))
        there.prefetch(there.everything())
        read = {path: there.read(path) for path in there.everything()}
    assert read == {path: (repository.folder / path).read_bytes() for path in read}
    assert len(read) == len(files) + 2
    assert len(fake.log) == len(["commit", "tree", "150 texts in two queries", "", "odd.tf"])


@pytest.mark.parametrize("name", ["", "infra", "a/b/c", "a/b?x", "a b/c"])
def test_a_repository_has_an_owner_and_a_name(name: str, fake: FakeGitHub) -> None:
    with (
        connected(TOKEN, fake.url, pause=0) as client,
        pytest.raises(SourceError, match="owner/name"),
    ):
        ApiSource(client.requester, name)


def test_equal_content_pairs_equal_names_first() -> None:
    gone = {"a/x.json": "1", "a/y.json": "1"}
    assert renames(gone, {"b/y.json": "1", "b/z.json": "1"}, {"1": b"{}"}) == {
        "b/y.json": "a/y.json",
        "b/z.json": "a/x.json",
    }


def test_the_words_of_every_policy_make_no_pair() -> None:
    texts = {"1": policy("s3:GetObject").encode(), "2": policy("ec2:Run*", bucket="b").encode()}
    assert renames({"a.json": "1"}, {"b.json": "2"}, texts) == {}


def test_thousands_of_moves_are_not_weighed_one_by_one() -> None:
    texts: dict[str, bytes | None] = {f"{i}": b"word " * 50 + b"%d" % i for i in range(4000)}
    gone = {f"a/{i}.json": f"{i}" for i in range(2000)}
    new = {f"b/{i}.json": f"{i + 2000}" for i in range(2000)}
    assert steps(lambda: renames(gone, new, texts)) < 100_000
    assert renames(gone, new, texts) == {}


def test_what_two_commits_share_is_read_once(
    source: Source, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    give = source.trees

    def trees(tree_ids: Sequence[str]) -> Iterable[Mapping[str, TreeEntry]]:
        asked.extend(tree_ids)
        return give(tree_ids)

    monkeypatch.setattr(source, "trees", trees)
    large = b"# " + b"x" * 100_000 + b"\n"
    files = {f"d{i % 4}/e{i % 6}/f{i % 5}/{i}.tf": large + b"%d" % i for i in range(100)}
    base = repository.commit({**files, "a/b.tf": "1", "a/b.json": "{}"})
    head = repository.commit({"d1/new/b.tf": "2"})
    known = Trees(source)
    old, new = (CommitFiles(source, source.commit(each), known) for each in (base, head))
    assert sorted(old.ending((".tf",))) == sorted([*files, "a/b.tf"])
    del asked[:]
    assert set(new.ending((".tf",))) - set(old.ending((".tf",))) == {"d1/new/b.tf"}
    assert len(asked) in (0, 3), "the root, `d1` and `d1/new`, or one list of everything"
    for each in (old, new):
        each.prefetch(each.ending((".tf",)))
        assert sorted(each.everything()) == sorted([*each.ending((".tf",)), "a/b.json"])
        assert each.names("d1/new") == (("d1/new/b.tf",) if each is new else ())
        assert {path: each.read(path) for path in files} == files
    assert len(asked) in (0, 3)


names = st.sampled_from(["a", "b", "c"])
files = st.dictionaries(
    st.lists(names, min_size=1, max_size=4).map("/".join), st.sampled_from(["1", "2"]), max_size=8
)


def test_differs_where_git_says(repository: Repository) -> None:
    blobs = {content: repository.blob(content) for content in ("1", "2")}

    def tree(paths: Mapping[str, str]) -> str:
        inner: dict[str, dict[str, str]] = {}
        entries: dict[str, tuple[str, str, str, bytes]] = {}
        for path, content in paths.items():
            first, _, rest = path.partition("/")
            if rest:
                inner.setdefault(first, {})[rest] = content
            else:
                entries[first] = ("100644", "blob", blobs[content], first.encode())
        for name, below in inner.items():
            entries[name] = ("040000", "tree", tree(below), name.encode())
        return repository.tree(*entries.values())

    @settings(max_examples=40)
    @given(files, files)
    def check(old: Mapping[str, str], new: Mapping[str, str]) -> None:
        ids = tree(old), tree(new)
        raw = repository.git("diff-tree", "-r", "--raw", "--no-renames", "--name-only", *ids)
        with GitSource(repository.folder) as source:
            found = {path for path, _, _ in differences(source, *ids)}
        assert found == set(raw.split())

    check()


def test_a_size_is_no_difference() -> None:
    assert TreeEntry("100644", "1" * 40, 3) == TreeEntry("100644", "1" * 40)
