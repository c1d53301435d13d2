"""What the waiver files of both commits accept; what cannot be read accepts nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from checker.acceptance import waivers
from checker.acceptance.accepted import Waivers, waived
from checker.acceptance.waivers import WAIVER_FILE, Waiver
from checker.config import Config
from checker.consent import Doors
from checker.errors import ConfigError
from checker.findings import Report
from checker.pipeline import Names
from checker.source.changes import Commit, Source, file_at
from checker.symbolic.question import Budget


@dataclass(frozen=True, slots=True)
class Run:
    """What the report came from, so that a part of it can be asked again."""

    config: Config
    source: Source
    names: Names
    budget: Budget
    jobs: int = 1


def with_waivers(report: Report, run: Run, today: date | None = None) -> Report:
    """Return the report with what the waiver file accepts accepted."""
    config = run.config
    report = replace(report, doors=Doors(config.approvers, config.waivers_from_head))
    base, head = (_read(run.source, commit) for commit in (run.names.base, run.names.head))
    if not base and not head:
        return report
    day = today or datetime.now(UTC).date()
    is_head = config.waivers_from_head
    found = Waivers(base, head, WAIVER_FILE, is_head, config.waiver_max_days, day)
    return waived(report, found)


def _read(source: Source, commit: Commit | None) -> tuple[Waiver, ...] | ConfigError:
    data = file_at(source, commit, WAIVER_FILE) if commit else None
    try:
        return waivers.parse(data, WAIVER_FILE) if data is not None else ()
    except ConfigError as error:
        return error
