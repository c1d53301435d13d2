"""Plans of Terraform that a user names: from their bytes to the policies before and after."""

from __future__ import annotations

from typing import Final

from checker.config import Config
from checker.errors import PolicySyntaxError, UsageError
from checker.source.json_reader import read_json
from checker.source.places import quoted
from checker.source.tree import Node
from checker.template_files import ChangedTemplate, Versions, values_of
from checker.terraform.paths import ENDINGS
from checker.terraform.plan import documents_of_plan
from checker.terraform.plan_file import SHOW, Plan, PlanError, is_plan, member, plan_of
from checker.terraform.plan_folder import folders_of_plan
from checker.terraform.plan_source import SourceOfPlan, source_of_plan

_SHOWN: Final = 400  # characters that tell what a file is
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")


def plan(data: bytes, path: str) -> Plan:
    """Return a plan that a user names.

    Errors: `UsageError`, which says how to write one.
    """
    text = _text(data, path)
    try:
        root = read_json(text, path)
    except PolicySyntaxError as error:
        raise UsageError(f"{quoted(path)} is no plan: {_no_json(text) or error}") from error
    if not is_plan(root):
        raise UsageError(f"{quoted(path)} is no plan: {_other_json(root)}{SHOW}")
    try:
        return plan_of(root, path)
    except PlanError as error:
        raise UsageError(f"{quoted(path)}: {error}") from error


def _text(data: bytes, path: str) -> str:
    if data.startswith(b"PK\x03\x04"):
        convert = f"`terraform show -json {path} > plan.json`"
        problem = f"a plan in Terraform's own format; write it as JSON with {convert}"
        raise UsageError(f"{quoted(path)} is {problem}")
    try:
        return data.decode("utf-16" if data.startswith(_UTF_16) else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{quoted(path)} is no plan: no UTF-8 text; {SHOW}") from error


def _no_json(text: str) -> str:
    """Return what a text is that somebody may take for a plan in JSON; "" if it is none of these."""
    start = text.lstrip()[:_SHOWN]
    if start.startswith("[command]"):
        return "it begins with a line of a wrapper; set `terraform_wrapper: false`"
    if '"@level"' in start or '"@message"' in start:
        return f"it is the log of `plan -json`, not the plan; {SHOW}"
    if not start.startswith("{"):
        return f"it is not JSON; {SHOW}" if start else f"it is empty; {SHOW}"
    return ""


def _other_json(root: Node) -> str:
    if member(root, "encrypted_data") is not None:
        return "it is encrypted; "
    return "it is a state; " if member(root, "terraform_version") is not None else ""


def planned(of: Plan, versions: Versions, config: Config) -> ChangedTemplate:
    """Return the change that a plan is, at the places of its source where that is there."""
    for files in versions.both:
        files.prefetch(files.ending(ENDINGS))
    folders = folders_of_plan(of, versions.head)
    source: dict[bool, SourceOfPlan] = {}
    if len(folders) == 1:
        (folder,) = folders
        values = values_of(folder, config)
        source = {
            before: source_of_plan(of, folder, files, values, before=before)
            for before, files in ((True, versions.base), (False, versions.head))
        }
    before, after = (
        documents_of_plan(of, before=side, source=source.get(side), copies=config.copies)
        for side in (True, False)
    )
    return ChangedTemplate(
        of.path, of.path, before, after, plan=of.path, notes=_notes(folders, versions)
    )


def _notes(folders: tuple[str, ...], versions: Versions) -> tuple[str, ...]:
    """Return why the findings of a plan have no place in the source, where there is one."""
    if len(folders) > 1:
        shown = " and ".join(quoted(folder or ".") for folder in folders[:2])
        more = f" and {len(folders) - 2} more" if len(folders) > 2 else ""
        which = "so its findings have no place in any: put it into the folder that it is of"
        return (f"the plan is as much like {shown}{more}, {which}",)
    if not folders and versions.head.ending(ENDINGS):
        why = "no folder has half of the blocks that the plan has"
        return (f"{why}, so its findings have no place in the source",)
    return ()
