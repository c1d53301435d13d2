"""The last resort for policy variables: z3's theory of strings, over the few literals concerned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from checker.symbolic import terms, universe
from checker.symbolic.atoms import Atom, Hole, Matcher, ResourceIn, Template, ValueIn
from checker.symbolic.globs import ANY, Glob, One, Run, glob
from checker.symbolic.patterns import ARN_FIELDS, keeps_fields
from checker.symbolic.values import NotModelledError
from checker.symbolic.vocabulary import Vocabulary


def values_of_variables(
    literals: Sequence[tuple[Atom, bool]], vocabulary: Vocabulary, seconds: float
) -> dict[str, str] | None:
    """Return values of the keys that variables take, or None if the literals are impossible.

    What ties a key to the caller is left out: None is certain, values may still fail the judge.
    Errors: `NotModelledError` if z3 does not answer in time.
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
    if "resource" in variables and not vocabulary.opaque_resources:
        resource = variables["resource"]
        star = terms.equal(resource, terms.string("*"))
        asserted.append(terms.disjunction([star, terms.matches(resource, universe.RESOURCE_ARN)]))
    for key in holes:
        variable = variables.setdefault(key, terms.string_variable(key))
        asserted += [terms.matches(variable, g) for g in universe.value_universe(key, vocabulary)]
    try:
        found = terms.string_model(asserted, [variables[k] for k in holes], int(seconds * 1000))
    except terms.OutOfTimeError as error:
        raise NotModelledError("the values of policy variables were not decided in time") from error
    except ValueError as error:
        raise NotModelledError(
            "a pattern holds a character that the solver does not have"
        ) from error
    return None if found is None else dict(zip(holes, found, strict=True))


def _variable(atom: ResourceIn | ValueIn, variables: dict[str, Any]) -> Any:
    name = "resource" if isinstance(atom, ResourceIn) else atom.key
    return variables.setdefault(name, terms.string_variable(name))


def _term(of: Matcher, target: Any, variables: dict[str, Any], *, negative: bool) -> Any | None:
    """Return a term that is true wherever the pattern matches; false wherever not, if `negative`.

    None: there is no such term. Leaving a literal out only makes more possible, which the judge
    then refuses.
    """
    if isinstance(of, Glob):
        return terms.matches(target, of)
    assert isinstance(of, Template)
    if any(isinstance(token, Hole) and token.folded for token in of.tokens):
        raise NotModelledError("a policy variable compared without case")
    return _excluded(of, target, variables) if negative else _included(of, target, variables)


def _included(of: Template, target: Any, variables: dict[str, Any]) -> Any:
    parts: list[Any] = []
    limits: list[Any] = []
    moved = False
    colons = 0
    for token in of.tokens:
        if isinstance(token, str):
            colons += token.count(":")
            parts.append(terms.string(token))
        elif isinstance(token, Hole) and not token.wild:
            moved = moved or (of.by_field and colons < ARN_FIELDS - 1)
            parts.append(variables.setdefault(token.key, terms.string_variable(token.key)))
        else:
            # What a value brings may move a wildcard to another field, or be one itself.
            moved = moved or (of.by_field and isinstance(token, Hole))
            fresh = variables.setdefault(
                f"run {len(variables)}", terms.string_variable(f"run {len(variables)}")
            )
            parts.append(fresh)
            if isinstance(token, One):
                limits.append(terms.matches(fresh, glob((One(ANY) if moved else token,))))
            elif isinstance(token, Run) and not moved:
                limits.append(terms.matches(fresh, glob((token,))))
    return terms.conjunction([terms.equal(target, terms.concatenation(parts)), *limits])


def _excluded(of: Template, target: Any, variables: dict[str, Any]) -> Any | None:
    if of.by_field and not keeps_fields(of):
        return None
    parts: list[Any] = []
    for place, token in enumerate(of.tokens):
        if isinstance(token, str):
            parts.append(terms.string(token))
        elif isinstance(token, Hole):  # a wildcard in its value matches itself too
            parts.append(variables.setdefault(token.key, terms.string_variable(token.key)))
        elif token == Run(ANY) and place == len(of.tokens) - 1:
            return terms.prefix_of(terms.concatenation(parts), target)
        else:
            return None  # "for every text in this place" is beyond the theory
    return terms.equal(target, terms.concatenation(parts))
