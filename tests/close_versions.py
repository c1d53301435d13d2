"""Two versions of one policy: much the same, or apart in a key, an operator, a value or an entry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from checker.policy.model import Policy, PolicyType
from tests.drawing import Draw
from tests.strategies import (
    ACTIONS,
    FAMILIES,
    KEYS,
    OF_KEY,
    RESOURCES,
    WHO,
    Document,
    condition,
    document,
    parsed,
    policy_types,
    principal,
    statement_document,
)


def two_versions(draw: Draw) -> tuple[Policy, Policy] | None:
    """Return two versions of a policy, close or not; None where one is refused."""
    return close_versions(draw) if draw.chance(50) else versions(draw)


def versions(draw: Draw) -> tuple[Policy, Policy] | None:
    """Return two policies that have much in common."""
    policy_type = draw.one(policy_types())
    before = document(draw, policy_type)
    after = document(draw, policy_type) if draw.chance(25) else _changed(draw, before, policy_type)
    return _parsed(draw, before, after, policy_type)


def close_versions(draw: Draw) -> tuple[Policy, Policy] | None:
    """Return two policies that differ in small things, half of them in who calls."""
    policy_type = draw.one(policy_types())
    keys = WHO if draw.chance(50) else KEYS
    before = document(draw, policy_type, most=2, keys=keys)
    statements = [
        _tweaked(draw, s, policy_type, keys) if draw.chance(70) else s for s in before["Statement"]
    ]
    after = {**before, "Statement": statements}
    if draw.chance(15):
        after = _changed(draw, after, policy_type)
    return _parsed(draw, before, after, policy_type)


def _parsed(
    draw: Draw, before: Document, after: Document, policy_type: PolicyType
) -> tuple[Policy, Policy] | None:
    old, new = parsed(before, policy_type), parsed(after, policy_type)
    if old is None or new is None:
        return None
    return (new, old) if draw.chance(50) else (old, new)


def _changed(draw: Draw, of: Document, policy_type: PolicyType) -> Document:
    """Return another version of a document: most of it the same."""
    statements: list[Document] = list(of["Statement"])
    for _ in range(1 + draw.below(2)):
        place = draw.below(len(statements) + 1)
        change = draw.below(4)
        if change == 0 and place < len(statements):
            statements[place] = _edited(draw, statements[place], policy_type)
        elif change == 1 and place < len(statements):
            statements.pop(place)
        elif change == 2:
            statements.insert(place, statement_document(draw, policy_type))
        else:
            statements = [*statements[1:], *statements[:1]]
    return {**of, "Statement": statements}


def _edited(draw: Draw, statement: Document, policy_type: PolicyType) -> Document:
    """Return the statement with one of its elements taken from another one."""
    other = statement_document(draw, policy_type)
    name = draw.one(("Action", "Resource", "Condition", "Principal"))
    names = (name, f"Not{name}")
    kept = {k: v for k, v in statement.items() if k not in names}
    taken = {k: v for k, v in other.items() if k in names}
    if policy_type is PolicyType.RCP:
        return other
    return {**kept, **taken}


def _tweaked(
    draw: Draw, statement: Document, policy_type: PolicyType, keys: Sequence[str]
) -> Document:
    """Return the statement with one small thing changed."""
    found: Document = {**statement}
    block = found.get("Condition")
    caller = next((n for n in ("Principal", "NotPrincipal") if n in found), "")
    if block and draw.chance(60):
        found["Condition"] = _tweaked_condition(draw, block, keys)
    elif caller and policy_type is not PolicyType.RCP and draw.chance(50):
        found[caller] = _tweaked_principal(draw, found[caller], policy_type, caller)
    elif draw.chance(10):
        found["Effect"] = "Deny" if found["Effect"] == "Allow" else "Allow"
    elif draw.chance(20) and block:
        del found["Condition"]
    elif draw.chance(20):
        found["Condition"] = condition(draw, keys)
    else:
        _tweak_patterns(draw, found)
    return found


def _tweak_patterns(draw: Draw, statement: Document) -> None:
    names = [n for n in ("Action", "NotAction", "Resource", "NotResource") if n in statement]
    name = draw.one(names)
    entries = _listed(statement[name])
    options = ACTIONS if name.endswith("Action") else RESOURCES[:20]
    if len(entries) > 1 and draw.chance(40):
        entries.pop(draw.below(len(entries)))
    else:
        entries.insert(draw.below(len(entries) + 1), draw.one(options))
    statement[name] = entries


def _tweaked_principal(draw: Draw, of: Any, policy_type: PolicyType, name: str) -> Any:
    """Return the element with an entry more, an entry less, or as another one."""
    other = principal(draw, policy_type, negated=name == "NotPrincipal")
    if not isinstance(of, dict) or not isinstance(other, dict) or draw.chance(20):
        return other
    kind = draw.one(list(of))
    entries = _listed(of[kind])
    if len(entries) > 1 and draw.chance(40):
        entries.pop(draw.below(len(entries)))
        return {**of, kind: entries}
    more = draw.one(list(other))
    return {**of, more: [*_listed(of.get(more, [])), *_listed(other[more])]}


def _tweaked_condition(draw: Draw, block: Document, among: Sequence[str]) -> Document:
    """Return the block with another key, operator or value in one place."""
    operators = list(block)
    operator = draw.one(operators)
    if not block[operator]:
        return condition(draw, among)
    key = draw.one(list(block[operator]))
    values = _listed(block[operator][key])
    kept = {
        o: {k: v for k, v in keys.items() if (o, k) != (operator, key)} for o, keys in block.items()
    }
    kept = {o: keys for o, keys in kept.items() if keys}
    match draw.below(4):
        case 0:
            key = draw.one(among)
        case 1:
            operator = _other_operator(draw, operator)
        case 2 if len(values) > 1:
            values.pop(draw.below(len(values)))
        case _:
            family = FAMILIES[draw.one(OF_KEY.get(key.lower(), ("text",)))]
            values.append(draw.one(family[1]))
    kept.setdefault(operator, {})[key] = values
    return kept


def _other_operator(draw: Draw, operator: str) -> str:
    """Return an operator of the same kind: negated, with IfExists, a set operator, or not so."""
    head, _, name = operator.rpartition(":")
    tail = "IfExists" if name.endswith("IfExists") else ""
    name = name.removesuffix("IfExists")
    if name == "Null":
        return operator
    match draw.below(4):
        case 0:
            tail = "" if tail else "IfExists"
        case 1:
            head = draw.one(tuple(h for h in ("", "ForAnyValue", "ForAllValues") if h != head))
        case _:
            families = [f for f, _ in FAMILIES.values() if name in f]
            name = draw.one(families[0])
    return f"{head}:{name}{tail}" if head else f"{name}{tail}"


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]
