"""Which ranges of addresses are narrow enough to bound who is allowed (iam-semantics B3).

Ranges are joined before they are measured: two halves of the internet are the internet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from ipaddress import IPv4Network, IPv6Address, IPv6Network
from typing import Final, TypeAlias

from checker.policy.model import Comparison, Condition, Effect, Policy
from checker.symbolic.atoms import Interval, Scale

KEY: Final = "aws:sourceip"

_FIRST_IPV6: Final = 2**32  # on the scale of addresses
_FIRST_MAPPED: Final = _FIRST_IPV6 + int(IPv6Address("::ffff:0.0.0.0"))
_LAST_MAPPED: Final = _FIRST_IPV6 + int(IPv6Address("::ffff:255.255.255.255"))
_WIDEST_IPV4: Final = 2**24  # a /8, as in S3's meaning of "public"
_WIDEST_IPV6: Final = 2**96  # a /32
_WIDEST_IN_ALL: Final = 4  # so many of the widest blocks: cutting a range up does not narrow it

Block: TypeAlias = tuple[int, int]
"""The first and the last address."""


def block(network: IPv4Network | IPv6Network) -> Block:
    """Return the addresses of a network."""
    offset = 0 if network.version == 4 else _FIRST_IPV6
    return offset + int(network.network_address), offset + int(network.broadcast_address)


_PRIVATE: Final = tuple(
    block(IPv4Network(text)) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
)


def narrow(policy: Policy) -> tuple[Interval, ...]:
    """Return the blocks of addresses that the policy confines callers to, if narrow enough.

    The ranges of all Allows together are one set; each Deny of all but some ranges is another.
    """
    allowed: list[Block] = []
    kept: list[Block] = []
    for statement in policy.statements:
        for given in statement.conditions:
            if given.key != KEY or given.operator.comparison is not Comparison.IP_ADDRESS:
                continue
            if statement.effect is Effect.ALLOW and not given.operator.negated:
                allowed.extend(_blocks(given))
            elif statement.effect is Effect.DENY and given.operator.negated:
                kept.extend(_narrow(_blocks(given)))
    kept.extend(_narrow(allowed))
    return tuple(map(interval, dict.fromkeys(kept)))


def interval(addresses: Block) -> Interval:
    """Return a block on the scale of addresses."""
    low, high = addresses
    return Interval(Scale.ADDRESS, Fraction(low), Fraction(high))


def _blocks(given: Condition) -> Iterator[Block]:
    for value in given.values:
        if isinstance(value.operand, IPv4Network | IPv6Network):
            yield block(value.operand)


def _narrow(blocks: Iterable[Block]) -> list[Block]:
    joined = _joined(blocks)
    ipv4 = [found for found in joined if found[0] < _FIRST_IPV6]
    ipv6 = [found for found in joined if found[0] >= _FIRST_IPV6]
    # AWS does not say that it tells IPv4 addresses from those that are written as IPv6.
    as_ipv4 = [found for found in ipv6 if found[0] <= _LAST_MAPPED and found[1] >= _FIRST_MAPPED]
    others = [found for found in ipv6 if found not in as_ipv4]
    return [
        *_no_wider(ipv4, _WIDEST_IPV4),
        *_no_wider(as_ipv4, _WIDEST_IPV4),
        *_no_wider(others, _WIDEST_IPV6),
    ]


def _no_wider(blocks: Iterable[Block], widest: int) -> list[Block]:
    some = [found for found in blocks if _public_size(found) <= widest]
    return some if sum(map(_public_size, some)) <= _WIDEST_IN_ALL * widest else []


def _joined(blocks: Iterable[Block]) -> list[Block]:
    """Return the blocks in order, those that overlap or touch made one; families stay apart."""
    done: list[Block] = []
    for low, high in sorted(blocks):
        if done and low <= done[-1][1] + 1 and low != _FIRST_IPV6:
            done[-1] = (done[-1][0], max(done[-1][1], high))
        else:
            done.append((low, high))
    return done


def _public_size(addresses: Block) -> int:
    """Return how many addresses a block holds; private ones, which nobody has, do not count."""
    low, high = addresses
    private = (min(high, last) - max(low, first) + 1 for first, last in _PRIVATE)
    return high - low + 1 - sum(size for size in private if size > 0)
