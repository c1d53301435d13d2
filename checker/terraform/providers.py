"""Which configuration of a provider a block is made with: its account and region are that one's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from checker.terraform.moves import spelled
from checker.terraform.syntax import Body, Expression, Literal, Object

if TYPE_CHECKING:
    from checker.terraform.module import Module

_USUAL: Final = "aws"


def provider_of(module: Module, body: Body) -> str:
    """Return the configuration of the provider of a block; "" for the root module's usual one.

    A module has those of its caller, by the names that the call gives them.
    """
    said = body.argument("provider")
    name = _name(said.value) if said is not None else _USUAL
    while (caller := module.caller) is not None:
        given = caller.body.argument("providers")
        passed = _passed(given.value) if given is not None else {}
        if name != _USUAL and name not in passed:
            return f"{module.prefix}provider {name}"
        name, module = passed.get(name, name), caller.module
    return "" if name == _USUAL else f"provider {name}"


def _passed(given: Expression) -> dict[str, str]:
    """Return the names of the providers that a call gives to its module, by their names there."""
    if not isinstance(given, Object):
        return {}
    return {_name(name): _name(value) for name, value in given.members}


def _name(expression: Expression) -> str:
    """Return the name of a provider: written as a reference, or as a text in JSON."""
    if isinstance(expression, Literal):
        return str(expression.value.value)
    return spelled(expression)
