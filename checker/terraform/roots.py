"""Which root modules a change can affect."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from checker.errors import PolicySyntaxError
from checker.template.files import AllFiles
from checker.terraform.blocks import read_file
from checker.terraform.json_blocks import read_json_file
from checker.terraform.paths import ENDINGS, is_left_out, is_terraform, within
from checker.terraform.syntax import Literal

_VARIABLES: Final = (".tfvars", ".tfvars.json")
_READ: Final = re.compile(
    rb"\b(?:template)?file(?:set|exists|base64|md5|(?:base64)?sha\w+)?\b(?=\s*(?:\(|#|/[/*]))"
    rb"|\blocal_(?:sensitive_)?file\b"
).findall
_OF_ITS_OWN: Final = re.compile(
    rb'\b(?:template)?file(?:exists|base64)?\(\s*+"(?:[^"$%\\]|\$\{path\.\w+\})*+"\s*+[,)]'
    rb'|\bfileset\(\s*+(?:"(?:(?!\.\.)[^"$%\\]|\$\{path\.\w+\})*+"|path\.\w+)\s*+,'
    rb'\s*+"(?:(?!\.\.)[^"$%\\])*+"'
).findall
_MODULE: Final = b"module"
_ESCAPED: Final = re.compile(rb"\\u00([0-7][0-9a-fA-F])")
_EXAMPLES: Final = frozenset({"example", "examples", "test", "tests"})


@dataclass(slots=True)
class _Version:
    """The folders of Terraform's files in one commit.

    calls: from a folder to those whose modules it calls.
    readers: the folders with expressions that read files, each with all that its files say.
    open_readers: those of them that do not write all names of these files out.
    """

    folders: set[str] = field(default_factory=set)
    calls: dict[str, set[str]] = field(default_factory=dict)
    readers: dict[str, bytes] = field(default_factory=dict)
    open_readers: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Reached:
    """What files can affect; all folders are sorted, and "" is the root of the repository.

    roots: root modules. A module is one if nothing calls it but what lies below it, and examples
        and tests: others may call it from elsewhere.
    own: modules of the new version whose own files, or files that these read, are affected. A root
        module that calls one may take it no times at all.
    """

    roots: tuple[str, ...]
    own: tuple[str, ...]


def reached_by(changed: Iterable[str], base: AllFiles, head: AllFiles) -> Reached:
    """Return the modules that files can affect."""
    paths = tuple(changed)
    versions = [_version(files) for files in (base, head)]
    affected = {folder for version in versions for folder in _touched(paths, version)}
    callers = _callers(versions)
    reached = _closure(affected, callers)
    known = versions[0].folders | versions[1].folders
    roots = {each for each in reached if each in known and _is_root(each, callers, versions[1])}
    lost = {each for each in affected & known if not (_closure({each}, callers) & roots)}
    own = affected & versions[1].folders
    return Reached(
        tuple(sorted(roots | {each for each in lost if not _is_vendored(each)})),
        tuple(sorted(each for each in own if not _is_vendored(each))),
    )


def root_folders(base: AllFiles, head: AllFiles) -> tuple[str, ...]:
    """Return the folders of all root modules that are in both versions."""
    versions = [_version(files) for files in (base, head)]
    callers = _callers(versions)
    known = versions[0].folders & versions[1].folders
    return tuple(sorted(each for each in known if _is_root(each, callers, versions[1])))


def _callers(versions: Iterable[_Version]) -> dict[str, set[str]]:
    """Return the folders that call a module, by the folder of the module."""
    callers: dict[str, set[str]] = {}
    for version in versions:
        for folder, called in version.calls.items():
            for each in called:
                callers.setdefault(each, set()).add(folder)
    return callers


def _is_vendored(path: str) -> bool:
    return ".terraform" in path.split("/")


def folder_of(path: str) -> str:
    """Return the folder that a file is in."""
    return path.rpartition("/")[0]


def _version(files: AllFiles) -> _Version:
    version = _Version()
    for path in files.ending(ENDINGS):
        if is_left_out(path):
            continue
        folder = folder_of(path)
        version.folders.add(folder)
        content = files.read(path) or b""
        said = _unescaped(content) if path.endswith(".json") else content
        if b"file" in said and (reads := _READ(said)):
            version.readers[folder] = version.readers.get(folder, b"") + said
            if len(reads) > len(_OF_ITS_OWN(said)):
                version.open_readers.add(folder)
        if _MODULE in said and b"source" in said:
            version.calls.setdefault(folder, set()).update(_called(path, folder, content))
    return version


def _unescaped(content: bytes) -> bytes:
    """Return JSON with the letters that it need not escape, and may."""
    return _ESCAPED.sub(lambda match: bytes([int(match[1], 16)]), content)


def _called(path: str, folder: str, content: bytes) -> Iterator[str]:
    """Yield the folders whose modules a file calls; a broken file as far as it can be read."""
    text = content.decode("utf-8", "replace")
    file = read_json_file(text, path) if path.endswith(".json") else read_file(text, path)
    for header in file.headers:
        if header.type != "module":
            continue
        try:
            source = file.block(header).body.argument("source")
        except PolicySyntaxError:
            continue
        if source is None or not isinstance(source.value, Literal):
            continue
        written = source.value.value.value
        if isinstance(written, str) and written.startswith(("./", "../")):
            found = within(folder, written)
            if found is not None:
                yield found


def _touched(paths: Iterable[str], version: _Version) -> Iterator[str]:
    """Yield the folders whose own files say something new, or read something new."""
    for path in paths:
        folder = folder_of(path)
        if is_terraform(path) or path.endswith(_VARIABLES):
            yield folder
            continue
        name = path.rpartition("/")[2].encode("utf-8", "replace")
        for reader, content in version.readers.items():
            inside = not reader or path.startswith(f"{reader}/")
            if inside or name in content or reader in version.open_readers:
                yield reader


def _closure(folders: set[str], callers: dict[str, set[str]]) -> set[str]:
    """Return folders and all whose modules call them, directly or not."""
    found = set(folders)
    waiting = list(folders)
    while waiting:
        for caller in callers.get(waiting.pop(), ()):
            if caller not in found:
                found.add(caller)
                waiting.append(caller)
    return found


def _is_root(folder: str, callers: dict[str, set[str]], head: _Version) -> bool:
    if not folder:
        return True
    if _is_vendored(folder):
        return False
    outside = (
        c for c in callers.get(folder, ()) if not (_is_example(c, folder) or _is_vendored(c))
    )
    return not any(folder in head.calls.get(c, ()) or c not in head.folders for c in outside)


def _is_example(caller: str, folder: str) -> bool:
    """Whether a folder that calls a module only shows or tests it."""
    return caller.startswith(f"{folder}/") or not _EXAMPLES.isdisjoint(caller.split("/"))
