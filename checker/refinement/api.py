"""The doors to refinement: for Python, and for the command and the gate, which hold nodes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as AbstractMapping
from dataclasses import replace
from typing import TypeAlias

from checker.errors import PolicySyntaxError, UsageError
from checker.policy.guess import guess_type
from checker.policy.load import PolicyLike
from checker.policy.model import Policy, PolicyType
from checker.policy.parse import parse_policy
from checker.policy.parse_listed import listed_action
from checker.policy.parse_node import mapping
from checker.refinement.document import document_of
from checker.refinement.edits import Removal, plain
from checker.refinement.known import Kept
from checker.refinement.proofs import Refined, prove
from checker.refinement.refinement import Recommended, Refinement, proposed, too_long
from checker.refinement.unused import read_unused
from checker.refinement.usage import Unused
from checker.source.json_reader import read_json
from checker.source.tree import Mapping, from_python
from checker.span import whole_file
from checker.symbolic.question import Budget
from checker.symbolic.solver import DEFAULT_BUDGET

UnusedLike: TypeAlias = AbstractMapping[str, object] | Sequence[object] | str | Unused


def refine(
    policy: PolicyLike,
    unused: UnusedLike,
    *,
    policy_type: str = "",
    role: str = "",
    keep: Iterable[str] = (),
) -> Refinement:
    """Return the least policy that still allows what is used, proved.

    policy_type: guessed when empty. role: whose part of a report of many roles to take, an ARN.
    keep: actions (with wildcards) that stay, whatever the report says.
    Errors: `PolicySyntaxError`, `UsageError`; `NotProvedError` if a proof fails.
    """
    node = node_of(policy)
    kind = _type(policy_type, node, policy)
    try:
        parsed = parse_policy(node, kind)
    except PolicySyntaxError:
        if isinstance(policy, str):
            raise
        # Only now is it worth knowing the place: say it in the text a reader would print.
        parsed = parse_policy(node_of(json.dumps(plain(node), indent=2)), kind)
    return refine_document(node, parsed, of_role(unused_of(unused), role), keep)


def refine_document(
    node: Mapping,
    policy: Policy,
    unused: Unused,
    keep: Iterable[str] = (),
    budget: Budget = DEFAULT_BUDGET,
) -> Refinement:
    """Return the refinement of a parsed document after its proofs.

    Errors: `UsageError`, `NotProvedError`.
    """
    proposal = proposed(node, policy, unused, Kept(tuple(listed_action(text) for text in keep)))
    refinement = proposal.refinement
    if refinement.recommended is Recommended.NONE:
        return refinement
    refined = _refined(policy, refinement)
    prove(refined, proposal.judged, budget)
    note = too_long(refinement.policy) if refinement.policy else ""
    return replace(refinement, notes=(*refinement.notes, note)) if note else refinement


def unused_of(value: UnusedLike) -> tuple[Unused, ...]:
    """Return a report of unused permissions, for each role that it names.

    Errors: `UsageError`.
    """
    if isinstance(value, Unused):
        return (value,)
    if isinstance(value, str):
        return read_unused(read_json(value, "unused"))
    try:
        return read_unused(from_python(value, whole_file("unused")))
    except TypeError as error:
        raise UsageError(f"unused: {error}") from error
    except UsageError:
        # Only now is it worth knowing the place: say it in the text a reader would print.
        return read_unused(read_json(json.dumps(value, indent=2), "unused"))


def of_role(reports: Sequence[Unused], role: str = "") -> Unused:
    """Return one role's part of a report: that of `role`, or the only one there is.

    Errors: `UsageError`.
    """
    found = [each for each in reports if not role or each.role == role]
    found = found or [each for each in reports if not each.role]
    if len(found) == 1:
        return found[0]
    nameless = sorted(f"`{each.file}`" for each in found if not each.role)
    if len(nameless) > 1:
        listed = ", ".join(nameless[:5]) + (", ..." if len(nameless) > 5 else "")
        raise UsageError(f"{len(nameless)} reports name no role (give one of {listed})")
    names = sorted(f"`{each.role}`" for each in reports if each.role)
    listed = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
    if role:
        raise UsageError(f"the report does not speak of `{role}` (it has {listed or 'no role'})")
    if not reports:
        return Unused()
    raise UsageError(f"the report is about {len(reports)} roles (name one of {listed})")


def node_of(policy: PolicyLike) -> Mapping:
    """Return the document of a policy in whatever form.

    Errors: `PolicySyntaxError`.
    """
    if isinstance(policy, str):
        return mapping(read_json(policy, "policy"), "a policy")
    value = document_of(policy) if isinstance(policy, Policy) else policy
    try:
        return mapping(from_python(value, whole_file("policy")), "a policy")
    except TypeError as error:
        raise PolicySyntaxError(str(error), whole_file("policy")) from error


def refined_policy(policy: Policy, refinement: Refinement) -> Policy:
    """Return what a policy becomes; one without statements if it is to be detached."""
    match refinement.recommended:
        case Recommended.NONE:
            return policy
        case Recommended.DETACH_POLICY:
            return replace(policy, statements=())
        case Recommended.CREATE_POLICY:
            assert refinement.policy is not None  # noqa: S101  what there is to create
            return parse_policy(from_python(refinement.policy, whole_file("policy")), policy.type)


def _type(name: str, node: Mapping, policy: PolicyLike) -> PolicyType:
    if isinstance(policy, Policy):
        return policy.type
    if name:
        try:
            return PolicyType(name)
        except ValueError:
            names = ", ".join(PolicyType)
            raise UsageError(f"unknown policy type `{name}` (use one of {names})") from None
    return guess_type(node) or PolicyType.IDENTITY


def _refined(policy: Policy, refinement: Refinement) -> Refined:
    """Return the old and the new policy with the statements that were refined, on both sides."""
    gone = {edit.statement for edit in refinement.edits if isinstance(edit, Removal)}
    left = [index for index in range(len(policy.statements)) if index not in gone]
    new = refined_policy(policy, refinement)
    before = tuple(edit.statement for edit in refinement.edits)
    after = tuple(left.index(index) for index in before if index not in gone)
    return Refined(policy, new, before, after)
