"""From what callers of the Python API hold (a dict, JSON text, a policy) to a `Policy`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final, TypeAlias

from checker.errors import PolicySyntaxError
from checker.policy.model import Policy, PolicyType
from checker.policy.parse import parse_policy
from checker.source.json_reader import read_json
from checker.source.tree import from_python
from checker.span import whole_file

NAME: Final = "policy"  # stands for the file in messages

PolicyLike: TypeAlias = Policy | Mapping[str, object] | str


def policy_of(value: PolicyLike, policy_type: PolicyType, name: str = NAME) -> Policy:
    """Return the policy that a dict or a JSON text holds, or the policy itself.

    Errors: `PolicySyntaxError`, placed in the text, or in the dict as `json.dumps` indents it.
    """
    if isinstance(value, Policy):
        return value
    if isinstance(value, str):
        return parse_policy(read_json(value, name), policy_type)
    try:
        return parse_policy(from_python(value, whole_file(name)), policy_type)
    except TypeError as error:
        raise PolicySyntaxError(str(error), whole_file(name)) from error
    except PolicySyntaxError:
        # Only now is it worth knowing the place: say it in the text a reader would print.
        return parse_policy(read_json(json.dumps(value, indent=2), name), policy_type)
