"""What a team sets, as values: the types of the configuration. `config_file` reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from checker.findings import Severity
from checker.policy.model import Condition, Pattern, PolicyType
from checker.source.globs import Globs, globs
from checker.source.places import quoted
from checker.source.tree import Node
from checker.span import Span
from checker.template.managed import Copies, Copy

DEFAULT_FILE: Final = ".github/access-gate.yml"
COMMENTS: Final = ("review", "summary", "off")

# Every check, and how loudly it speaks where nobody has said. What is newly public is new access
# anyway, which blocks; that something is public at all is often meant.
DEFAULT_LEVELS: Final[Mapping[str, Severity | None]] = {
    "no-new-access": Severity.BLOCK,
    "deny-weakened": Severity.BLOCK,
    "new-policy": Severity.BLOCK,
    "access-not-granted": Severity.BLOCK,
    "reference-policy": Severity.BLOCK,
    "no-public-access": Severity.WARN,
    "trusted-access": Severity.BLOCK,
    "confused-deputy": Severity.WARN,
    "unreadable": Severity.BLOCK,
    "diagnostics": Severity.WARN,
    "unused-access": Severity.NOTE,
}
CHECKS: Final = tuple(DEFAULT_LEVELS)
EVERY_CHECK: Final = "*"
ADVICE: Final = "unused-access"  # finds nothing wrong: no louder than a note unless it is named

Levels = Mapping[str, Severity | None]  # by check; None: off


@dataclass(frozen=True, slots=True)
class Typed:
    """Files whose documents are of one policy type.

    `resource`: the type of the resource that a resource policy is of, where it is said.
    """

    paths: Globs
    type: PolicyType
    resource: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Access that no policy may grant: a name, a sentence why, and what it is.

    No actions stand for any action, no resources for any resource.
    """

    name: str
    why: str
    actions: tuple[Pattern, ...]
    resources: tuple[Pattern, ...] = ()
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """A policy that no other policy may allow more than. `paths` is None for all policies.

    `node`: its document, once `settings` has read it from the base commit.
    """

    file: str
    paths: Globs | None
    at: Span = field(compare=False)
    node: Node | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Usage:
    """Where it is reported what of policies is not used. `paths` is None for all policies.

    `file`: a report, CloudTrail's records, or a folder of either. `role`: whose use counts, an ARN.
    """

    file: str
    paths: Globs | None
    role: str
    at: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class Parameters:
    """Files of the repository with the values that some templates are deployed with."""

    paths: Globs  # of the templates; of a module, its folder's files
    files: tuple[str, ...]  # later ones win
    at: Span = field(compare=False)


@dataclass(frozen=True, slots=True)
class ManagedCopy:
    """A copy of a managed policy that templates name by its ARN.

    `node`: its document, once `settings` has read it from the base commit.
    """

    arn: str
    file: str
    at: Span = field(compare=False)
    node: Node | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Trusted:
    """Whom a policy may trust."""

    accounts: tuple[str, ...] = ()
    orgs: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    vpcs: tuple[str, ...] = ()  # and VPC endpoints

    def __bool__(self) -> bool:
        """Whether anyone is named, without whom there is nothing to ask."""
        return bool(self.accounts or self.orgs or self.services or self.vpcs)


class NewPolicy(StrEnum):
    """What becomes of a policy that was not there before."""

    COMPARE = "compare"  # with nothing: all that it grants is new access
    BLOCK = "block"  # the policy itself is a finding, whatever it grants
    REPORT = "report"  # what it grants is told, and does not block
    REFERENCE = "reference"  # compared with the reference policy in place of nothing


@dataclass(frozen=True, slots=True)
class FailOn:
    """How loudly each check speaks: everywhere, and in some paths (the first that matches)."""

    everywhere: Levels = field(default_factory=dict)
    in_paths: tuple[tuple[Globs, Levels], ...] = ()

    def level(self, check: str, path: str) -> Severity | None:
        """Return the level of a check at a path; None where it is off."""
        for paths, levels in self.in_paths:
            if paths.matches(path) and (found := _entry(levels, check)):
                return found[0]
        found = _entry(self.everywhere, check) or _entry(DEFAULT_LEVELS, check)
        return found[0] if found else Severity.BLOCK


def _entry(levels: Levels, check: str) -> tuple[Severity | None] | None:
    """Return the level for `a/b/c`, for its families `a/b` and `a`, or for all checks."""
    parts = check.split("/")
    families = ("/".join(parts[:count]) for count in range(len(parts), 0, -1))
    name = next((n for n in (*families, EVERY_CHECK) if n in levels), None)
    if name == EVERY_CHECK and check == ADVICE and levels[name] is not None:
        return None
    return None if name is None else (levels[name],)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The settings of a run."""

    paths: Globs = field(default_factory=globs)
    types: tuple[Typed, ...] = ()  # the first that matches a path decides
    critical_actions: tuple[Pattern, ...] = ()
    critical_resources: tuple[Pattern, ...] = ()
    critical: tuple[Group, ...] = ()
    packs: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()  # the first that matches a path decides
    usages: tuple[Usage, ...] = ()  # the first that matches a path decides
    parameters: tuple[Parameters, ...] = ()  # all that match a path apply, later ones win
    managed: tuple[ManagedCopy, ...] = ()  # copies of managed policies
    trusted: Trusted = Trusted()
    new_policy: NewPolicy = NewPolicy.COMPARE
    fail_on: FailOn = FailOn()
    approvers: tuple[str, ...] = ()  # logins, in lower case
    waivers_from_head: bool = False
    waiver_max_days: int = 90
    tag: str = ""
    comment: str = "review"
    annotations: bool = True
    sarif_file: str = ""
    json_file: str = ""

    def severity(self, check: str, path: str) -> Severity | None:
        """Return how loudly a check speaks at a path; None where it is off."""
        return self.fail_on.level(check, path)

    def typed(self, path: str) -> Typed | None:
        """Return what is configured about the policy type of a path."""
        return next((typed for typed in self.types if typed.paths.matches(path)), None)

    def parameters_of(self, path: str) -> tuple[str, ...]:
        """Return the files with the parameters of the template at a path."""
        return tuple(
            file for each in self.parameters if each.paths.matches(path) for file in each.files
        )

    @property
    def copies(self) -> Copies:
        """The copies of managed policies, by ARN."""
        return {
            each.arn: Copy(
                each.node, f"{quoted(each.arn, 200)} says what {quoted(each.file)} holds"
            )
            for each in self.managed
            if each.node is not None
        }

    def type_of(self, path: str) -> PolicyType | None:
        """Return the policy type that is configured for a path."""
        typed = self.typed(path)
        return typed.type if typed else None

    def reference(self, path: str) -> Reference | None:
        """Return the reference policy for a path."""
        fitting = (r for r in self.references if r.paths is None or r.paths.matches(path))
        return next(fitting, None)
