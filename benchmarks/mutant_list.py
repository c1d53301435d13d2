"""Errors that somebody could make in the meaning of a policy, each in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Mutant:
    """One edit: `old`, which stands once in the file, becomes `new`; `why` says what is wrong then."""

    file: str
    old: str
    new: str
    why: str


_PARSE: Final = (
    Mutant(
        "policy/parse.py",
        "version == _WITH_VARIABLES",
        "version is not None",
        "policies of 2008 have variables too",
    ),
    Mutant(
        "policy/parse.py",
        'entry.name == "NotAction"',
        'entry.name == "Notaction"',
        "NotAction is read as Action",
    ),
    Mutant(
        "policy/parse.py",
        'entry.name == "NotResource"',
        'entry.name == "Notresource"',
        "NotResource is read as Resource",
    ),
    Mutant(
        "policy/parse.py",
        "return parts(lower(written), wildcards=True, variables=False)",
        "return parts(written, wildcards=True, variables=False)",
        "the case of an action counts",
    ),
    Mutant(
        "policy/parse_condition.py",
        '"StringNotLike": Comparison.STRING_LIKE',
        '"StringNotLike": Comparison.STRING_EQUALS',
        "StringNotLike takes `*` literally",
    ),
    Mutant(
        "policy/parse_condition.py",
        "Condition(operator, lower(entry.name), values, span, readable(entry.name))",
        "Condition(operator, entry.name, values, span, readable(entry.name))",
        "the case of a key counts",
    ),
    Mutant(
        "policy/parse_condition.py",
        "plain += [(name, comparison, True) for name, comparison in _NEGATED.items()]",
        "plain += [(name, comparison, False) for name, comparison in _NEGATED.items()]",
        "negated operators are not negated",
    ),
    Mutant(
        "policy/parse_pattern.py",
        '_ESCAPED: Final = frozenset({"*", "?", "$"})',
        '_ESCAPED: Final = frozenset({"?", "$"})',
        "`${*}` is no literal star",
    ),
    Mutant(
        "policy/parse_pattern.py",
        '"?": Wildcard.ANY_ONE',
        '"?": Wildcard.ANY_RUN',
        "`?` stands for any number of characters",
    ),
    Mutant(
        "policy/parse_principal.py",
        'negated = name == "NotPrincipal"',
        'negated = name == "Notprincipal"',
        "NotPrincipal is read as Principal",
    ),
    Mutant(
        "policy/parse_principal.py",
        "if policy_type is PolicyType.VPC_ENDPOINT:",
        "if policy_type is PolicyType.TRUST:",
        "an account in an endpoint policy is all of it, in a trust policy its root user",
    ),
    Mutant(
        "policy/values.py",
        'return (-1 if text[0] == "-" else 1) * (hours * 3600 + minutes * 60)',
        'return (1 if text[0] == "-" else -1) * (hours * 3600 + minutes * 60)',
        "the offset of a time counts the wrong way",
    ),
)

_JUDGE: Final = (
    Mutant(
        "policy/evaluate.py",
        "return Decision(Outcome.EXPLICIT_DENY, statement)",
        "continue",
        "a Deny denies nothing",
    ),
    Mutant(
        "policy/evaluate.py",
        "return element.negated is not any(\n        _matches_action",
        "return any(\n        _matches_action",
        "NotAction selects what it lists",
    ),
    Mutant(
        "policy/evaluate.py",
        "and all(holds(condition, request, readings) for condition in statement.conditions)",
        "and any(holds(condition, request, readings) for condition in statement.conditions or [0])",
        "one condition of several is enough",
    ),
    Mutant(
        "policy/evaluate_condition.py",
        "return operator.negated or operator.if_exists",
        "return operator.if_exists",
        "a negated operator fails when the key is absent",
    ),
    Mutant(
        "policy/evaluate_condition.py",
        "            return all(satisfied)\n        case Quantifier.FOR_ANY_VALUE:",
        "            return any(satisfied)\n        case Quantifier.FOR_ANY_VALUE:",
        "ForAllValues asks for one value",
    ),
    Mutant(
        "policy/evaluate_condition.py",
        "return matched is not operator.negated",
        "return matched",
        "negated operators are not negated",
    ),
    Mutant(
        "policy/evaluate_condition.py",
        "value.operand is (not texts)",
        "value.operand is bool(texts)",
        "Null asks for the opposite",
    ),
    Mutant(
        "policy/evaluate_condition.py",
        "Comparison.NUMERIC_LESS_THAN_EQUALS: le",
        "Comparison.NUMERIC_LESS_THAN_EQUALS: lt",
        "NumericLessThanEquals leaves its bound out",
    ),
    Mutant(
        "policy/evaluate_condition.py",
        "Comparison.DATE_GREATER_THAN: gt",
        "Comparison.DATE_GREATER_THAN: ge",
        "DateGreaterThan takes its bound in",
    ),
    Mutant(
        "policy/evaluate_pattern.py",
        "fields += ((_ANY_RUN,),) * (_FIELDS - len(fields))",
        "fields += ((),) * (_FIELDS - len(fields))",
        "a short ARN is completed with empty fields",
    ),
    Mutant(
        "policy/evaluate_pattern.py",
        'if request.resource == "*":  # iam-semantics R7',
        'if request.resource == "**":',
        "patterns other than `*` match actions without resource",
    ),
    Mutant(
        "policy/evaluate_pattern.py",
        "    return variable.default\n",
        '    return variable.default or ""\n',
        "a variable without value is the empty text",
    ),
    Mutant(
        "policy/evaluate_principal.py",
        "return listed >= _CHAIN[kind]",
        "return bool(listed & _CHAIN[kind])",
        "one link of the chain exempts from NotPrincipal",
    ),
    Mutant(
        "policy/evaluate_principal.py",
        "if effect is Effect.DENY and request.caller.has_boundary:",
        "if effect is Effect.ALLOW and request.caller.has_boundary:",
        "a boundary exempts nobody from the exemption",
    ),
    Mutant(
        "policy/evaluate_principal.py",
        "return path is None or path == role.path",
        "return True",
        "the path of a role does not count",
    ),
)

_COMPILER: Final = (
    Mutant(
        "symbolic/compile.py",
        "return all_of((allowed, negation(denied)))",
        "return allowed",
        "the formula of a policy forgets its Denies",
    ),
    Mutant(
        "symbolic/compile.py",
        "    none = all_of(negation(entry.formula) for entry in entries)",
        "    none = any_of(negation(entry.formula) for entry in entries)",
        "NotAction excludes only what all its entries match",
    ),
    Mutant(
        "symbolic/compile.py",
        "    if short is None:\n        return completed",
        "    if short is not None:\n        return completed",
        "open questions about short ARNs are put where there are none",
    ),
    Mutant(
        "symbolic/compile.py",
        "all_of((whole, *neither))",
        "whole",
        "a service's own form also matches ARNs",
    ),
    Mutant(
        "symbolic/compile_condition.py",
        "if operator.negated or operator.if_exists:\n        return any_of((negation(there), met))",
        "if operator.if_exists:\n        return any_of((negation(there), met))",
        "a negated operator fails when the key is absent",
    ),
    Mutant(
        "symbolic/compile_condition.py",
        "met = _unmatched(given, matched, vocabulary) if operator.negated else matched",
        "met = matched",
        "negated operators are not negated",
    ),
    Mutant(
        "symbolic/compile_condition.py",
        "return any_of(negation(there) if value.operand is True else there for value in given.values)",
        "return any_of(there if value.operand is True else negation(there) for value in given.values)",
        "Null asks for the opposite",
    ),
    Mutant(
        "symbolic/compile_condition.py",
        "        return negation(_some(given, vocabulary, negated=not given.operator.negated))\n",
        "        return _some(given, vocabulary, negated=given.operator.negated)\n",
        "ForAllValues asks for one value",
    ),
    Mutant(
        "symbolic/compile_condition.py",
        "return Interval(scale, None, point, high_open=True)",
        "return Interval(scale, None, point)",
        "LessThan takes its bound in",
    ),
    Mutant(
        "symbolic/compile_condition.py",
        "offset = 0 if network.version == 4 else _FIRST_IPV6",
        "offset = 0",
        "IPv6 blocks lie among the IPv4 addresses",
    ),
    Mutant(
        "symbolic/compile_condition.py",
        "if given.key == _EPOCH and is_instant and vocabulary.assumes(ONE_CLOCK):",
        "if False:",
        "there are two clocks",
    ),
    Mutant(
        "symbolic/compile_variable.py",
        "    for is_there, guard in ((True, there), (False, negation(there))):",
        "    for is_there, guard in ((True, there),):",
        "the default of a variable is never used",
    ),
    Mutant(
        "symbolic/compile_principal.py",
        "return (any_of((negation(exempt), HasBoundary())),)",
        "return (negation(exempt),)",
        "a boundary does not matter to a Deny with NotPrincipal",
    ),
    Mutant(
        "symbolic/compile_principal.py",
        "            return any_of(of_account(kind, entry.value) for kind in OF_ACCOUNT)",
        "            return of_account(CallerKind.ROOT_USER, entry.value)",
        "an account covers its root user alone",
    ),
    Mutant(
        "symbolic/compile_principal.py",
        'if entry.value.split(":")[4] in accounts:',
        "if True:",
        "a user is exempt though its account is not listed",
    ),
    Mutant(
        "symbolic/patterns.py",
        "_wildcard(part, NOT_COLON if early else ANY)",
        "_wildcard(part, ANY)",
        "a wildcard in an early field of an ARN reaches over the colon",
    ),
    Mutant(
        "symbolic/vocabulary.py",
        "return quantified if known is None else known",
        "return quantified",
        "whether a key holds many values is taken from the operators alone",
    ),
)

_DECIDING: Final = (
    Mutant(
        "symbolic/discharge.py",
        "if _unheld(_with_effect(old, Effect.DENY), _with_effect(new, Effect.DENY)):",
        "if False:",
        "equal text is dropped though a Deny is gone",
    ),
    Mutant(
        "symbolic/discharge.py",
        "        statement.principals,\n        statement.conditions,\n        statement.empty",
        "        statement.conditions,\n        statement.empty",
        "equal text is dropped though the principals differ",
    ),
    Mutant(
        "symbolic/discharge.py",
        "if not a & r}",
        "if not a | r}",
        "an action and a resource of two different statements are taken for one cell",
    ),
    Mutant(
        "symbolic/cells.py",
        "any_of(\n                    (negation(any_of(allowed_before)), any_of(_lost(denied_before, denied_now)))\n                ),",
        "negation(any_of(allowed_before)),",
        "a Deny that is gone brings no access",
    ),
    Mutant(
        "symbolic/cells.py",
        "                denied_now.append(when)",
        "                pass",
        "a conditional Deny of the new policy is not seen",
    ),
    Mutant(
        "symbolic/cells.py",
        "return any(asked <= parts for part in parts for asked in now.get(part, ()))",
        "return any(asked & parts for part in parts for asked in now.get(part, ()))",
        "a Deny is kept by one that asks for more",
    ),
    Mutant(
        "symbolic/cells.py",
        "for principal in _split(statement.principals):",
        "for principal in _split(statement.principals)[:1]:",
        "only the first principal of a statement is looked at",
    ),
    Mutant(
        "symbolic/entail.py",
        "return _within(one, other) if kind is other_kind else False",
        "return _within(one, other)",
        "callers of different kinds are compared by text",
    ),
    Mutant(
        "symbolic/entail.py",
        "        case (ValueIn() | SomeValue(), Present()):\n            return True",
        "        case (ValueIn() | SomeValue(), Present()):\n            return False",
        "a key with a value is absent",
    ),
    Mutant(
        "symbolic/entail.py",
        "return False if _within(other, one) else None",
        "return False if _within(one, other) else None",
        "what is not in the narrow pattern is not in the wide one",
    ),
    Mutant(
        "symbolic/atoms.py",
        "self.low_open and point == self.low",
        "self.low_open and point != self.low",
        "an open interval holds its bound",
    ),
    Mutant(
        "symbolic/index.py",
        "met[owner] = [negation(left_out.get(owner, False))]",
        "met[owner] = [left_out.get(owner, False)]",
        "NotAction is met by what it lists",
    ),
    Mutant(
        "symbolic/index.py",
        "            if length > len(prefix):\n                break",
        "            if length >= len(prefix):\n                break",
        "a pattern that starts with exactly the given text is missed",
    ),
    Mutant(
        "symbolic/globs.py",
        "return any(disjoint(mine, yours) for mine, yours in pairs)",
        "return all(disjoint(mine, yours) for mine, yours in pairs)",
        "ARNs are apart only if all their fields are",
    ),
    Mutant(
        "symbolic/tokens.py",
        "    if position > end or not text",
        "    if not text",
        "the ends of a pattern may overlap in a text",
    ),
    Mutant(
        "symbolic/automaton.py",
        "machine.skip |= bit if is_run else 0",
        "machine.skip |= 0",
        "`*` takes at least one character",
    ),
    Mutant(
        "symbolic/values.py",
        "    if atom.negated is not holds:  # the value matches some of them",
        "    if holds:",
        "the values of a key are bounded the wrong way round",
    ),
    Mutant(
        "symbolic/values.py",
        "    if there and not needs:\n        needs = [(Wanted(),)]",
        "    if not needs:\n        return ()",
        "a key that is there may hold nothing",
    ),
    Mutant(
        "symbolic/theory.py",
        "if _ENDPOINT in needs and _SOURCE_IP in needs:",
        "if _ENDPOINT in needs or _SOURCE_IP in needs:",
        "no request has a source address",
    ),
    Mutant(
        "symbolic/dimensions.py",
        "return None if required else ()",
        "return ()",
        "a key may be absent and have a value",
    ),
    Mutant(
        "symbolic/callers.py",
        '            return True if kind in OF_ACCOUNT else None\n        case "aws:username"',
        '            return None\n        case "aws:username"',
        "the ARN of a caller is anybody's",
    ),
    Mutant(
        "symbolic/callers.py",
        "    if kind is CallerKind.ANONYMOUS and is_signed_only(key):\n        return False",
        "    if kind is CallerKind.ANONYMOUS and is_signed_only(key):\n        return None",
        "an anonymous request may carry the keys of signed ones",
    ),
    Mutant(
        "symbolic/callers.py",
        "        kind in _WITHOUT_ACCOUNT\n",
        "        kind not in OF_ACCOUNT\n",
        "a canonical user is of none of the accounts that a policy names",
    ),
    Mutant(
        "symbolic/universe.py",
        "CallerKind.SERVICE: glob((One(NAME_CHARS), Run(NAME_CHARS))),",
        'CallerKind.SERVICE: glob(("s3.amazonaws.com",)),',
        "there is one service only",
    ),
    Mutant(
        "symbolic/compile_principal.py",
        "if len(paths) == 1 and vocabulary.assumes(ROLE_PATH):",
        "if False:",
        "the path of a role that a policy names is not known",
    ),
    Mutant(
        "symbolic/search.py",
        "deadline.left <= 0:\n                return _solved(formula, vocabulary, deadline)",
        "deadline.left <= 0:\n                return None",
        "many failed guesses are a proof",
    ),
    Mutant(
        "symbolic/search.py",
        "    if doubt:\n        raise doubt\n    return None  # every way",
        "    return None  # every way",
        "what is not modelled is impossible",
    ),
    Mutant(
        "symbolic/templates.py",
        "return told if isinstance(told, Possible) else _unfilled(told, fixed, varying, pinned)",
        "return told if isinstance(told, Possible) else Impossible(tuple(fixed))",
        "a clash of filled-in values is blamed on the values alone",
    ),
)

_FINDING_OUT: Final = (
    Mutant(
        "symbolic/lettered.py",
        "narrowed = _less(token.of, with_colons if token.of == NOT_COLON else signs)",
        "narrowed = token.of",
        "`?` stands for the whole value of a variable",
    ),
    Mutant(
        "symbolic/entail.py",
        "return True if other.covers(one) else None",
        "return True if one.covers(other) else None",
        "what is in a wide interval is in the narrow one",
    ),
    Mutant(
        "symbolic/near_callers.py",
        "return any_of((*self._placed.get(place, ()), *self._anywhere))",
        "return any_of(self._placed.get(place, ()))",
        "a principal of any account covers nobody of one account",
    ),
    Mutant(
        "symbolic/discharge.py",
        "return (element,)\n    return [pattern.parts",
        "return (None,)\n    return [pattern.parts",
        "NotAction in the new policy is taken for no element",
    ),
    Mutant(
        "symbolic/callers.py",
        "            if verdict is not holds:\n                return False",
        "            if not verdict and holds:\n                return False",
        "what is true of every caller of a kind may be false of one",
    ),
    Mutant(
        "symbolic/callers.py",
        "            outside.extend(verdict)",
        "            pass",
        "what a caller must not be is forgotten",
    ),
    Mutant(
        "symbolic/ways.py",
        "if chosen.setdefault(atom, sign) is not sign:",
        "if chosen.setdefault(atom, sign) is None:",
        "an atom may hold and not hold",
    ),
    Mutant(
        "symbolic/intervals.py",
        "yield from ((a + b) / 2 for a, b in pairwise(bounds))",
        "yield from ()",
        "there is nothing between two neighbouring bounds",
    ),
    Mutant(
        "symbolic/compile_choice.py",
        "yield vocabulary.pinned.get(switch, ambiguity.default), True",
        "yield ambiguity.choices[-1], True",
        "open constructs are not read as documented",
    ),
    Mutant(
        "symbolic/cells.py",
        "            if guard is False:\n                continue",
        "            if guard is False:\n                break",
        "what one principal cannot do no other can",
    ),
    Mutant(
        "policy/evaluate_condition.py",
        "return operator.negated or operator.if_exists",
        "return operator.negated",
        "IfExists asks for the key",
    ),
    Mutant(
        "policy/evaluate_principal.py",
        "if effect is Effect.DENY and request.caller.has_boundary:",
        "if False:",
        "a boundary does not matter to a Deny with NotPrincipal",
    ),
)

MUTANTS: Final = (*_PARSE, *_JUDGE, *_COMPILER, *_DECIDING, *_FINDING_OUT)
