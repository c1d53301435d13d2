"""The public Python API (docs/api.md): each function is one question, asked and explained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from checker.checks import access_not_granted, no_new_access, no_public_access, trusted_access
from checker.errors import UsageError
from checker.explain.pinpoint import described
from checker.policy import evaluate as judge
from checker.policy import requests
from checker.policy.catalogue import key_spelled
from checker.policy.evaluate import Decision
from checker.policy.load import PolicyLike, guessed_type, policy_as_stored, policy_of
from checker.policy.model import Pattern, Policy, PolicyType, Request
from checker.policy.parse_listed import listed_action, listed_resource
from checker.symbolic import assumptions, solver
from checker.symbolic.question import Answer, Budget, Holds, Question, Responsible, Violated
from checker.symbolic.question import Undecided as UndecidedAnswer

DEFAULT_BUDGET = solver.DEFAULT_BUDGET


@dataclass(frozen=True, slots=True)
class Reason:
    """One responsible statement; its index counts from 0 in the new document."""

    description: str
    statement_index: int
    statement_id: str | None = None

    def to_dict(self) -> dict[str, object]:
        """Return the reason in AWS's shape."""
        named = {"statementId": self.statement_id} if self.statement_id is not None else {}
        index = {"statementIndex": self.statement_index}
        return {"description": self.description, **index, **named}


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The answer to one check.

    result: "PASS", "FAIL" or "UNDECIDED". witness: a request, replayed by the evaluator, in the
    shape that `evaluate` takes; None on a pass, and where the verdict rests on an open construct.
    ambiguous: constructs that AWS leaves open and on which the verdict depends, one line each.
    assumptions: beyond grade A, that a pass rests on. notes: why there is no answer.
    """

    result: str
    message: str
    reasons: tuple[Reason, ...] = ()
    witness: dict[str, object] | None = None
    ambiguous: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def to_dict(self) -> dict[str, object]:
        """Return the result in the shape of AWS's custom policy checks, with more in it."""
        extra = {
            "ambiguous": list(self.ambiguous),
            "assumptions": list(self.assumptions),
            "notes": list(self.notes),
        }
        return {
            "result": self.result,
            "message": self.message,
            "reasons": [reason.to_dict() for reason in self.reasons],
            "witness": self.witness,
            **{name: value for name, value in extra.items() if value},
        }


@dataclass(frozen=True, slots=True)
class Wording:
    """How a check is told, in the words of AWS's checks; `reason` is followed by the statement."""

    violated: str
    holds: str
    reason: str


NEW_ACCESS = Wording(
    "The modified permissions grant new access compared to your existing policy.",
    "The modified permissions grant no new access compared to your existing policy.",
    "New access in the statement with",
)
GRANTED = Wording(
    "The policy document grants access to perform one or more of the listed actions or resources.",
    "The policy document does not grant access to perform one or more of the listed actions or "
    "resources.",
    "One or more of the listed actions or resources in the statement with",
)
PUBLIC = Wording(
    "The resource policy grants public access for the given resource type.",
    "The resource policy does not grant public access for the given resource type.",
    "Public access granted in the following statement with",
)
TRUSTED = Wording(
    "The policy document grants access to principals that are not trusted.",
    "The policy document grants access to trusted principals only.",
    "Access for principals that are not trusted in the statement with",
)


def check_no_new_access(
    existing: PolicyLike,
    new: PolicyLike,
    policy_type: str = "identity",
    *,
    budget: Budget = DEFAULT_BUDGET,
) -> CheckResult:
    """Return whether any request is allowed by `new` and not by `existing`."""
    kind = type_of(policy_type)
    question = no_new_access.ask(
        policy_of(existing, kind, "existing policy"), policy_of(new, kind, "new policy")
    )
    return told(solver.answer(question, budget), NEW_ACCESS)


def check_access_not_granted(
    policy: PolicyLike,
    actions: Sequence[str] = (),
    resources: Sequence[str] = (),
    policy_type: str = "identity",
    *,
    budget: Budget = DEFAULT_BUDGET,
) -> CheckResult:
    """Return whether any of the actions is allowed on any of the resources.

    Only actions: on any resource. Only resources: any action. Wildcards count.
    """
    document = policy_of(policy, type_of(policy_type))
    return told(solver.answer(granted_question(document, actions, resources), budget), GRANTED)


def granted_question(
    document: Policy, actions: Sequence[str], resources: Sequence[str]
) -> Question:
    """Return the question about critical actions and resources."""
    if not actions and not resources:
        raise UsageError("name at least one action or resource that must not be granted")
    return access_not_granted.ask(document, listed_actions(actions), listed_resources(resources))


def listed_actions(texts: Sequence[str]) -> tuple[Pattern, ...]:
    """Return the patterns of actions that a person listed."""
    return tuple(listed_action(text) for text in texts)


def listed_resources(texts: Sequence[str]) -> tuple[Pattern, ...]:
    """Return the patterns of resources that a person listed."""
    return tuple(listed_resource(text) for text in texts)


def check_no_public_access(
    policy: PolicyLike, resource_type: str, *, budget: Budget = DEFAULT_BUDGET
) -> CheckResult:
    """Return whether a stranger can be allowed anything by the policy of a resource.

    resource_type: as CloudFormation names it, such as `AWS::S3::Bucket`.
    """
    kind = no_public_access.resource_type(resource_type)
    document = policy_of(policy, kind.policy_type)
    return told(solver.answer(no_public_access.ask(document, kind), budget), PUBLIC)


def check_trusted_access(
    policy: PolicyLike,
    accounts: Sequence[str] = (),
    orgs: Sequence[str] = (),
    services: Sequence[str] = (),
    *,
    vpcs: Sequence[str] = (),
    policy_type: str = "",
    budget: Budget = DEFAULT_BUDGET,
) -> CheckResult:
    """Return whether anyone is allowed who is not of these accounts and organizations.

    Services count only if some are named. policy_type: of a resource or a role; "" is what the
    policy looks like.
    """
    kind = type_of(policy_type) if policy_type else guessed_type(policy)
    document = policy_of(policy, kind)
    question = trusted_access.ask(document, accounts, orgs, services, vpcs)
    return told(solver.answer(question, budget), TRUSTED)


def evaluate(
    policy: PolicyLike, request: Mapping[str, object] | Request, policy_type: str = "identity"
) -> Decision:
    """Return what the policy alone decides about one request; nothing is filled in."""
    document = policy_as_stored(policy, type_of(policy_type))
    asked = request if isinstance(request, Request) else requests.parse_request(request)
    return judge.decide(document, asked)


def type_of(text: str) -> PolicyType:
    """Return the policy type of a name."""
    try:
        return PolicyType(text)
    except ValueError:
        names = ", ".join(PolicyType)
        raise UsageError(f"unknown policy type `{text}` (use one of {names})") from None


def told(answer: Answer, wording: Wording) -> CheckResult:
    """Return an answer in the words of a check."""
    match answer:
        case Holds(assumptions=needed):
            return CheckResult("PASS", wording.holds, assumptions=_spelled_out(needed))
        case UndecidedAnswer(reason=reason):
            return CheckResult(
                "UNDECIDED", f"The check could not be decided: {reason}.", notes=(reason,)
            )
        case Violated(witness=witness, responsible=responsible, ambiguous=switches) as violated:
            return CheckResult(
                "FAIL",
                wording.violated,
                tuple(_reason(each, wording) for each in responsible),
                None if witness is None else shown(witness),
                tuple(described(switch) for switch in switches),
                notes=(f"other statements: {violated.unanswered}",) if violated.unanswered else (),
            )


def shown(witness: Request) -> dict[str, object]:
    """Return a witness as `evaluate` takes it, its keys in AWS's spelling."""
    return requests.to_dict(witness, {key: key_spelled(key) for key in witness.context})


def _reason(responsible: Responsible, wording: Wording) -> Reason:
    statement = responsible.statement
    where = f"index: {statement.index}" if statement.sid is None else f"sid: {statement.sid}"
    return Reason(f"{wording.reason} {where}.", statement.index, statement.sid)


def _spelled_out(needed: Sequence[str]) -> tuple[str, ...]:
    says = {assumption.id: assumption.says for assumption in assumptions.ASSUMPTIONS}
    return tuple(f"{name}: {says[name]}" for name in needed)
