"""Settings of a run: from the configuration of the base commit, with inputs and flags on top."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from checker import config
from checker.checks.reference_policy import parse_reference
from checker.config import Config, Reference
from checker.config_file import read
from checker.errors import ConfigError, UsageError
from checker.policy.guess import guess_type
from checker.policy.model import PolicyType
from checker.source.changes import Commit, Source, file_at
from checker.source.documents import Document, documents_in_file
from checker.source.places import quoted
from checker.span import whole_file


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
    return replace(found, references=references)


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
    data = file_at(source, base, reference.file) if base else None
    if data is None:
        problem = f"the reference policy {quoted(reference.file)} is not in the base commit"
        raise ConfigError(problem, reference.at)
    documents = documents_in_file(data, reference.file)
    if len(documents) != 1 or not isinstance(documents[0], Document):
        found = documents[0] if len(documents) == 1 else None
        why = "is not one policy" if found is None else str(getattr(found, "problem", ""))
        problem = f"the reference policy {quoted(reference.file)} cannot be read: {why}"
        raise ConfigError(problem, reference.at)
    node = documents[0].node
    parse_reference(node, guess_type(node) or PolicyType.RESOURCE)
    return replace(reference, node=node)


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
