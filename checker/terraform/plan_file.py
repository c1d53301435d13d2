"""The file of a plan (`terraform show -json`): every resource in it, before and after.

What is not as Terraform and OpenTofu write it is an error, and nothing is left out: a resource that
could not be read would be one that nobody looks at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from checker.source.documents import content
from checker.source.places import quoted
from checker.source.tree import Mapping, Node, Scalar, Sequence
from checker.span import Span
from checker.terraform.addresses import Address, address_of

_SIGNS: Final = ("resource_changes", "planned_values")
_DEEPEST: Final = 50
_MODES: Final = {"managed": "resource", "data": "data"}
SHOW: Final = "write it with `terraform show -json PLAN`"


class PlanError(Exception):
    """A plan that is not as Terraform writes it; the text is one line."""

    def __init__(self, problem: str, at: Span, hint: str = SHOW) -> None:
        super().__init__(f"{problem} (line {at.start.line}, column {at.start.column}); {hint}")
        self.problem = problem
        self.at = at
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Side:
    """A resource at one time: its values, and which of them are secret or not known yet."""

    values: Mapping
    secret: Node | None = None
    unknown: Node | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """One resource of a plan, with what it is before and after."""

    address: Address
    known_as: str  # its address before, by which it is known on both sides
    before: Side | None
    after: Side | None
    is_leftover: bool = False  # of an earlier replacement

    def side(self, *, before: bool) -> Side | None:
        """Return one of the two."""
        return self.before if before else self.after


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan; `configuration` is what it says of the source that it was made from."""

    path: str
    root: Mapping
    planned: tuple[Planned, ...]

    @property
    def configuration(self) -> Node | None:
        """What the root module says."""
        return member(member(self.root, "configuration"), "root_module")


def is_plan(root: Node) -> bool:
    """Whether a JSON file is a plan as `terraform show -json` writes it."""
    if not isinstance(root, Mapping) or not isinstance(root.get("format_version"), Scalar):
        return False
    return any(root.get(sign) is not None for sign in _SIGNS)


def plan_of(root: Node, path: str) -> Plan:
    """Return a plan.

    Errors: `PlanError`.
    """
    if not isinstance(root, Mapping) or not is_plan(root):
        raise PlanError("no plan of Terraform", root.span)
    version = text_of(root.get("format_version"))
    if version.partition(".")[0] not in ("0", "1"):
        raise PlanError(f"a plan of an unknown format, {quoted(version)}", root.span)
    if is_true(root.get("errored")):
        problem = "the plan of a run that failed, which does not hold all changes"
        raise PlanError(problem, root.span, "plan again")
    after = member(root.get("planned_values"), "root_module")
    if root.get("resource_changes") is None and next(_state(after, 0), None) is not None:
        raise PlanError("a plan without `resource_changes`", root.span)
    changes = [
        *_listed(root, "resource_changes"),
        *(_needed(each, "resource_change") for each in _listed(root, "deferred_changes")),
    ]
    planned = _apart([_planned(each) for each in changes], root.span)
    known = {str(each.address) for each in planned} | {each.known_as for each in planned}
    state = member(member(root.get("prior_state"), "values"), "root_module")
    still = (each for each in _state(state, 0) if str(each.address) not in known)
    return Plan(path, root, (*planned, *still))


def _apart(planned: list[Planned], at: Span) -> list[Planned]:
    """Return resources of which no two are known as one; what takes a free address is new there."""
    seen: set[tuple[str, bool]] = set()
    taken = {each.known_as for each in planned if each.known_as != str(each.address)}
    found: list[Planned] = []
    for each in planned:
        own = str(each.address)
        key = (each.known_as if each.is_leftover else own, each.is_leftover)
        if key in seen:
            raise PlanError(f"a plan in which {quoted(own)} is there twice", at)
        seen.add(key)
        is_new = each.known_as == own and own in taken
        found.append(replace(each, known_as=f"{own} (new)") if is_new else each)
    return found


def _planned(node: Node) -> Planned:
    """Return one changed resource.

    What is only forgotten stays as it is. A leftover of a replacement goes by a name of its own.
    """
    address = _address(node)
    change = _needed(node, "change")
    actions = {text_of(each) for each in _listed(change, "actions")}
    if not actions:
        raise PlanError("a change in a plan without `actions`", change.span)
    before, after = (_values(change, name) for name in ("before", "after"))
    found = Planned(
        address,
        _previous(node) or str(address),
        Side(before, member(change, "before_sensitive")) if before else None,
        Side(after, member(change, "after_sensitive"), member(change, "after_unknown"))
        if after
        else None,
    )
    if deposed := text_of(member(node, "deposed")):
        return replace(found, known_as=f"{address} (deposed {deposed})", is_leftover=True)
    return replace(found, after=found.before) if "forget" in actions else found


def _previous(node: Node) -> str:
    """Return where a moved resource was before; "" if it did not move."""
    written = text_of(member(node, "previous_address"))
    previous = address_of(written) if written else None
    if written and previous is None:
        raise PlanError(f"a plan with an address that is none, {quoted(written)}", node.span)
    return str(previous) if previous else ""


def _address(node: Node) -> Address:
    written = text_of(member(node, "address"))
    found = address_of(written)
    if found is None:
        shown = quoted(written) if written else "that is missing"
        raise PlanError(f"a resource in a plan with an address {shown}", node.span)
    mode = text_of(member(node, "mode"))
    own = (mode and _MODES.get(mode, mode), *(text_of(member(node, n)) for n in ("type", "name")))
    if own != found.name:
        problem = f"{quoted(written)} in a plan has a `mode`, `type` or `name` of another one"
        raise PlanError(problem, node.span)
    return found


def _values(change: Node, name: str) -> Mapping | None:
    found = member(change, name)
    if found is None or (isinstance(found, Scalar) and found.value is None):
        return None
    if not isinstance(found, Mapping):
        raise PlanError(f"a change in a plan whose {quoted(name)} is no object", found.span)
    return found


def _needed(node: Node, name: str) -> Node:
    found = member(node, name)
    if not isinstance(found, Mapping):
        raise PlanError(f"an entry in a plan without an object {quoted(name)}", node.span)
    return found


def _listed(node: Node, name: str) -> tuple[Node, ...]:
    found = member(node, name)
    if found is None or (isinstance(found, Scalar) and found.value is None):
        return ()
    if not isinstance(found, Sequence):
        raise PlanError(f"a plan whose {quoted(name)} is no list", found.span)
    return found.items


def _state(module: Node | None, depth: int) -> Iterator[Planned]:
    """Yield what a plan does not touch: it stays as it was."""
    if module is None:
        return
    if depth > _DEEPEST:
        raise PlanError(f"more than {_DEEPEST} modules inside each other", module.span)
    for node in _listed(module, "resources"):
        address = _address(node)
        if (values := _values(node, "values")) is not None:
            side = Side(values, member(node, "sensitive_values"))
            deposed = text_of(member(node, "deposed_key"))
            known_as = f"{address} (deposed {deposed})" if deposed else str(address)
            yield Planned(address, known_as, side, side, bool(deposed))
    for child in _listed(module, "child_modules"):
        yield from _state(child, depth + 1)


def member(node: Node | None, name: str) -> Node | None:
    """Return a member of an object; None of anything else."""
    return node.get(name) if isinstance(node, Mapping) else None


def text_of(node: Node | None) -> str:
    """Return a text; "" for anything else."""
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else ""


def is_true(node: Node | None) -> bool:
    """Whether a node is `true`."""
    return isinstance(node, Scalar) and node.value is True


def is_marked(node: Node | None) -> bool:
    """Whether a mark says anything of a value: that it, or a part of it, is secret or unknown."""
    match node:
        case Sequence(items):
            return any(map(is_marked, items))
        case Mapping(entries):
            return any(is_marked(entry.value) for entry in entries)
        case _:
            return is_true(node)


def says_the_same(one: Node | None, other: Node | None) -> bool:
    """Whether two values of a plan are equal."""
    if one is None or other is None:
        return one is other
    return content(one) == content(other)
