"""Where a resource of a template holds a policy, as a table of a package says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from checker.policy.model import PolicyType

_TYPES: Final = {
    "identity": PolicyType.IDENTITY,
    "trust": PolicyType.TRUST,
    "resource": PolicyType.RESOURCE,
    "session": PolicyType.SESSION,
    "boundary": PolicyType.BOUNDARY,
    "vpc-endpoint": PolicyType.VPC_ENDPOINT,
}


@dataclass(frozen=True, slots=True)
class Carrier:
    """A place that holds policies; `kind` is a type of policy or a word for what is not one."""

    path: tuple[str, ...]
    kind: str

    @property
    def type(self) -> PolicyType | None:
        """The type of the policies, where the place alone says it."""
        return _TYPES.get(self.kind)
