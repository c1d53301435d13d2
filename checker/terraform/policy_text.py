"""A policy, however an expression gives it: as an object that was encoded, or as JSON text."""

from __future__ import annotations

from checker.errors import PolicySyntaxError
from checker.template.value import Choice, Unknown, Value
from checker.terraform.function_types import is_nothing
from checker.terraform.json_text import read_json_text
from checker.terraform.lifting import choice
from checker.terraform.values import Broken, Encoded, FailedError, pieces_of


def policy_value(value: Value) -> Value:
    """Return the policy that a text is; an unknown text is an unknown policy.

    Errors: `FailedError` where it is not JSON.
    """
    match value:
        case Choice(premise, then, other, span):
            return choice(premise, policy_value(then), policy_value(other), span)
        case Encoded(value=inner):
            return inner
        case Broken():
            raise FailedError(value.expression, value.span)
        case Unknown(expression, span):
            return Unknown(expression, span, many=True)
        case _ if is_nothing(value):
            return value
        case _:
            pieces = pieces_of(value)
            if pieces is None:
                raise FailedError("a policy is a text in JSON", value.span)
            try:
                return read_json_text(pieces, value)
            except PolicySyntaxError as error:
                raise FailedError(error.problem, error.at) from None
