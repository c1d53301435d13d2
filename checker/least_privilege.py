"""The commands `refine` and `minimise`: policies on disk, and smaller ones with a proof."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from checker.errors import UsageError
from checker.output import PASSED, Output
from checker.policy.model import Policy, PolicyType
from checker.policy_files import Found, PolicyFile, policy_file, written
from checker.refinement.access import granted
from checker.refinement.api import refine_document, refined_policy
from checker.refinement.edits import plain_object
from checker.refinement.minimise import minimise_document
from checker.refinement.refinement import Recommended, Refinement, size
from checker.refinement.rewrite import DocumentEdit, diff, rewritten
from checker.render.escape import visible
from checker.source.tree import Mapping
from checker.symbolic.question import Budget
from checker.symbolic.solver import DEFAULT_BUDGET
from checker.usage_files import unused_from

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction

FORMATS: Final = ("text", "json", "patch", "diff")
_MOST_SECONDS: Final = 86_400

Make: TypeAlias = Callable[[Mapping, Policy], Refinement]


@dataclass(frozen=True, slots=True)
class Made:
    """A file and what was made of each of its documents."""

    file: PolicyFile
    refinements: tuple[Refinement, ...]

    @property
    def new_text(self) -> str:
        """The file with the new policies in it; documents to detach stay."""
        pairs = zip(self.file.found, self.refinements, strict=True)
        changes = [
            DocumentEdit(found.address, found.node, made.edits)
            for found, made in pairs
            if made.recommended is Recommended.CREATE_POLICY
        ]
        return rewritten(self.file.text, self.file.name, changes) if changes else self.file.text


def add_commands(add: _SubParsersAction[ArgumentParser]) -> None:
    """Add the two commands to the command line."""
    command = add.add_parser("refine", help="the least policy without the unused permissions")
    _on_policies(command, refine)
    with_usage(command, required=True)
    command = add.add_parser("minimise", help="the same access in fewer words")
    _on_policies(command, minimise)


def _on_policies(command: ArgumentParser, run: Callable[[Namespace], Output]) -> None:
    command.add_argument(
        "--policy", required=True, action="append", metavar="FILE", help="again for more policies"
    )
    command.add_argument("--format", choices=FORMATS, default="text", help="default: text")
    command.add_argument("--write", action="store_true", help="change the files in place")
    command.add_argument("--output", metavar="FILE", help="write to this file")
    common(command, run)


def with_usage(command: ArgumentParser, *, required: bool) -> None:
    """Add the arguments that say what was not used."""
    command.add_argument(
        "--unused",
        required=required,
        metavar="FILE",
        help="a report of unused permissions, CloudTrail records, or a folder of either",
    )
    command.add_argument("--role", default="", metavar="ARN", help="whose usage counts")
    command.add_argument(
        "--keep", action="append", default=[], metavar="ACTION", help="never take this out"
    )


def common(command: ArgumentParser, run: Callable[[Namespace], Output]) -> None:
    """Add what each of these commands takes."""
    names = [str(kind) for kind in PolicyType]
    command.add_argument("--policy-type", choices=names, help="default: what it looks like")
    command.add_argument(
        "--budget", type=float, default=DEFAULT_BUDGET.seconds, metavar="SECONDS", help="a question"
    )
    command.set_defaults(run=run)


def refine(args: Namespace) -> Output:
    """Return the policies without what was not used."""
    return _run(args, refining(args))


def minimise(args: Namespace) -> Output:
    """Return the policies without what is redundant."""
    return _run(args, minimising(args))


def refining(args: Namespace) -> Make:
    """Return what takes the unused permissions out of a policy; the report is read here."""
    unused = unused_from(args.unused, args.role, _progress if sys.stderr.isatty() else None)
    budget = _budget(args)
    return lambda node, policy: refine_document(node, policy, unused, args.keep, budget)


def minimising(args: Namespace) -> Make:
    """Return what takes redundant entries out of a policy."""
    budget = _budget(args)
    return lambda node, policy: minimise_document(node, policy, budget)


def _budget(args: Namespace) -> Budget:
    if not 0 < args.budget < _MOST_SECONDS:
        raise UsageError(f"`--budget {args.budget}` is not a number of seconds above 0")
    return Budget(args.budget)


def _progress(done: int, total: int) -> None:
    """Show how much of the usage data is read, on one line that the next one overwrites."""
    share = done / total if total else 1.0
    bar = "#" * int(30 * share)
    end = "\r" if done < total else "\r\033[K"
    sys.stderr.write(f"[{bar:<30}] {share:4.0%} of {total / 1e6:,.0f} MB{end}")
    sys.stderr.flush()


def _run(args: Namespace, make: Make) -> Output:
    files = [policy_file(name, args.policy_type) for name in args.policy]
    made = [Made(file, tuple(make(f.node, f.policy) for f in file.found)) for file in files]
    if args.write:
        texts = [each.new_text for each in made]  # all, before any is written
        for each, text in zip(made, texts, strict=True):
            written(each.file, text)
    return Output(_shown(made, args.format), PASSED)


def _shown(made: Sequence[Made], form: str) -> str:
    match form:
        case "json":
            return _as_json(made, lambda refinement: refinement.to_dict())
        case "patch":
            return _as_json(made, lambda refinement: list(refinement.patch))
        case "diff":
            return "".join(_diff(each) for each in made)
        case _:
            return "".join(f"{_text(each)}{_diff(each)}" for each in made)


def _as_json(made: Sequence[Made], value: Callable[[Refinement], object]) -> str:
    """Return the one refinement; a list with names if there are more."""
    rows = [
        {"file": each.file.name, "address": found.address, "refinement": value(refinement)}
        for each in made
        for found, refinement in zip(each.file.found, each.refinements, strict=True)
    ]
    shown = rows[0]["refinement"] if len(rows) == 1 else rows
    return json.dumps(shown, indent=2, ensure_ascii=False) + "\n"


def _diff(made: Made) -> str:
    return diff(made.file.text, made.new_text, made.file.name)


def _text(made: Made) -> str:
    lines: list[str] = []
    for found, refinement in zip(made.file.found, made.refinements, strict=True):
        name = f"{made.file.name}{'#' if found.address else ''}{found.address}"
        lines.append(visible(f"{name}: {sentence(found, refinement)}"))
        lines += [visible(f"  note: {note}") for note in refinement.notes]
    return "\n".join(lines) + "\n"


def sentence(found: Found, refinement: Refinement) -> str:
    """Return what a refinement comes to, in a few words."""
    before = len(granted(found.policy))
    match refinement.recommended:
        case Recommended.NONE:
            return f"nothing to take out; it grants {before:,} known actions"
        case Recommended.DETACH_POLICY:
            return f"nothing of it is used: detach it; it grants {before:,} known actions"
        case Recommended.CREATE_POLICY:
            left = len(granted(after(found, refinement)))
            share = 100 * size(refinement.policy or {}) / size(plain_object(found.node))
            return (
                f"grants {before:,} known actions; the new policy grants {left:,} "
                f"and has {share:.0f} % of the size"
            )


def after(found: Found, refinement: Refinement) -> Policy:
    """Return the policy that is recommended; one without statements if there is none."""
    return refined_policy(found.policy, refinement)
