"""What an audit of many policies costs: in one run, from the cache, and over four shards.

    python -m benchmarks.audit [--policies N] [--jobs N]

Makes a repository of the newest version of each policy of the corpus, switches on all packs and a
critical group, and measures whole processes.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.corpus import updates
from benchmarks.processes import Took, committed, gate
from checker.packs import PACKS

SHARDS: Final = 4
_CONFIG: Final = f"""\
packs: [{", ".join(PACKS)}]
critical:
  keys:
    why: whoever deletes the keys has destroyed all data
    actions: [kms:ScheduleKeyDeletion, kms:DisableKey]
trusted: {{ accounts: ["111122223333"] }}
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 1 if the report of the shards is another one than that of one run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--policies", type=int, default=0, help="default: all")
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        repository, cache, reports = (folder / part for part in ("of-policies", "cache", "shards"))
        repository.mkdir()
        reports.mkdir()
        count = _made(repository, args.policies)
        print(f"{count} policies, {len(PACKS)} packs, --jobs {args.jobs}\n")
        run = ["audit", "--format", "json", f"--jobs={args.jobs}"]
        print("| run | wall clock | processor |\n|---|---|---|")
        whole = _row("one run", run, repository)
        _row("one run that fills the cache", [*run, f"--cache={cache}"], repository)
        cached = _row("again, from the cache", [*run, f"--cache={cache}"], repository)
        files = [str(reports / f"{number}.json") for number in range(1, SHARDS + 1)]
        for number, file in enumerate(files, 1):
            shard = ["audit", f"--shard={number}/{SHARDS}", f"--jobs={args.jobs}"]
            _row(f"shard {number}/{SHARDS}", [*shard, f"--output={file}"], repository)
        merged = _row("merge", ["merge", "--format", "json", *files], repository)
    same = whole.output == cached.output == merged.output
    print(f"\nthe three reports are {'the same' if same else 'NOT the same'}, byte for byte")
    return 0 if same else 1


def _made(repository: Path, most: int) -> int:
    """Write the newest version of each policy, and commit."""
    _, found = updates()
    newest = {update.name.split(" ")[0]: update.new for update in found}
    names = sorted(newest)[: most or None]
    folder = repository / "policies"
    folder.mkdir()
    for name in names:
        text = json.dumps(newest[name], indent=2)
        (folder / f"{name}.json").write_text(text, encoding="utf-8")
    (repository / ".github").mkdir()
    (repository / ".github" / "access-gate.yml").write_text(_CONFIG, encoding="utf-8")
    committed(repository, "policies")
    return len(names)


def _row(name: str, arguments: Sequence[str], folder: Path) -> Took:
    took = gate(arguments, folder)
    print(f"| {name} | {took.wall:.1f} s | {took.processor:.1f} s |", flush=True)
    return took


if __name__ == "__main__":
    sys.exit(main())
