"""`access-gate waive`: write down who accepts a finding, why, and until when."""

from __future__ import annotations

import argparse
from argparse import Namespace
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from checker.acceptance import entry, waivers
from checker.acceptance.waivers import FINGERPRINT, WAIVER_FILE, Waiver
from checker.config import DEFAULT_FILE, Config
from checker.config_file import read
from checker.errors import UsageError
from checker.output import PASSED, Output
from checker.render.escape import visible
from checker.settings import decoded
from checker.source.git import person, top
from checker.source.places import quoted
from checker.span import whole_file

_USUAL_DAYS: Final = 30


def add_command(add: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `waive`."""
    parser = add.add_parser("waive", help="accept one finding for a time, in the waiver file")
    parser.add_argument(
        "fingerprint", metavar="FINGERPRINT", help="32 hex digits, as a finding says"
    )
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why the access is wanted")
    parser.add_argument("--owner", metavar="NAME", help="who answers for it (default: git's user)")
    days = f"the last day, such as 2026-12-31 (default: {_USUAL_DAYS} days from now)"
    parser.add_argument("--expires", metavar="DAY", help=days)
    parser.add_argument("--config", metavar="FILE", default=DEFAULT_FILE, help="configuration file")
    parser.set_defaults(run=waive, output=None)


def waive(args: Namespace) -> Output:
    """Write the entry into the waiver file of the current folder."""
    today = datetime.now(UTC).date()
    config = _config(str(args.config))
    waiver = _waiver(args, today, config)
    target = top() / WAIVER_FILE
    try:
        old = target.read_bytes() if target.exists() else b""
        waivers.parse(old, WAIVER_FILE)  # says where it is wrong
        text = entry.added(old.decode("utf-8"), waiver)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())
    except OSError as error:
        raise UsageError(
            f"cannot write {quoted(WAIVER_FILE)}: {error.strerror or error}"
        ) from error
    side = "once it is pushed" if config.waivers_from_head else "once it is on the base branch"
    said = f"{WAIVER_FILE}: {waiver.fingerprint} is waived until {waiver.expires}; it counts {side}"
    return Output(f"{visible(said)}\n", PASSED)


def _config(file: str) -> Config:
    """Return the settings of the folder, of which two say something about waivers."""
    path = top() / file if file == DEFAULT_FILE else Path(file)
    if not path.is_file():
        if file != DEFAULT_FILE:
            raise UsageError(f"cannot read {quoted(file)}: there is no such file")
        return Config()
    return read.parse(decoded(path.read_bytes(), file), file)


def _waiver(args: Namespace, today: date, config: Config) -> Waiver:
    if not FINGERPRINT.fullmatch(args.fingerprint):
        hint = "32 hex digits; each finding shows its own"
        raise UsageError(f"{quoted(args.fingerprint)} is not a fingerprint ({hint})")
    days = min(_USUAL_DAYS, config.waiver_max_days)
    expires = waivers.day(args.expires) if args.expires else today + timedelta(days=days)
    if expires < today:
        raise UsageError(f"`{expires}` is over: a waiver ends later than today")
    if (expires - today).days > config.waiver_max_days:
        last = today + timedelta(days=config.waiver_max_days)
        hint = f"`{last}` at the latest: `waiver-max-days` is {config.waiver_max_days}"
        raise UsageError(f"`{expires}` is too far ahead ({hint})")
    waiver = Waiver(args.fingerprint, "", "", expires, whole_file(WAIVER_FILE))
    reason = " ".join(args.reason.split())
    if not reason:
        raise UsageError("the reason is empty: say why the access is wanted")
    owner = " ".join((args.owner or person()).split())
    if not owner:
        raise UsageError("nobody is named who answers for it (say `--owner`)")
    return replace(waiver, owner=owner, reason=reason)
