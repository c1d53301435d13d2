"""Settings of a run: from the configuration of the base commit, with inputs and flags on top."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from checker import config
from checker.checks.reference_policy import parse_reference
from checker.config import Config, ManagedCopy, Reference
from checker.config_file import read
from checker.errors import ConfigError, UsageError
from checker.policy.guess import guess_type
from checker.policy.model import PolicyType
from checker.policy.parse import parse_policy
from checker.source.changes import Commit, Source, file_at
from checker.source.documents import Document, documents_in_file
from checker.source.places import quoted
from checker.source.tree import Node
from checker.span import Span, whole_file


def settings(
    source: Source,
    base: Commit | None,
    inputs: Mapping[str, str],
    *,
    from_disk: bool,
) -> Config:
    """Return the settings of a run.

    The file is read from the base commit, so that a change cannot loosen its own check.
    `from_disk`: a file that was named and is not in the commit may be one outside the repository.
    Errors: `ConfigError` and `UsageError`.
    """
    path = inputs.get("config", "") or config.DEFAULT_FILE
    data = file_at(source, base, path) if base else None
    if data is None and from_disk and inputs.get("config"):
        data = _on_disk(path)
    if data is None:
        if inputs.get("config", config.DEFAULT_FILE) not in ("", config.DEFAULT_FILE):
            raise UsageError(f"{quoted(path)} is not in the base commit, where settings are read")
        found = Config()
    else:
        found = read.parse(decoded(data, path), path)
    found = read.with_inputs(found, inputs)
    references = tuple(_with_document(r, source, base) for r in found.references)
    managed = tuple(_with_text(each, source, base) for each in found.managed)
    return replace(found, references=references, managed=managed)


def is_changed(
    source: Source, base: Commit | None, head: Commit, inputs: Mapping[str, str]
) -> bool:
    """Return whether the head has another configuration than the base, whose settings count."""
    path = inputs.get("config", "") or config.DEFAULT_FILE
    before = file_at(source, base, path) if base else None
    return before != file_at(source, head, path)


def _with_document(reference: Reference, source: Source, base: Commit | None) -> Reference:
    """Return a reference policy with its document, which stands in the base commit too.

    Errors: `ConfigError`, and `PolicySyntaxError` where it is no policy.
    """
    node = _document(reference.file, "the reference policy", reference.at, source, base)
    parse_reference(node, guess_type(node) or PolicyType.RESOURCE)
    return replace(reference, node=node)


def _with_text(copy: ManagedCopy, source: Source, base: Commit | None) -> ManagedCopy:
    """Return a copy of a managed policy with its document, which stands in the base commit too.

    Errors: `ConfigError`, and `PolicySyntaxError` where it is no policy.
    """
    node = _document(copy.file, "the managed policy", copy.at, source, base)
    parse_policy(node, PolicyType.IDENTITY)
    return replace(copy, node=node)


def _document(file: str, what: str, at: Span, source: Source, base: Commit | None) -> Node:
    """Return the one document of a file of the base commit.

    Errors: `ConfigError`.
    """
    data = file_at(source, base, file) if base else None
    if data is None:
        raise ConfigError(f"{what} {quoted(file)} is not in the base commit", at)
    documents = documents_in_file(data, file)
    if len(documents) != 1 or not isinstance(documents[0], Document):
        found = documents[0] if len(documents) == 1 else None
        why = "is not one policy" if found is None else str(getattr(found, "problem", ""))
        raise ConfigError(f"{what} {quoted(file)} cannot be read: {why}", at)
    return documents[0].node


def decoded(data: bytes, path: str) -> str:
    """Return the text of a configuration file.

    Errors: `ConfigError`.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError("the configuration is not UTF-8 text", whole_file(path)) from error


def _on_disk(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {quoted(path)}: {error.strerror or error}") from error
