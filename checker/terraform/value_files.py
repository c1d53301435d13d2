"""Files of variables that only a command line names, and the root modules that they are for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import Final

from checker.template.files import AllFiles
from checker.terraform.blocks import File, read_file
from checker.terraform.json_blocks import read_json_file, values_of_json
from checker.terraform.paths import VARIABLES, is_left_out, is_terraform
from checker.terraform.roots import folder_of, root_folders
from checker.terraform.values import FailedError

_USUAL: Final = ("terraform.tfvars", "terraform.tfvars.json")


def is_taken_by_itself(path: str, files: AllFiles) -> bool:
    """Whether Terraform takes a file of variables without being told to."""
    folder, _, name = path.rpartition("/")
    is_usual = name in _USUAL or name.endswith((".auto.tfvars", ".auto.tfvars.json"))
    return is_usual and any(is_terraform(each) for each in files.names(folder))


def named_files(
    changed: Iterable[str], base: AllFiles, head: AllFiles
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each changed file of variables that has to be named, and the root modules it is for.

    They are those that declare most of its variables, and of these the nearest ones.
    """
    paths = [p for p in changed if p.endswith(VARIABLES) and not is_taken_by_itself(p, head)]
    if not paths:
        return
    declared = {folder: _declared(folder, head) for folder in root_folders(base, head)}
    for path in paths:
        names = _set_in(path, head)
        fits = {folder: len(names & own) for folder, own in declared.items()}
        most = max(fits.values(), default=0)
        if most:
            near = {f: _nearness(f, path) for f, count in fits.items() if count == most}
            yield path, tuple(sorted(f for f in near if near[f] == max(near.values())))


def _nearness(folder: str, path: str) -> int:
    """Return how many folders two paths begin with alike."""
    pairs = zip(folder.split("/"), folder_of(path).split("/"), strict=False)
    return sum(1 for _ in takewhile(lambda names: names[0] == names[1], pairs))


def _declared(folder: str, files: AllFiles) -> set[str]:
    found: set[str] = set()
    for name in filter(is_terraform, files.names(folder)):
        if is_left_out(name):
            continue
        text = (files.read(name) or b"").decode("utf-8", "replace")
        file = read_json_file(text, name) if name.endswith(".json") else read_file(text, name)
        found |= {h.labels[0] for h in file.headers if h.type == "variable" and h.labels}
    return found


def _set_in(path: str, files: AllFiles) -> set[str]:
    text = (files.read(path) or b"").decode("utf-8", "replace")
    try:
        if path.endswith(".json"):
            return set(values_of_json(text, path))
    except FailedError:
        return set()
    return {argument.name for argument in File(text, path).arguments}
