"""Reports of unused permissions, recognised by what is written in them.

Three forms: a list of services with their unused actions; findings of IAM Access Analyzer, as
`get-finding-v2` prints them, one or many; and the details of `get-service-last-accessed-details`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from checker.errors import UsageError, located
from checker.policy.parse_node import quoted
from checker.policy.values import lower
from checker.refinement.usage import Unused, UnusedService, joined
from checker.source.tree import Mapping, Node, Scalar, Sequence

_SERVICE: Final = re.compile(r"[A-Za-z0-9-]+").fullmatch
_NAME: Final = re.compile(r"[A-Za-z0-9_-]+").fullmatch
_FORMS: Final = (
    "use a list of `serviceNamespace` with `actions`, findings of IAM Access Analyzer, "
    "or the details of `get-service-last-accessed-details`"
)
_FETCH: Final = "ListFindingsV2 gives summaries only: fetch each with `get-finding-v2`"
_TRAIL: Final = "CloudTrail records tell what was used: give them as usage, not as a report"


def read_unused(node: Node) -> tuple[Unused, ...]:
    """Return what a report calls unused, for each role that it names.

    Errors: `UsageError` with the place of what cannot be understood.
    """
    return joined(_reports(node))


def _reports(node: Node) -> Iterator[Unused]:
    match node:
        case Sequence(items=()):
            yield Unused()
        case Sequence(items=items) if all(_has(item, "serviceNamespace") for item in items):
            yield Unused(tuple(_service(item) for item in items))
        case Sequence(items=items):
            for item in items:
                yield from _reports(item)
        case Mapping() if _has(node, "serviceNamespace"):
            yield Unused((_service(node),))
        case Mapping() if _has(node, "findings"):
            yield from _reports(_list(_required(node, "findings"), "`findings`"))
        case Mapping() if _has(node, "findingDetails") or _has(node, "findingType"):
            yield _finding(node)
        case Mapping() if _has(node, "ServicesLastAccessed") or _has(node, "JobStatus"):
            yield _last_accessed(node)
        case Mapping() if _has(node, "Records") or _has(node, "eventName"):
            raise _error("these are CloudTrail records", node, _TRAIL)
        case _:
            raise _error("this is no report of unused permissions that is known", node, _FORMS)


def _service(node: Node) -> UnusedService:
    """Return one `serviceNamespace`; without `actions` all of the service is unused."""
    name = _required(node, "serviceNamespace")
    service = lower(_text(name, "`serviceNamespace`"))
    if not _SERVICE(service):
        hint = "write the part of an action before the colon"
        raise _error(f"{quoted(service)} is no service namespace", name, hint)
    actions = _member(node, "actions")
    if actions is None:
        return UnusedService(service, None)
    items = _list(actions, "`actions`").items
    return UnusedService(service, tuple(_action(item, service) for item in items))


def _action(node: Node, service: str) -> str:
    """Return the name in `Name`, `service:Name` or `{"action": …}`."""
    inner = _member(node, "action") if isinstance(node, Mapping) else node
    if inner is None:
        raise _error("an unused action has no `action`", node)
    written = _text(inner, "an unused action")
    prefix, colon, name = written.partition(":")
    if colon and lower(prefix) != service:
        raise _error(f"{quoted(written)} is no action of `{service}`", inner)
    found = name if colon else written
    if not _NAME(found):
        hint = "list each action; wildcards say nothing about what was not used"
        raise _error(f"{quoted(written)} is no name of an action", inner, hint)
    return found


def _finding(node: Mapping) -> Unused:
    role = _optional_text(node, "resource")
    about = quoted(role or _optional_text(node, "id") or "?")
    status = _optional_text(node, "status") or "ACTIVE"
    if status != "ACTIVE":
        return Unused(
            role=role, notes=(f"the finding on {about} is {quoted(status)}: passed over",)
        )
    kind = _optional_text(node, "findingType")
    if kind == "UnusedIAMRole":
        return Unused(role=role, everything=True)
    if kind not in ("", "UnusedPermission"):
        note = (
            f"the finding on {about} is about {quoted(kind)}, not unused permissions: passed over"
        )
        return Unused(role=role, notes=(note,))
    details = _member(node, "findingDetails")
    if details is None:
        raise _error(f"the finding on {about} has no `findingDetails`", node, _FETCH)
    services: list[UnusedService] = []
    for item in _list(details, "`findingDetails`").items:
        if _has(item, "unusedIamRoleDetails"):
            return Unused(role=role, everything=True)
        if _has(item, "unusedPermissionDetails"):
            services.append(_service(_required(item, "unusedPermissionDetails")))
    notes: tuple[str, ...] = ()
    if _optional_text(node, "nextToken"):
        notes = (f"the finding on {about} has more pages: what they call unused is kept",)
    return Unused(tuple(services), role, notes=notes)


def _last_accessed(node: Mapping) -> Unused:
    status = _optional_text(node, "JobStatus") or "COMPLETED"
    if status != "COMPLETED":
        hint = "ask again when the job is `COMPLETED`"
        raise _error(f"the report is {quoted(status)}", node, hint)
    unused: list[UnusedService] = []
    used: list[str] = []
    listed = _list(_required(node, "ServicesLastAccessed"), "`ServicesLastAccessed`")
    for item in listed.items:
        each, seen = _service_accessed(item)
        unused += [each] if each else []
        used += seen
    truncated = _member(node, "IsTruncated")
    notes: tuple[str, ...] = ()
    if isinstance(truncated, Scalar) and truncated.value is True:
        notes = ("the report has more pages: the services on them are kept",)
    return Unused(tuple(unused), used=tuple(used), notes=notes)


def _service_accessed(node: Node) -> tuple[UnusedService | None, list[str]]:
    """Return what was not used of a service, and what was.

    Without `LastAuthenticated` nobody reached the service. Where actions are tracked, those
    without a time were not used; what is not tracked is not known.
    """
    service = lower(_text(_required(node, "ServiceNamespace"), "`ServiceNamespace`"))
    if not _optional_text(node, "LastAuthenticated"):
        return UnusedService(service, None), []
    tracked = _member(node, "TrackedActionsLastAccessed")
    if tracked is None:
        return None, []
    unused: list[str] = []
    used: list[str] = []
    for item in _list(tracked, "`TrackedActionsLastAccessed`").items:
        name = _action(_required(item, "ActionName"), service)
        if _optional_text(item, "LastAccessedTime"):
            used.append(f"{service}:{name}")
        else:
            unused.append(name)
    return UnusedService(service, tuple(unused)), used


def _has(node: Node, name: str) -> bool:
    return _member(node, name) is not None


def _member(node: Node, name: str) -> Node | None:
    """Return a member that is there and not null."""
    found = node.get(name) if isinstance(node, Mapping) else None
    return None if isinstance(found, Scalar) and found.value is None else found


def _required(node: Node, name: str) -> Node:
    found = _member(node, name)
    if found is None:
        what = "object" if isinstance(node, Mapping) else "text"
        raise _error(f"the {what} has no `{name}`", node)
    return found


def _list(node: Node, what: str) -> Sequence:
    if not isinstance(node, Sequence):
        raise _error(f"{what} must be a list", node)
    return node


def _text(node: Node, what: str) -> str:
    if isinstance(node, Scalar) and isinstance(node.value, str) and node.value:
        return node.value
    raise _error(f"{what} must be a string", node)


def _optional_text(node: Node, name: str) -> str:
    """Return a member's text; "" where it is missing or null."""
    found = _member(node, name)
    if found is None or (isinstance(found, Scalar) and found.value == ""):
        return ""
    if isinstance(found, Scalar) and not isinstance(found.value, str | bool):
        return "number"  # a time as seconds since 1970, which some tools print
    return _text(found, f"`{name}`")


def _error(problem: str, node: Node, hint: str = "") -> UsageError:
    return UsageError(located(problem, node.span, hint))
