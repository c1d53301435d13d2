"""Requests that are made of the pieces of policies and that AWS could send.

What `symbolic.assumptions` takes for granted is true of each of them, and nothing beyond that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from checker.policy import catalogue
from checker.policy.evaluate_pattern import glob
from checker.policy.keys import KeyType
from checker.policy.model import (
    Caller,
    CallerKind,
    Comparison,
    Condition,
    ContextValue,
    Part,
    Pattern,
    Policy,
    PolicyType,
    Request,
    Statement,
    Variable,
    Wildcard,
)
from checker.policy.values import address, instant, lower, number
from checker.symbolic.assumptions import ALWAYS_PRESENT_KEYS
from checker.symbolic.atoms import Scale
from checker.symbolic.compile_principal import caller_kinds
from checker.symbolic.universe import (
    ACTION,
    CALLERS,
    NO_CALLERS,
    RESOURCE_ARN,
    scale_of,
    value_universe,
)
from checker.symbolic.vocabulary import OTHER_NAMES, Vocabulary, role_place
from tests.drawing import Draw
from tests.strategies import ACCOUNT, OTHER_ACCOUNT

ACTIONS = (
    "s3:getobject",
    "s3:putobject",
    "iam:passrole",
    "s3:gxt",
    "sts:assumerole",
    "q:q",
    "sqs:listqueues",
)
RESOURCES = (
    "arn:aws:s3:::b",
    "arn:aws:s3:::b/k",
    "*",
    "arn:aws:sqs:us-east-1:111122223333:q",
    "arn:aws:s3:::c:d/k",
)
_FILLERS = ("", "x", "k", "a", "/", ":", "*", "é", "b/k", "1")
_SIGNED = ("aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:username")
_START = datetime(1970, 1, 1, tzinfo=UTC)
_VALUES = {
    "aws:requestedregion": ("us-east-1", "a", "b"),
    "aws:useragent": ("agent",),
    "aws:userid": ("AIDA", "a"),
}
_TYPES = {
    CallerKind.ROOT_USER: "Account",
    CallerKind.USER: "User",
    CallerKind.ROLE_SESSION: "AssumedRole",
    CallerKind.FEDERATED_USER: "FederatedUser",
    CallerKind.ANONYMOUS: "Anonymous",
}
_OF_ACCOUNT = (
    CallerKind.USER,
    CallerKind.ROLE_SESSION,
    CallerKind.ROOT_USER,
    CallerKind.FEDERATED_USER,
)


@dataclass(frozen=True)
class Pieces:
    """What two policies are made of: where requests about them are taken from."""

    vocabulary: Vocabulary
    actions: tuple[Pattern, ...]
    resources: tuple[Pattern, ...]
    callers: tuple[Caller, ...]
    conditions: dict[str, tuple[Condition, ...]]
    keys: tuple[str, ...]


def pieces(policies: Iterable[Policy], vocabulary: Vocabulary) -> Pieces:
    """Return the pieces of policies."""
    statements = [s for policy in policies for s in policy.statements]
    conditions: dict[str, list[Condition]] = {}
    for statement in statements:
        for condition in statement.conditions:
            conditions.setdefault(condition.key, []).append(condition)
    return Pieces(
        vocabulary,
        tuple(p for s in statements for p in s.actions.patterns),
        tuple(p for s in statements if s.resources for p in s.resources.patterns),
        tuple(_callers(statements, vocabulary)),
        {key: tuple(found) for key, found in conditions.items()},
        tuple(dict.fromkeys((*vocabulary.keys, *sorted(ALWAYS_PRESENT_KEYS)))),
    )


def _callers(statements: Sequence[Statement], vocabulary: Vocabulary) -> Iterable[Caller]:
    yield Caller(CallerKind.USER, f"arn:aws:iam::{ACCOUNT}:user/alice")
    yield Caller(CallerKind.USER, f"arn:aws:iam::{ACCOUNT}:user/p/a")
    yield Caller(CallerKind.ROLE_SESSION, f"arn:aws:iam::{ACCOUNT}:role/R\0s")
    yield Caller(CallerKind.ROLE_SESSION, f"arn:aws:iam::{OTHER_ACCOUNT}:role/p/S\0t")
    yield Caller(CallerKind.FEDERATED_USER, f"arn:aws:sts::{ACCOUNT}:federated-user/f")
    yield Caller(CallerKind.ROOT_USER, f"arn:aws:iam::{OTHER_ACCOUNT}:root")
    yield Caller(CallerKind.SERVICE, "lambda.amazonaws.com")
    yield Caller(CallerKind.FEDERATED, "accounts.google.com")
    yield Caller(CallerKind.CANONICAL_USER, "1" * 64)
    yield Caller(CallerKind.ANONYMOUS, "*")
    for statement in statements:
        for entry in statement.principals.entries if statement.principals else ():
            yield from _named(entry.kind.value, entry.value)
        for condition in statement.conditions:
            if (
                condition.key == "aws:principalarn"
                and condition.operator.comparison is not Comparison.NULL
            ):
                yield from _in_condition(condition)


def _named(kind: str, value: str) -> Iterable[Caller]:
    match kind:
        case "account" | "root-user":
            yield Caller(CallerKind.USER, f"arn:aws:iam::{value}:user/bob")
            yield Caller(CallerKind.ROOT_USER, f"arn:aws:iam::{value}:root")
        case "role":
            yield Caller(CallerKind.ROLE_SESSION, f"{value}\0s")
            yield Caller(CallerKind.ROLE_SESSION, f"{value}\0u")
        case "role-session":
            _, partition, _, _, account, rest = value.split(":", 5)
            _, name, session = rest.split("/", 2)
            for path in ("/", "/p/"):
                yield Caller(
                    CallerKind.ROLE_SESSION,
                    f"arn:{partition}:iam::{account}:role{path}{name}\0{session}",
                )
        case "everyone":
            return
        case _:
            yield Caller(CallerKind(kind), "x.amazonaws.com" if value == "*" else value)


def _in_condition(condition: Condition) -> Iterable[Caller]:
    for value in condition.values:
        if not isinstance(value.operand, Pattern):
            continue
        for filler in ("x", ACCOUNT):
            text = "".join(p if isinstance(p, str) else filler for p in value.operand.parts)
            for kind, tail in (
                (CallerKind.USER, ""),
                (CallerKind.ROLE_SESSION, "\0s"),
                (CallerKind.ROOT_USER, ""),
            ):
                if CALLERS[kind].matches(text + tail):
                    yield Caller(kind, text + tail)


def request(draw: Draw, of: Pieces) -> tuple[Request, str]:
    """Return a request that AWS could send, and the text of its caller as the engine sees it."""
    others = set(OTHER_NAMES.values()) - of.vocabulary.other_names
    kinds = [k for k in caller_kinds(of.vocabulary.policy_type) if k not in others]
    text_of = draw.one([c for c in of.callers if c.kind in kinds])
    text_of = _with_known_path(text_of, of.vocabulary)
    boundary = text_of.kind in (CallerKind.USER, CallerKind.ROLE_SESSION) and draw.chance(20)
    context = _context(draw, of, text_of)
    action = draw.one(ACTIONS)
    if of.actions and draw.chance(70):
        written = lower(
            _instance(draw, draw.one(of.actions).parts, context, ("", "x", "g", "object"))
        )
        action = written if ACTION.matches(written) else action
    resource = draw.one(RESOURCES)
    if of.resources and draw.chance(75):
        written = _instance(draw, draw.one(of.resources).parts, context, _FILLERS)
        resource = _resource(draw, written, of) or resource
    caller = Caller(text_of.kind, _session(text_of), boundary)
    return Request(caller, action, resource, context), text_of.value


def _with_known_path(caller: Caller, vocabulary: Vocabulary) -> Caller:
    """Return the caller; a role that a principal names has the path of that ARN."""
    if caller.kind is not CallerKind.ROLE_SESSION:
        return caller
    role, _, session = caller.value.partition("\0")
    place = role_place(role)
    assert place is not None
    paths = vocabulary.role_paths.get(place[0], frozenset())
    if len(paths) != 1:
        return caller
    head = role.split(":role/")[0]
    return Caller(caller.kind, f"{head}:role{next(iter(paths))}{place[0][2]}\0{session}")


def _session(caller: Caller) -> str:
    if caller.kind is not CallerKind.ROLE_SESSION:
        return caller.value
    role, _, session = caller.value.partition("\0")
    _, partition, _, _, account, rest = role.split(":", 5)
    return f"arn:{partition}:sts::{account}:assumed-role/{rest.rpartition('/')[2]}/{session}"


def _resource(draw: Draw, written: str, of: Pieces) -> str | None:
    if written == "*" or RESOURCE_ARN.matches(written):
        return written
    if written.startswith("arn:") or not written:
        return _completed(draw, written)
    return written if of.vocabulary.opaque_resources else None


def _completed(draw: Draw, written: str) -> str | None:
    fields = written.split(":")
    if not 1 < len(fields) < 6:
        return None
    fields += [draw.one(("", "b", "q")) for _ in range(6 - len(fields))]
    whole = ":".join(fields)
    return whole if RESOURCE_ARN.matches(whole) else None


def _instance(
    draw: Draw, parts: Sequence[Part], context: dict[str, ContextValue], fillers: Sequence[str]
) -> str:
    """Return a text that the pattern matches, most of the time."""
    pieces: list[str] = []
    for part in parts:
        match part:
            case str():
                pieces.append(part)
            case Wildcard.ANY_RUN:
                pieces.append(draw.one(fillers))
            case Wildcard.ANY_ONE:
                pieces.append(draw.one(("x", "k", "a", "g", "1", ":")))
            case Variable(key, default):
                value = context.get(key)
                value = value if isinstance(value, str) else default or ""
                if draw.chance(15):
                    value = value.replace("*", "zz").replace("?", "z")
                pieces.append(value)
    found = "".join(pieces)
    if draw.chance(8) and found:
        place = draw.below(len(found))
        found = found[:place] + draw.one(("", "x", ":", "*")) + found[place + 1 :]
    return found


def _context(draw: Draw, of: Pieces, caller: Caller) -> dict[str, ContextValue]:
    context: dict[str, ContextValue] = dict(tied(caller))
    for _ in range(2):  # a value may hold another key's
        for key in of.keys:
            if key not in context and not is_tied(key, caller):
                value = _value(draw, key, of, context)
                if value is not None:
                    context[key] = value
    if "aws:sourcevpce" in context:
        context.pop("aws:sourceip", None)
    now = context["aws:currenttime"]
    assert isinstance(now, str)
    seconds = instant(now)
    assert seconds is not None
    since = _decimal(seconds)
    context["aws:epochtime"] = f"{since}.0" if len(since) == 4 else since  # four digits are a year
    return context


def is_tied(key: str, caller: Caller) -> bool:
    """Whether the caller alone says whether the key is there, and with which value."""
    if caller.kind is CallerKind.ANONYMOUS and (
        key in _SIGNED or key.startswith("aws:principaltag/")
    ):
        return True
    match key:
        case "aws:principalarn":
            return caller.kind in _OF_ACCOUNT
        case "aws:principalaccount" | "aws:principaltype":
            return caller.kind in _TYPES
        case "aws:username":
            return caller.kind in _TYPES
        case "aws:principalservicename":
            return True
        case "aws:principalisawsservice":
            return caller.kind in (*_OF_ACCOUNT, CallerKind.SERVICE, CallerKind.ANONYMOUS)
        case _:
            return False


def tied(caller: Caller) -> dict[str, str]:
    """Return the keys that say who the caller is."""
    arn = caller.value.partition("\0")[0]
    found: dict[str, str] = {}
    if caller.kind in _TYPES:
        found["aws:principaltype"] = _TYPES[caller.kind]
        found["aws:principalaccount"] = (
            arn.split(":")[4] if caller.kind in _OF_ACCOUNT else "anonymous"
        )
    if caller.kind in _OF_ACCOUNT:
        found["aws:principalarn"] = arn
        found["aws:principalisawsservice"] = "false"
    if caller.kind is CallerKind.USER:
        found["aws:username"] = arn.rpartition("/")[2]
    if caller.kind is CallerKind.SERVICE:
        found["aws:principalservicename"] = caller.value
        found["aws:principalisawsservice"] = "true"
    return found


def _value(
    draw: Draw, key: str, of: Pieces, context: dict[str, ContextValue]
) -> ContextValue | None:
    if key not in ALWAYS_PRESENT_KEYS and draw.chance(30):
        return None
    if key in of.vocabulary.many:
        texts = [_text(draw, key, of, context) for _ in range(1 + draw.below(3))]
        return tuple(dict.fromkeys(t for t in texts if t is not None))
    return _text(draw, key, of, context)


def _text(draw: Draw, key: str, of: Pieces, context: dict[str, ContextValue]) -> str | None:
    """Return one value of a key, of the key's type."""
    for _ in range(6):
        found = _any_text(draw, key, of, context)
        if _is_value(key, found, of) and not _names_an_account(key, found, of):
            return found
    for found in ("true", "2026-01-01T00:00:00Z", "1", "10.0.0.1", "arn:aws:s3:::b"):
        if _is_value(key, found, of) and not _names_an_account(key, found, of):
            return found
    return None


def _any_text(draw: Draw, key: str, of: Pieces, context: dict[str, ContextValue]) -> str:
    values = [v for c in of.conditions.get(key, ()) for v in c.values]
    plain = (
        *_VALUES.get(key, ("a", "b", "x")),
        "",
        "k",
        "A",
        "arn:aws:s3:::b",
        "5",
        "true",
        "false",
        "*",
        "a*",
    )
    if not values or draw.chance(25):
        return draw.one(plain)
    value = draw.one(values)
    match value.operand:
        case Pattern(parts):
            return _instance(draw, parts, context, _FILLERS)
        case Fraction() as point:
            near = point + draw.one((Fraction(0), Fraction(1), Fraction(-1), Fraction(1, 2)))
            if value.alternative is not None and draw.chance(30):
                near = value.alternative
            is_date = any(
                c.operator.comparison.startswith("Date") for c in of.conditions.get(key, ())
            )
            return _written(near, draw) if is_date else _decimal(near)
        case IPv4Network() | IPv6Network() as block:
            place = draw.one(
                (
                    block[0],
                    block[-1],
                    block[0] - 1 if int(block[0]) else block[0],
                    IPv4Address("9.9.9.9"),
                    IPv6Address("::1"),
                )
            )
            return str(place)
        case bytes() as data:
            import base64

            return base64.b64encode(data).decode()
        case _:
            return "a"


def _decimal(point: Fraction) -> str:
    if point.denominator == 1:
        return str(point)
    return f"{float(point):.6f}".rstrip("0")


def _written(point: Fraction, draw: Draw) -> str:
    if point.denominator != 1 or point < 0 or draw.chance(30):
        return _decimal(point)
    return (_START + timedelta(seconds=int(point))).strftime("%Y-%m-%dT%H:%M:%SZ")


def _is_value(key: str, text: str, of: Pieces) -> bool:
    """Whether the text is a value that AWS could send."""
    if catalogue.key_type(key) is KeyType.BOOL:
        return text in ("true", "false")
    if not all(shape.matches(text) for shape in value_universe(key, of.vocabulary)):
        return False
    scale = scale_of(key, of.vocabulary)
    return scale is None or _reads(scale, text)


def _names_an_account(key: str, text: str, of: Pieces) -> bool:
    """Whether a policy may be about the account, which is then none that a service comes from."""
    if key not in ("aws:principalaccount", "aws:principalarn"):
        return False
    values = [value for c in of.conditions.get(key, ()) for value in c.values]
    for value in values:
        operand = value.operand
        if operand.parts == (text,) if isinstance(operand, Pattern) else value.text == text:
            return True
    return ACCOUNT in text or OTHER_ACCOUNT in text


def _is_named(key: str, text: str, of: Pieces) -> bool:
    """Whether the text is what a policy asks for by the number of an account."""
    if key not in ("aws:principalaccount", "aws:principalarn"):
        return False
    for operand in (v.operand for c in of.conditions.get(key, ()) for v in c.values):
        if not isinstance(operand, Pattern) or any(isinstance(p, Variable) for p in operand.parts):
            continue
        start = operand.parts[0] if operand.parts else ""
        fields = start.split(":") if isinstance(start, str) else []
        named = len(fields) > 5 and fields[4] != ""
        if key == "aws:principalaccount":
            named = operand.parts == (start,) and isinstance(start, str) and start.isdigit()
        if named and glob(operand.parts, text):
            return True
    return False


def _reads(scale: Scale, text: str) -> bool:
    match scale:
        case Scale.NUMBER:
            return number(text) is not None
        case Scale.INSTANT:
            return instant(text) is not None and not (len(text) == 4 and text.isdigit())
        case Scale.ADDRESS:
            return address(text) is not None


def why_not_sent(asked: Request, of: Pieces) -> str:
    """Return why AWS could not send a request, "" if it could; keys beyond the policies' are left out."""
    caller = _as_engine(asked)
    troubles = (
        *_wrong_caller(asked, caller, of),
        *_missing_keys(asked, caller, of),
        *_wrong_values(asked, caller, of),
    )
    if not ACTION.matches(lower(asked.action)):
        return f"{asked.action} is no action"
    shape = asked.resource == "*" or RESOURCE_ARN.matches(asked.resource)
    if not shape and (not of.vocabulary.opaque_resources or asked.resource.startswith("arn:")):
        return f"{asked.resource} is no resource"
    return next(iter(troubles), "")


def _wrong_caller(asked: Request, caller: Caller, of: Pieces) -> Iterable[str]:
    if caller.kind not in caller_kinds(of.vocabulary.policy_type):
        yield f"such a policy does not act on a caller of kind {caller.kind}"
    if asked.caller.has_boundary and caller.kind not in (CallerKind.USER, CallerKind.ROLE_SESSION):
        yield f"a caller of kind {caller.kind} has no boundary"
    never = NO_CALLERS.get(caller.kind, ())
    if not CALLERS[caller.kind].matches(caller.value) or any(
        g.matches(caller.value) for g in never
    ):
        yield f"{caller.value} is no caller of kind {caller.kind}"
    elif "aws:principalarn" in asked.context and _with_known_path(caller, of.vocabulary) != caller:
        yield f"{caller.value} has another path than the policies say"


def _missing_keys(asked: Request, caller: Caller, of: Pieces) -> Iterable[str]:
    who = tied(caller)
    for key in of.vocabulary.keys:
        if key not in asked.context and (key in ALWAYS_PRESENT_KEYS or key in who):
            yield f"{key} is there for such a caller"


def _wrong_values(asked: Request, caller: Caller, of: Pieces) -> Iterable[str]:
    context, who = asked.context, tied(caller)
    outsiders = [CallerKind.SERVICE]
    if of.vocabulary.policy_type is not PolicyType.TRUST:
        outsiders.append(CallerKind.FEDERATED)
    for key, value in context.items():
        if key in who:
            if value != who[key]:
                yield f"{key} is {who[key]} for such a caller"
        elif is_tied(key, caller):
            yield f"{key} is not there for such a caller"
        else:
            texts = (value,) if isinstance(value, str) else value
            yield from (f"{key} cannot be {t}" for t in texts if not _is_value(key, t, of))
            if caller.kind in outsiders:
                yield from (f"{t} is of a named account" for t in texts if _is_named(key, t, of))
    if "aws:sourcevpce" in context and "aws:sourceip" in context:
        yield "an endpoint hides the address"
    now, since = context.get("aws:currenttime"), context.get("aws:epochtime")
    if isinstance(now, str) and isinstance(since, str) and instant(now) != instant(since):
        yield f"{now} is not {since}"


def _as_engine(asked: Request) -> Caller:
    """Return the caller with its text as the engine has it: of a session, the role's ARN first."""
    caller = asked.caller
    if caller.kind is not CallerKind.ROLE_SESSION:
        return caller
    _, partition, _, _, account, rest = caller.value.split(":", 5)
    _, name, session = rest.split("/", 2)
    role = asked.context.get("aws:principalarn", f"arn:{partition}:iam::{account}:role/{name}")
    return Caller(caller.kind, f"{role}\0{session}")
