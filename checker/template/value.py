"""What a template says before it is deployed: values of which parts are known, and parts are not.

Three things set these apart from the nodes of a file. A text may hold pieces that nobody can know
offline; a value may depend on a condition that nobody can know; and a value may not be there at
all. Unknown values go by their expression: the same expression is the same value, in the old
version of a template and in the new one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from checker.policy.model import PolicyType
from checker.source.tree import Scalar
from checker.span import Span


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that nobody can know offline.

    expression: what it is, in one spelling for all ways to write it, such as `Bucket.Arn`.
    many: it may be a list, an object or nothing, and not only one text.
    """

    expression: str
    span: Span
    many: bool = False


@dataclass(frozen=True, slots=True)
class Joined:
    """A text of known and unknown pieces, in order."""

    pieces: tuple[str | Unknown, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Absent:
    """Nothing: the entry or item that it is the value of is not there (`AWS::NoValue`, `null`)."""

    span: Span


@dataclass(frozen=True, slots=True)
class Premise:
    """A condition that nobody can know offline; equal ones are true together.

    subject, value: what it compares, where it is the comparison of an unknown with a known text.
    Two premises of one subject with different texts are never both true.
    """

    expression: str
    subject: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One value if the premise is true, another one if not."""

    premise: Premise
    then: Value
    other: Value
    span: Span


@dataclass(frozen=True, slots=True)
class Items:
    """A list. An item that is an unknown of `many` stands for any number of items."""

    values: tuple[Value, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an object; its name may be partly unknown."""

    name: Scalar | Joined | Unknown
    value: Value


@dataclass(frozen=True, slots=True)
class Record:
    """An object."""

    members: tuple[Member, ...]
    span: Span

    def get(self, name: str) -> Value | None:
        """Return the value of the member of exactly this known name, if there is one."""
        return next(
            (m.value for m in self.members if isinstance(m.name, Scalar) and m.name.value == name),
            None,
        )


Value: TypeAlias = Scalar | Joined | Unknown | Absent | Choice | Items | Record
"""A `Scalar` is wholly known. Spans say where the text stands that gives the value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateDocument:
    """One policy document that a template holds.

    address: what is the same for it in the old and in the new version of the template, and in no
        other document: for CloudFormation a JSON pointer such as
        `/Resources/Role/Properties/Policies/0/PolicyDocument`, for Terraform a resource address and
        attribute such as `module.app.aws_iam_role.ci.assume_role_policy`.
    owner: the resource that holds it, as a reader calls it: `Role` or `aws_iam_role.ci`.
    holds: what it is there, in words: "the policy `deploy` of the role", "the trust policy".
    type: None where the template does not tell; then it is guessed from what is written.
    resource_type: CloudFormation's name of the type of a resource policy's resource, or "".
    value: the document; `Choice` with `Absent` where it is only there under a condition.
    unit: whose effective permissions it is part of: the address of a role, user or group. The
        identity policies of one unit are judged together. "" is none.
    targets: what it is attached to, each as text that is equal for equal things; none where its
        holder is that itself. For a target that it did not have, it is a new policy.
    assumes: what is taken for granted, in words, where its text is not in the template.
    at: the lines that hold it, for what is said about the document as a whole.
    """

    address: str
    owner: str
    holds: str
    type: PolicyType | None
    resource_type: str = ""
    value: Value
    unit: str = ""
    targets: frozenset[str] = frozenset()
    assumes: tuple[str, ...] = ()
    at: Span


@dataclass(frozen=True, slots=True)
class NotResolved:
    """A place of a template that holds or may hold a policy, and could not be followed.

    It closes the gate when it is new or when what it says has changed: `content` is all that it
    depends on, as text.
    """

    address: str
    owner: str
    problem: str  # one line, lower case, user text in backticks
    content: str
    at: Span
    hint: str = ""


InTemplate: TypeAlias = TemplateDocument | NotResolved
