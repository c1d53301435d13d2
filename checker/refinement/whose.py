"""Which report of unused permissions speaks of which policy, and what of it holds for the policy.

A wrong guess takes away what somebody else needs. So a report belongs to a policy only if the settings
say so, or the role's name stands in the policy's path, or the report is about nobody in particular.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from checker.policy.model import Policy
from checker.policy.parse_node import quoted
from checker.policy.values import lower
from checker.refinement.access import granted
from checker.refinement.known import ELSEWHERE
from checker.refinement.usage import Unused, UnusedService
from checker.source.globs import Globs

_MOST_NAMED: Final = 3
_COMMON: Final = frozenset(
    {"access", "iam", "identity", "inline", "main", "permissions", "policies", "policy", "role"}
)


@dataclass(frozen=True, slots=True)
class Reported:
    """What the settings say is reported of the policies of some paths.

    `paths`: None for all. `role`: an ARN, if the settings name one. `problem`: why nothing could be
    read, half a sentence.
    """

    paths: Globs | None
    source: str  # the file or folder
    role: str = ""
    reports: tuple[Unused, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Unclear:
    """Nobody can tell what was not used of a policy: why, in half a sentence."""

    why: str


def whose(reported: Reported, path: str, address: str) -> Unused | Unclear:
    """Return the report on the role that has the policy at `address` of the file `path`."""
    reports = reported.reports
    if reported.problem:
        return Unclear(reported.problem)
    if reported.role:
        return _of_role(reports, reported.role)
    if not reports:
        return Unclear(f"{quoted(reported.source)} reports nothing")
    is_mapped = reported.paths is not None
    if len(reports) == 1 and (is_mapped or not _name(reports[0], reported.source)):
        return reports[0]
    return _named(reported, path, address)


def _of_role(reports: tuple[Unused, ...], role: str) -> Unused | Unclear:
    found = [each for each in reports if each.role == role]
    found = found or [each for each in reports if not each.role]
    if len(found) == 1:
        return found[0]
    if found:
        return Unclear(f"no report names {quoted(role)}, and {len(found)} name no role")
    return Unclear(f"no report speaks of {quoted(role)}")


def _named(reported: Reported, path: str, address: str) -> Unused | Unclear:
    """Return the report on the role that the path or address is called after."""
    parts = set(_parts(path, address))
    found = [r for r in reported.reports if lower(_name(r, reported.source)) in parts]
    if len(found) == 1:
        return found[0]
    hint = "say whose policy it is, under `unused-access`"
    if found:
        names = ", ".join(quoted(each.role or each.file) for each in found[:_MOST_NAMED])
        return Unclear(f"more than one report may be about it: {names} ({hint})")
    names = ", ".join(quoted(_name(r, reported.source)) for r in reported.reports[:_MOST_NAMED])
    more = ", ..." if len(reported.reports) > _MOST_NAMED else ""
    return Unclear(f"the reports are about {names}{more}, none of which its path names ({hint})")


def _name(report: Unused, source: str) -> str:
    """Return the name of the role that a report is about; "" if it is about nobody in particular.

    In a folder, a report that names no role is about the one that its file is called after.
    """
    if report.role:
        return report.role.rpartition("/")[2]
    is_alone = report.follows or report.file == source
    return "" if is_alone else _stem(report.file)


def _parts(path: str, address: str) -> Iterator[str]:
    """Yield what a policy may be called: by its file, or its folder if the file says only what it is.

    `payments/worker.json` is the worker's, whether or not there is a role `payments`.
    """
    *folders, file = path.split("/")
    name = lower(_stem(file))
    yield name if name not in _COMMON or not folders else lower(folders[-1])
    yield from (lower(key) for key in address.split("/") if key)


def _stem(path: str) -> str:
    return path.rpartition("/")[2].partition(".")[0]


def holding(unused: Unused, before: Policy | None) -> Unused:
    """Return what a report says of a policy that changes from `before`.

    What nobody was granted nobody could use. So only a report that calls an action unused by its
    name holds for new access; what is said of whole services, or follows from what was used, holds
    for the actions that the old policy granted.
    """
    old: dict[str, list[str]] = {}
    for action in sorted(granted(before)) if before else ():
        service, _, name = action.partition(":")
        old.setdefault(service, []).append(name)
    if unused.everything:
        services = tuple(_granted(each, old) for each in old)
        return replace(unused, services=services, everything=False)
    return replace(unused, services=tuple(_holding(each, unused, old) for each in unused.services))


def _holding(each: UnusedService, unused: Unused, old: dict[str, list[str]]) -> UnusedService:
    if each.actions is None:
        return _granted(each.service, old)
    if not unused.follows:
        return each
    names = {lower(name) for name in old.get(each.service, ())}
    return replace(each, actions=tuple(name for name in each.actions if lower(name) in names))


def _granted(service: str, old: dict[str, list[str]]) -> UnusedService:
    names = (n for n in old.get(service, ()) if f"{service}:{lower(n)}" not in ELSEWHERE)
    return UnusedService(service, tuple(names))
