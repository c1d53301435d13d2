"""The last resort for policy variables: z3's theory of strings, over the few literals concerned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from checker.symbolic import terms, universe
from checker.symbolic.atoms import Atom, Hole, Matcher, ResourceIn, Template, ValueIn
from checker.symbolic.callers import TIED
from checker.symbolic.globs import EVERYTHING, Glob
from checker.symbolic.values import NotModelled
from checker.symbolic.vocabulary import Vocabulary


def values_of_variables(
    literals: Sequence[tuple[Atom, bool]], vocabulary: Vocabulary, seconds: float
) -> dict[str, str] | None:
    """Return values of the keys that variables take, or None if the literals are impossible.

    What ties a key to the caller is left out: None is certain, values may still fail the judge.
    Errors: `NotModelled` if z3 does not answer in time.
    """
    varying = [a for a, _ in literals if isinstance(getattr(a, "of", None), Template)]
    holes = {key: None for atom in varying for key in atom.of.keys}  # type: ignore[union-attr]
    variables: dict[str, Any] = {}
    asserted: list[Any] = []
    for atom, holds in literals:
        if not isinstance(atom, ResourceIn | ValueIn):
            continue
        if isinstance(atom, ValueIn) and not isinstance(atom.of, Glob | Template):
            continue
        term = _term(atom.of, _variable(atom, variables), variables, negative=not holds)
        if term is not None:
            asserted.append(term if holds else terms.opposite(term))
    for key in holes:
        variable = variables.setdefault(key, terms.string_variable(key))
        if key not in TIED:
            asserted += [terms.matches(variable, g) for g in universe.value_universe(key, vocabulary)]
    try:
        found = terms.string_model(asserted, [variables[k] for k in holes], int(seconds * 1000))
    except terms.OutOfTime as error:
        raise NotModelled("the values of policy variables were not decided in time") from error
    except ValueError as error:
        raise NotModelled("a pattern holds a character that the solver does not have") from error
    return None if found is None else dict(zip(holes, found, strict=True))


def _variable(atom: ResourceIn | ValueIn, variables: dict[str, Any]) -> Any:
    name = "resource" if isinstance(atom, ResourceIn) else atom.key
    return variables.setdefault(name, terms.string_variable(name))


def _term(of: Matcher, target: Any, variables: dict[str, Any], *, negative: bool) -> Any | None:
    if isinstance(of, Glob):
        return terms.matches(target, of)
    assert isinstance(of, Template)
    parts: list[Any] = []
    limits: list[Any] = []
    for place, token in enumerate(of.tokens):
        if isinstance(token, Hole):
            if token.folded:
                raise NotModelled("a policy variable compared without case")
            parts.append(variables.setdefault(token.key, terms.string_variable(token.key)))
        elif isinstance(token, str):
            parts.append(terms.string(token))
        else:
            if negative and not _only_at_the_end(of, place):
                # "For every text in this place" is beyond the theory; leaving the literal out
                # only makes more possible, which the judge then refuses.
                return None
            fresh = terms.string_variable(f"{id(of)}-{place}")
            parts.append(fresh)
            limits.append(terms.matches(fresh, _alone(token)))
    if negative and limits:
        return _prefix(parts[:-1], target)
    return terms.conjunction([terms.equal(target, terms.concatenation(parts)), *limits])


def _only_at_the_end(of: Template, place: int) -> bool:
    return place == len(of.tokens) - 1 and _alone(of.tokens[place]) == EVERYTHING


def _alone(token: object) -> Glob:
    from checker.symbolic.globs import glob

    return glob((token,))  # type: ignore[arg-type]


def _prefix(parts: list[Any], target: Any) -> Any:
    return terms.prefix_of(terms.concatenation(parts), target)
