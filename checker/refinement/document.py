"""From a parsed policy back to a document, for callers that hold nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from checker.policy.model import Element, Policy, PrincipalKind, Principals, Statement
from checker.refinement.edits import Json, Object

_AWS = "AWS"
_MEMBERS = {
    PrincipalKind.SERVICE: "Service",
    PrincipalKind.FEDERATED: "Federated",
    PrincipalKind.CANONICAL_USER: "CanonicalUser",
}


def document_of(policy: Policy) -> Object:
    """Return a document that parses to an equal policy."""
    version: Object = {} if policy.version is None else {"Version": policy.version}
    return {**version, "Statement": [_statement(each) for each in policy.statements]}


def _statement(statement: Statement) -> Object:
    document: Object = {} if statement.sid is None else {"Sid": statement.sid}
    document["Effect"] = statement.effect.value
    if statement.principals is not None:
        document[_name("Principal", statement.principals)] = _principals(statement.principals)
    document[_name("Action", statement.actions)] = _texts(statement.actions)
    if statement.resources is not None:
        document[_name("Resource", statement.resources)] = _texts(statement.resources)
    conditions = _conditions(statement)
    if conditions or statement.empty_condition:
        document["Condition"] = {**conditions}
    return document


def _name(name: str, element: Element | Principals) -> str:
    return f"Not{name}" if element.negated else name


def _texts(element: Element) -> Json:
    return _one_or_many([pattern.text for pattern in element.patterns])


def _one_or_many(texts: Sequence[str]) -> Json:
    return texts[0] if len(texts) == 1 else list(texts)


def _principals(principals: Principals) -> Json:
    texts: dict[str, list[str]] = {}
    for entry in principals.entries:
        texts.setdefault(_MEMBERS.get(entry.kind, _AWS), []).append(entry.text)
    if texts == {_AWS: ["*"]}:
        return "*"
    return {member: _one_or_many(found) for member, found in texts.items()}


def _conditions(statement: Statement) -> dict[str, Object]:
    found: dict[str, Object] = {}
    for condition in statement.conditions:
        keys = found.setdefault(condition.operator.name, {})
        keys[condition.key_text] = _one_or_many([value.text for value in condition.values])
    return found
