"""Which statements of a policy allow what another policy does not, cell by cell.

A cell is one action entry on one resource entry for one principal entry of an Allow statement.
Within a cell most of the other policy settles itself by comparing patterns: a statement is not met
at all, or always, or under conditions. What is left is one small formula for each kind of cell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import TypeAlias

from checker.symbolic import search, universe
from checker.symbolic.atoms import ActionIn, CallerIn, ResourceIn
from checker.symbolic.compile import CompiledPolicy, CompiledStatement, Entry
from checker.symbolic.entail import Known
from checker.symbolic.formula import And, Formula, Or, all_of, any_of, atoms_of, negation
from checker.symbolic.globs import Glob, literal
from checker.symbolic.index import EntryIndex
from checker.symbolic.near_callers import NearCallers
from checker.symbolic.search import Deadline
from checker.symbolic.theory import Possible
from checker.symbolic.vocabulary import Vocabulary

Hits: TypeAlias = Mapping[int, Formula]


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Entries that the rest of both policies cannot tell apart, and where they are met."""

    entries: tuple[Entry, ...]
    hits: Hits


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """New access: any of these actions on any of these resources; `example` is one request."""

    actions: tuple[Entry, ...]
    resources: tuple[Entry, ...]
    example: Possible


class Comparison:
    """Two compiled policies, ready to be asked what the new one allows and the old one does not."""

    def __init__(
        self,
        new: CompiledPolicy,
        old: CompiledPolicy,
        within: Formula,
        vocabulary: Vocabulary,
        deadline: Deadline,
    ) -> None:
        self.new = new
        self._within = within
        self._spoken_of = {type(atom) for atom in atoms_of(within)}
        self._vocabulary = vocabulary
        self._deadline = deadline
        self._others = (*new.denies, *old.allows, *old.denies)
        self._denied_now = range(len(new.denies))
        self._allowed_before = range(len(new.denies), len(new.denies) + len(old.allows))
        self._actions = EntryIndex(
            {owner: other.actions for owner, other in enumerate(self._others)}, ActionIn
        )
        self._resources = EntryIndex(
            {owner: self._others[owner].resources for owner in self._met_by_action()}, ResourceIn
        )
        self._scopes: dict[Formula, Formula] = {}
        self._settled: dict[Formula, Possible | None] = {}
        self._callers: dict[int, NearCallers] = {}

    def until(self, deadline: Deadline) -> Comparison:
        """Return the same, all that is known by now included, with another deadline."""
        again = copy(self)
        again._deadline = deadline  # noqa: SLF001
        return again

    def _met_by_action(self) -> list[int]:
        """Return the other statements that an action of the new policy meets at all.

        What AWS leaves open about the rest of them has no say in the answer.
        """
        entries = {entry.formula for allow in self.new.allows for entry in allow.actions}
        return sorted({owner for entry in entries for owner in self._actions.hits(entry)})

    def _action_groups(self, entries: Sequence[Entry]) -> list[Group]:
        return self._groups(ActionIn, entries, self._actions.hits)

    def _resource_groups(self, entries: Sequence[Entry], actions: Sequence[Group]) -> list[Group]:
        """Return the resource entries by what they meet of the statements that the actions meet."""
        owners = dict.fromkeys(owner for group in actions for owner in group.hits)
        return self._groups(ResourceIn, entries, lambda cell: self._resources.among(cell, owners))

    def flows(self, statement: CompiledStatement) -> Iterator[Flow]:
        """Yield where an Allow statement of the new policy gives new access.

        Errors: `search.NoAnswerError`.
        """
        with search.exact():  # a statement is compiled when it is first met
            yield from self._flows(statement)

    def _flows(self, statement: CompiledStatement) -> Iterator[Flow]:
        base = Known((statement.conditions,))
        actions = self._action_groups(statement.actions)
        resources = self._resource_groups(statement.resources, actions)
        rests: dict[tuple[int, Formula], Formula] = {}
        for action_group in actions:
            for resource_group in resources:
                example = self._example(statement, base, action_group, resource_group, rests)
                if example is not None:
                    yield Flow(action_group.entries, resource_group.entries, example)

    def new_among(self, statement: CompiledStatement, actions: Sequence[str]) -> Iterator[str]:
        """Yield those of some actions to which the statement gives new access.

        Errors: `search.NoAnswerError`.
        """
        with search.exact():
            yield from self._new_among(statement, actions)

    def _new_among(self, statement: CompiledStatement, actions: Sequence[str]) -> Iterator[str]:
        base = Known((statement.conditions,))
        entries: dict[Formula, str] = {ActionIn(literal(name.lower())): name for name in actions}
        groups = self._action_groups([Entry(None, atom) for atom in entries])
        resources = self._resource_groups(statement.resources, groups)
        for group in groups:
            if any(self._example(statement, base, group, r, {}) is not None for r in resources):
                yield from (
                    name for e in group.entries if (name := entries.get(e.formula)) is not None
                )

    def _groups(
        self,
        kind: type[ActionIn | ResourceIn],
        entries: Sequence[Entry],
        hits_of: Callable[[Formula], Hits],
    ) -> list[Group]:
        """Return the entries, those together that are met by the same statements."""
        groups: dict[object, list[Entry]] = {}
        hits: dict[object, Hits] = {}
        for entry in entries:
            if not self._is_possible(entry.formula):
                continue  # what no request has, such as an action with a blank in it
            met = hits_of(entry.formula)
            settled = all(formula is True for formula in met.values())
            plain = settled and kind not in self._spoken_of
            # Where all is settled only the set of statements matters, not the entry.
            key: object = frozenset(met) if plain else entry.formula
            if plain and not _is_alone(entry.formula):
                key = entry.formula
            groups.setdefault(key, []).append(entry)
            hits[key] = met
        return [Group(tuple(found), hits[key]) for key, found in groups.items()]

    def _is_possible(self, entry: Formula) -> bool:
        """Whether some request matches the entry at all."""
        match entry:
            case ActionIn(of=of):
                return universe.is_action_possible(of)
            case ResourceIn(of=Glob() as of):
                own_form = self._vocabulary.opaque_resources and not of.prefix.startswith("arn:")
                return own_form or universe.is_resource_possible(of)
            case _:
                return entry is not False

    def _example(
        self,
        statement: CompiledStatement,
        base: Known,
        actions: Group,
        resources: Group,
        rests: dict[tuple[int, Formula], Formula],
    ) -> Possible | None:
        if self._scope(actions.entries[0].formula) is False:
            return None
        few, many = sorted((actions.hits, resources.hits), key=len)
        met = [owner for owner in few if owner in many]
        for principal in _split(statement.principals):
            guard = self._guard(met, actions.hits, resources.hits, base, principal, rests)
            if guard is False:
                continue
            example = self._request(statement, actions, resources, principal, guard)
            if example is not None:
                return example
        return None

    def _request(
        self,
        statement: CompiledStatement,
        actions: Group,
        resources: Group,
        principal: Formula,
        guard: Formula,
    ) -> Possible | None:
        action, resource = actions.entries[0].formula, resources.entries[0].formula
        cell = (action, resource, principal, statement.conditions)
        scope = Known(cell).simplified(self._scope(action))
        question = all_of((*cell, scope, guard))
        if question not in self._settled:
            self._settled[question] = search.found(question, self._vocabulary, self._deadline)
        return self._settled[question]

    def _scope(self, action: Formula) -> Formula:
        """Return what is asked about as far as an action leaves it open: often, nothing is."""
        if ActionIn not in self._spoken_of:
            return self._within
        found = self._scopes.get(action)
        if found is None:
            found = self._scopes[action] = Known((action,)).simplified(self._within)
        return found

    def _guard(
        self,
        met: Sequence[int],
        actions: Hits,
        resources: Hits,
        base: Known,
        principal: Formula,
        rests: dict[tuple[int, Formula], Formula],
    ) -> Formula:
        """Return when a request of the cell is not denied now and was not allowed before."""
        denied_now: list[Formula] = []
        allowed_before: list[Formula] = []
        denied_before: list[Formula] = []
        for owner in sorted(met):
            rest = self._rest(owner, base, principal, rests)
            when = all_of((actions[owner], resources[owner], rest))
            if when is False:
                continue
            if owner in self._denied_now:
                if when is True:
                    return False
                denied_now.append(when)
            elif owner in self._allowed_before:
                allowed_before.append(when)
            else:
                denied_before.append(when)
        return all_of(
            (
                any_of(
                    (negation(any_of(allowed_before)), any_of(_lost(denied_before, denied_now)))
                ),
                negation(any_of(denied_now)),
            )
        )

    def _rest(
        self,
        owner: int,
        base: Known,
        principal: Formula,
        rests: dict[tuple[int, Formula], Formula],
    ) -> Formula:
        """Return a statement's principals and conditions as far as the cell leaves them open."""
        found = rests.get((owner, principal))
        if found is None:
            other = self._others[owner]
            about = Known((principal,))
            caller = about.simplified(self._callers_of(owner).near(principal))
            found = all_of((caller, base.simplified(about.simplified(other.conditions))))
            rests[owner, principal] = found
        return found

    def _callers_of(self, owner: int) -> NearCallers:
        if owner not in self._callers:
            self._callers[owner] = NearCallers(any_of(self._others[owner].principals))
        return self._callers[owner]


def _is_alone(entry: Formula) -> bool:
    """Whether no other part of a question has a say in which requests match the entry."""
    match entry:
        case ActionIn(of=of) | ResourceIn(of=of):
            return isinstance(of, Glob)
        case _:
            return isinstance(entry, bool)


def _lost(before: Sequence[Formula], now: Sequence[Formula]) -> list[Formula]:
    """Return what was denied and does not show to be denied still.

    It does where one of `now` asks for nothing that it does not ask for too, by look alone.
    """
    by_part: dict[Formula, list[frozenset[Formula]]] = {}
    for denied in now:
        parts = _parts(denied)
        by_part.setdefault(parts[0], []).append(frozenset(parts))
    return [denied for denied in before if not _is_kept(frozenset(_parts(denied)), by_part)]


def _is_kept(
    parts: frozenset[Formula], now: Mapping[Formula, Sequence[frozenset[Formula]]]
) -> bool:
    return any(asked <= parts for part in parts for asked in now.get(part, ()))


def _parts(formula: Formula) -> tuple[Formula, ...]:
    return formula.parts if isinstance(formula, And) else (formula,)


def _split(principals: Sequence[Formula]) -> list[Formula]:
    """Return principals so that each names callers of one kind, where they are plain names."""
    split: dict[Formula, None] = {}
    for principal in principals:
        parts = principal.parts if isinstance(principal, Or) else (principal,)
        if all(isinstance(part, CallerIn) for part in parts):
            split.update(dict.fromkeys(parts))
        elif principal is not False:
            split[principal] = None
    return list(split)
