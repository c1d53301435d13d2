"""Which folder a plan was made in: a plan names its resources, and not where their source is."""

from __future__ import annotations

from collections.abc import Iterator

from checker.source.tree import Mapping, Sequence
from checker.template.files import AllFiles
from checker.terraform.addresses import address_of
from checker.terraform.folder import Folder, read_folder
from checker.terraform.paths import is_terraform
from checker.terraform.plan_file import Plan, member, text_of


def folders_of_plan(plan: Plan, files: AllFiles) -> tuple[str, ...]:
    """Return the folders whose blocks are most like those of a plan: one, none, or several alike.

    The folder that the plan is in comes first; the top of the repository only among those alike.
    """
    wanted = frozenset(_of_plan(plan))
    if not wanted:
        return ()
    folders = {path.rpartition("/")[0] for path in files.everything() if is_terraform(path)}
    shares: dict[str, float] = {}
    for path in folders:
        if ".terraform" in path.split("/"):
            continue
        blocks = frozenset(_of_folder(read_folder(path, files)))
        shares[path] = len(blocks & wanted) / len(blocks | wanted)
    most = max(shares.values(), default=0.0)
    found = tuple(sorted(path for path, share in shares.items() if share == most and 2 * most >= 1))
    own = plan.path.rpartition("/")[0]
    is_there = own in found or (own and 2 * shares.get(own, 0.0) >= 1)
    return (own,) if is_there else found


def _of_plan(plan: Plan) -> Iterator[tuple[str, ...]]:
    """Yield the blocks that the root module of a plan has."""
    resources = member(plan.configuration, "resources")
    for each in resources.items if isinstance(resources, Sequence) else ():
        address = address_of(text_of(member(each, "address")))
        if address is not None:
            yield address.name
    calls = member(plan.configuration, "module_calls")
    for entry in calls.entries if isinstance(calls, Mapping) else ():
        yield ("module", entry.name)


def _of_folder(folder: Folder) -> Iterator[tuple[str, ...]]:
    for kind in ("resource", "data", "module"):
        for name in folder.names(kind):
            yield (kind, *name)
