"""Write `checker/refinement/operations.txt`: the actions that are API operations of their service.

    python tools/list_operations.py botocore-1.44.5-py3-none-any.whl

An action without an operation of its name is checked in the course of others, and leaves no event of
its own. The operations are those of AWS's own SDK: `pip download --no-deps botocore` fetches the
wheel. Only services under `logged` in `cloudtrail.toml` are listed.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
import tomllib
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from checker.policy import catalogue

FOLDER: Final = Path(__file__).resolve().parent.parent / "checker" / "refinement"
_MODEL: Final = re.compile(r"botocore/data/[^/]+/[^/]+/service-2\.json(\.gz)?").fullmatch
_CALLED: Final = {"monitoring": "cloudwatch", "email": "ses", "tagging": "tag"}  # by the SDK


def main(arguments: Sequence[str]) -> int:
    """Write the file anew."""
    wheel = Path(arguments[0])
    operations = _operations(wheel)
    facts = tomllib.loads((FOLDER / "cloudtrail.toml").read_text("utf-8"))
    lines = [f"# {wheel.name.split('-py')[0]}: written by tools/list_operations.py"]
    for service in sorted(facts["logged"]):
        known = operations.get(service, set())
        names = [name for name in catalogue.actions_of(service) if name.lower() in known]
        lines.append(f"{service}: {' '.join(names)}")
    (FOLDER / "operations.txt").write_text("\n".join(lines) + "\n", "utf-8")
    return 0


def _operations(wheel: Path) -> dict[str, set[str]]:
    """Return the names of operations (lower case) by the services that IAM may know them under."""
    found: dict[str, set[str]] = {}
    with zipfile.ZipFile(wheel) as archive:
        for name in filter(_MODEL, archive.namelist()):
            data = archive.read(name)
            model = json.loads(gzip.decompress(data) if name.endswith(".gz") else data)
            about = model["metadata"]
            for prefix in {
                about.get("signingName"),
                about.get("endpointPrefix"),
                name.split("/")[2],
            }:
                service = _CALLED.get(prefix, prefix)
                found.setdefault(service, set()).update(map(str.lower, model["operations"]))
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
