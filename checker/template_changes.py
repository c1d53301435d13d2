"""From the documents of two versions of a template to changes of policies.

What a role, user or group may do is one policy, wherever in the template its statements stand: its
identity policies are compared together, so that a statement that moves between them is no news. A
policy that the template leaves partly open becomes one change for each way it may be deployed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Final, TypeAlias

from checker.errors import PolicySyntaxError
from checker.findings import PolicyChange
from checker.policy.deployments import account_symbols, with_callers
from checker.policy.guess import guess_type
from checker.policy.model import Policy, PolicyType, Statement
from checker.source.symbols import name_of
from checker.source.tree import Node
from checker.span import Span
from checker.symbolic.deployments import TooManyDeploymentsError, deployments
from checker.template.opaque import policy_of
from checker.template.outcomes import Outcome, outcomes
from checker.template.untied import untied
from checker.template.value import NotResolved, TemplateDocument
from checker.template.worlds import (
    TooManyWorldsError,
    World,
    is_alike,
    meaning,
    premises,
    settled,
)

_IDENTITY: Final = "the permissions of the identity"


@dataclass(frozen=True, slots=True)
class TemplatePair:
    """Documents of both versions that are compared with each other; one side may be empty."""

    address: str
    before: tuple[TemplateDocument, ...]
    after: tuple[TemplateDocument, ...]

    @property
    def is_same(self) -> bool:
        """Whether both sides say the same."""
        pairs = zip(self.before, self.after, strict=False)
        if len(self.before) == len(self.after) and all(_is_alike(*each) for each in pairs):
            return True
        sides = [sorted(_meanings(side), key=repr) for side in (self.before, self.after)]
        return sides[0] == sides[1]

    @property
    def asked(self) -> object:
        """All that there is to ask about; equal for two who have the same policies."""
        return tuple(
            (tuple(_meanings(side)), tuple(d.at for d in side))
            for side in (self.before, self.after)
        )

    @property
    def documents(self) -> tuple[TemplateDocument, ...]:
        """Those of both versions."""
        return (*self.before, *self.after)

    @property
    def first(self) -> TemplateDocument:
        """The document that stands for all: a new one, if there is any."""
        return (*self.after, *self.before)[0]


@dataclass(frozen=True, slots=True)
class NotFollowed:
    """A change for which there is no policy to ask about; `document` is what it is about."""

    problem: str
    at: Span
    hint: str = ""
    is_old: bool = False  # of the base version, which then allows nothing
    type: PolicyType | None = None


Deployed: TypeAlias = PolicyChange | NotFollowed


@dataclass(frozen=True, slots=True)
class Way:
    """What becomes of a policy in one way in which its template may be deployed.

    taken: what its callers are thought to be, of which `accounts` are accounts.
    """

    change: PolicyChange
    type: PolicyType
    world: World
    taken: Mapping[str, str]
    accounts: AbstractSet[str]

    def statements(self, node: Node) -> Sequence[Statement]:
        """Return the statements of a document of this template, were it deployed in this way.

        Errors: `PolicySyntaxError`.
        """
        return with_callers(policy_of(node, self.type), self.taken, self.accounts).statements


def pairs_of(
    before: Sequence[TemplateDocument], after: Sequence[TemplateDocument]
) -> tuple[TemplatePair, ...]:
    """Return what is compared with what: by unit or address, and what only moved by its content."""
    old, new = _grouped(before), _grouped(after)
    gone = [key for key in old if key not in new]
    moved: dict[str, str] = {}
    alike: dict[tuple[object, ...], list[str]] = {}
    for key in gone:
        alike.setdefault(_attached(old[key]), []).append(key)
    roles = _roles(before), _roles(after)
    for key in new if gone else ():
        same = alike.get(_attached(new[key]), []) if key not in old else []
        of_same = (each for each in same if _is_renamed(old[each][0], new[key][0], roles))
        if found := next(of_same, None):
            moved[key] = found
            same.remove(found)
            gone.remove(found)
    paired = [
        at_targets
        for key in new
        for pair in _of_one_type(
            TemplatePair(key, old.get(moved.get(key, key)) or _had(before, new[key]), new[key])
        )
        for at_targets in _of_old_targets(pair)
    ]
    return (*paired, *(TemplatePair(key, old[key], ()) for key in gone))


def _roles(documents: Iterable[TemplateDocument]) -> frozenset[str]:
    """Return where the trust policies are, by which it is known that their roles are there."""
    return frozenset(d.address for d in documents if d.type is PolicyType.TRUST)


def _is_renamed(
    one: TemplateDocument,
    other: TemplateDocument,
    roles: tuple[frozenset[str], frozenset[str]],
) -> bool:
    """Whether a document that says what another one said may be the same one under a new name.

    Not where somebody else has it: that is new access. Whoever has it is the same only if that is
    a role, and the one role is gone and the other one new.
    """
    if not other.unit:
        return True
    return bool(one.unit) and [
        any(address.startswith((f"{unit}.", f"{unit}/")) for address in there)
        for unit in (one.unit, other.unit)
        for there in roles
    ] == [True, False, False, True]


def _had(
    before: Iterable[TemplateDocument], after: Sequence[TemplateDocument]
) -> tuple[TemplateDocument, ...]:
    """Return the old version of a policy that a role, user or group had and nobody has any more.

    One of those who had it is enough: what none of them was allowed by it stays new.
    """
    first = after[0]
    if first.unit or first.type is not PolicyType.IDENTITY:
        return ()
    of_holder = f"{first.address}@"
    found = (d for d in before if d.unit and d.type is first.type)
    return tuple(islice((d for d in found if d.address.startswith(of_holder)), 1))


def _of_old_targets(pair: TemplatePair) -> Iterator[TemplatePair]:
    """Yield the pair; without its old side, where a policy is attached to something more.

    A guardrail that is attached to less is gone from the rest.
    """
    olds, news_ = (
        frozenset(target for document in side for target in document.targets)
        for side in (pair.before, pair.after)
    )
    bounds = all(each.type is not None and each.type.is_guardrail for each in pair.documents)
    has_more = bool(pair.before) and not news_ <= olds
    yield TemplatePair(pair.address, (), pair.after) if has_more and not bounds else pair
    if bounds and pair.before and pair.after and not olds <= news_:
        yield TemplatePair(pair.address, pair.before, ())


def _of_one_type(pair: TemplatePair) -> Iterator[TemplatePair]:
    """Yield the pair; or its sides alone, where a guardrail has made room for something else."""
    types = [{document.type for document in side} for side in (pair.before, pair.after)]
    if None in types[0] | types[1] or not all(types) or types[0] == types[1]:
        yield pair
        return
    yield TemplatePair(pair.address, (), pair.after)
    yield TemplatePair(pair.address, pair.before, ())


def _grouped(documents: Iterable[TemplateDocument]) -> dict[str, tuple[TemplateDocument, ...]]:
    found: dict[str, tuple[TemplateDocument, ...]] = {}
    for document in documents:
        is_of_unit = document.unit and document.type is PolicyType.IDENTITY
        key = document.unit if is_of_unit else document.address
        found[key] = (*found.get(key, ()), document)
    return found


def _is_alike(one: TemplateDocument, other: TemplateDocument) -> bool:
    """Whether two documents say the same in the same order: a quick yes for most."""
    kinds = (one.type, one.resource_type) == (other.type, other.resource_type)
    return kinds and is_alike(one.value, other.value)


def _meanings(documents: Iterable[TemplateDocument]) -> list[tuple[object, ...]]:
    return [(d.type, d.resource_type, meaning(d.value)) for d in documents]


def _attached(documents: Iterable[TemplateDocument]) -> tuple[object, ...]:
    """Return what documents say, and what they are attached to."""
    several = tuple(documents)
    return (*_meanings(several), *(document.targets for document in several))


def news(before: Sequence[NotResolved], after: Sequence[NotResolved]) -> Iterator[NotResolved]:
    """Yield the places that could not be followed and are new, or say something new."""
    known = {(each.address, each.content) for each in before}
    yield from (each for each in after if (each.address, each.content) not in known)


def deployed(pair: TemplatePair, path: str, base_path: str) -> Iterator[Deployed]:
    """Yield the change of a policy for each way in which its template may be deployed."""
    for each in ways(pair, path, base_path):
        yield each if isinstance(each, NotFollowed) else each.change


def ways(pair: TemplatePair, path: str, base_path: str) -> Iterator[Way | NotFollowed]:
    """Yield each way in which the template of a policy may be deployed."""
    asked = premises([document.value for document in pair.documents])
    try:
        every = _outcomes(pair)
    except TooManyWorldsError:
        problem = f"depends on {len(asked)} conditions that are known only once it is deployed"
        yield NotFollowed(problem, pair.first.at, "give the parameters values, or split the policy")
        return
    for compared, outcome in every:
        yield from _in_world(compared, path, base_path, outcome.world(asked), outcome.given)


def _outcomes(pair: TemplatePair) -> list[tuple[TemplatePair, Outcome]]:
    """Return every way in which a policy may be deployed, with what is then compared.

    Errors: `TooManyWorldsError`.
    """
    try:
        return [(pair, each) for each in outcomes([d.value for d in pair.documents])]
    except TooManyWorldsError:
        apart = untied(pair.before, pair.after)
        if not apart:
            raise
        pairs = [TemplatePair(pair.address, *sides) for sides in apart]
        return [(p, each) for p in pairs for each in outcomes([d.value for d in p.documents])]


def _in_world(
    pair: TemplatePair, path: str, base_path: str, world: World, told: World
) -> Iterator[Way | NotFollowed]:
    kind = _type(pair, world)
    sides: list[Policy | None] = []
    for documents, is_old in ((pair.before, True), (pair.after, False)):
        try:
            sides.append(_policy(documents, kind, world))
        except PolicySyntaxError as error:
            yield NotFollowed(error.problem, error.at, error.hint, is_old, kind)
            if not is_old:
                return
            sides.append(None)
    before, after = sides
    if before is None and after is None:
        return
    given = tuple((p.expression, "true" if holds else "false") for p, holds in told.items())
    try:
        found = deployments(before, after)
    except TooManyDeploymentsError as error:
        problem = f"names callers that may be deployed in {error}"
        yield NotFollowed(problem, pair.first.at, "name the principals by ARN")
        return
    first = pair.first
    change = PolicyChange(
        path if after else base_path,
        pair.address,
        before,
        after,
        base_path,
        owner=_owner(pair),
        resource_type=first.resource_type,
    )
    accounts = account_symbols(side for side in sides if side is not None)
    for each in found:
        taken = tuple((name_of(symbol), value) for symbol, value in each.taken.items())
        then = replace(change, before=each.before, after=each.after, given=(*given, *taken))
        yield Way(then, kind, world, each.taken, accounts)


def _owner(pair: TemplatePair) -> str:
    first = pair.first
    several = len(pair.before) > 1 or len(pair.after) > 1
    return f"{first.owner}: {_IDENTITY if several else first.holds}"


def _type(pair: TemplatePair, world: World) -> PolicyType:
    """Return the policy type that the template tells, or that is written."""
    told = pair.first.type
    if told is not None:
        return told
    nodes = (settled(document.value, world) for document in (*pair.after, *pair.before))
    guesses = (guess_type(node) for node in nodes if node is not None)
    return next((kind for kind in guesses if kind), PolicyType.RESOURCE)


def _policy(documents: Iterable[TemplateDocument], kind: PolicyType, world: World) -> Policy | None:
    """Return what the documents say together; None if none of them is there."""
    nodes: list[Node] = []
    for document in documents:
        node = settled(document.value, world)
        if node is not None:
            nodes.append(node)
    if not nodes:
        return None
    policies = [policy_of(node, kind) for node in nodes]
    statements = tuple(chain.from_iterable(policy.statements for policy in policies))
    return replace(policies[0], statements=statements)
