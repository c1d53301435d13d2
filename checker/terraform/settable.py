"""What a default of a variable decides: a side of a conditional, a key of a map.

With another value it is another side, which nobody sees in the repository: see `defaults`.
"""

from __future__ import annotations

from collections.abc import Callable

from checker.source.tree import Scalar
from checker.template.value import Value
from checker.terraform.scope import Scope
from checker.terraform.syntax import Expression, Literal
from checker.terraform.values import FailedError

Evaluate = Callable[[Expression, Scope], Value]


def decided(
    expression: Expression, value: Value, scope: Scope, evaluate: Evaluate
) -> tuple[Value, Scope] | None:
    """Return what an expression is where defaults are not, and where that is; None if it is `value`.

    Also None where defaults are to decide; the module then knows that one did.
    """
    if not isinstance(value, Scalar) or not scope.opens or isinstance(expression, Literal):
        return None
    unset = scope.module.unset()
    if unset is None:
        return None
    elsewhere = unset.binding(scope.names)
    try:
        found = evaluate(expression, elsewhere)
    except FailedError:
        return None  # so it is what the default makes of it
    if isinstance(found, Scalar) or not scope.module.is_open():
        return None
    return found, elsewhere


def decider(expression: Expression, value: Value, scope: Scope, evaluate: Evaluate) -> Value:
    """Return a key or a condition; without defaults, where one decides and that is asked for."""
    other = decided(expression, value, scope, evaluate)
    return other[0] if other else value
