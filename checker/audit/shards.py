"""An audit over several machines: which files are whose, and one audit from all their reports."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from checker.audit.run import Audit, everything, in_order
from checker.audit.stored import StoredError, decoded, encoded
from checker.errors import UsageError
from checker.source.places import quoted

_FORM: Final = "access-gate shard"


@dataclass(frozen=True, slots=True)
class Shard:
    """One of `count` parts of an audit. `number` counts from 1."""

    number: int = 1
    count: int = 1

    def has(self, path: str) -> bool:
        """Whether a file is looked at here: by its path alone, so that every machine agrees."""
        name = hashlib.sha256(path.encode("utf-8", "surrogatepass")).digest()
        return int.from_bytes(name[:8], "big") % self.count == self.number - 1


@dataclass(frozen=True, slots=True)
class ShardReport:
    """What one shard found, and what must be the same for all of them."""

    shard: Shard
    engine: str
    settings: str  # digest of the settings, the budget and the baseline
    audit: Audit


def shard(text: str) -> Shard:
    """Return the shard that `2/4` stands for.

    Errors: `ValueError`.
    """
    number, slash, count = text.partition("/")
    if not (slash and number.isascii() and number.isdigit() and count.isascii()):
        raise ValueError(f"`{text}` is no shard (write `1/4` for the first of four)")
    if not count.isdigit() or not 1 <= int(number) <= int(count) <= 10_000:
        raise ValueError(f"`{text}` is no shard (the first of four is `1/4`, the last `4/4`)")
    return Shard(int(number), int(count))


def written(report: ShardReport) -> str:
    """Return the text of a shard's report, for `merged` alone to read."""
    return json.dumps({"form": _FORM, "report": encoded(report)}, separators=(",", ":")) + "\n"


def read(text: str, name: str) -> ShardReport:
    """Return a shard's report.

    Errors: `UsageError`.
    """
    try:
        given = json.loads(text)
        if not isinstance(given, dict) or given.get("form") != _FORM:
            raise StoredError("not the form of a shard")
        return decoded(ShardReport, given.get("report"))
    except (ValueError, RecursionError) as error:
        hint = "`access-gate audit --shard 1/4 --output FILE` writes one"
        raise UsageError(f"{quoted(name)} is no report of a shard ({hint})") from error


def merged(reports: Sequence[tuple[str, ShardReport]]) -> Audit:
    """Return one audit from the reports of all shards, each with the name of its file.

    Errors: `UsageError` where one is missing, there twice, or of another run.
    """
    (first_name, first), *rest = reports
    for name, each in rest:
        for what, one, other in (
            ("commit", first.audit.head, each.audit.head),
            ("number of shards", first.shard.count, each.shard.count),
            ("settings", first.settings, each.settings),
            ("engine", first.engine, each.engine),
        ):
            if one != other:
                problem = f"differ in their {what}, so they are not of one run"
                raise UsageError(f"{quoted(first_name)} and {quoted(name)} {problem}")
    numbers = [each.shard.number for _, each in reports]
    for number in range(1, first.shard.count + 1):
        if numbers.count(number) != 1:
            what = "is missing" if number not in numbers else "is there twice"
            raise UsageError(f"the report of shard {number}/{first.shard.count} {what}")
    return _joined([each.audit for _, each in reports])


def _joined(audits: Sequence[Audit]) -> Audit:
    whole = replace(
        audits[0],
        looked_at=sum(each.looked_at for each in audits),
        files=in_order(file for each in audits for file in each.files),
    )
    # What one shard misses in a file, another may find in a template that uses the file.
    there = set(everything(whole))
    gone = {entry for each in audits for entry in each.gone} - there
    return replace(whole, gone=tuple(sorted(gone)))
