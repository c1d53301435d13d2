"""Turn the inputs of the action into the arguments of `access-gate diff`, and run it.

It is started as `python -I`, so that nothing is imported from the working directory: that is the
user's workspace, and may hold a pull request's `yaml.py`.
"""

from __future__ import annotations

import os
import secrets
import sys
import traceback
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, NoReturn

OUR_FAILURE: Final = 3  # as in `checker.errors`, which cannot be imported yet

# As in action.yml, each a flag of `access-gate diff`; but for `github-token`, which stays in the
# environment: arguments can be read by every process of the machine.
INPUTS: Final = (
    "config",
    "paths",
    "base",
    "head",
    "critical-actions",
    "critical-resources",
    "reference-policy",
    "unused-access",
    "terraform-plan",
    "trusted-accounts",
    "trusted-orgs",
    "fail-on",
    "tag",
    "comment",
    "sarif-file",
    "json-file",
    "annotations",
    "ca-certificate",
)


def arguments(environ: Mapping[str, str]) -> list[str]:
    """Return the arguments for `checker.cli.main`.

    The runner passes the input `fail-on` as `INPUT_FAIL-ON`, and one that is not set as "".
    `--flag=value`, in one piece, keeps a value that starts with a hyphen from being a flag.
    """
    given = {name: environ.get(f"INPUT_{name.upper()}", "").strip() for name in INPUTS}
    return ["diff", *(f"--{name}={value}" for name, value in given.items() if value)]


def main() -> int:
    """Run the command, and return its exit code.

    The runner obeys `::command::` and `##[command]` in the log, and text of users gets there. So
    commands are stopped before anything of ours is imported, and again for what nobody expected;
    in between the command stops them itself, because it alone has annotations to give.
    """
    token = _commands_stopped()
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    try:
        from checker import process  # noqa: PLC0415  # not importable any earlier

        process.begin()
        from checker.cli import main as access_gate  # noqa: PLC0415

        print(f"::{token}::", flush=True)
        return access_gate(arguments(os.environ))
    except Exception:  # noqa: BLE001  # 1 would say that the gate is closed
        _commands_stopped()
        traceback.print_exc()
        return OUR_FAILURE


def run() -> NoReturn:
    """Run the command as a process of its own."""
    code = main()
    with suppress(Exception):  # nothing of ours can be imported if that is why it failed
        from checker import process  # noqa: PLC0415

        process.end(code)
    sys.exit(code)


def _commands_stopped() -> str:
    """Stop workflow commands, and return the token that starts them again."""
    token = secrets.token_hex(16)
    print(f"::stop-commands::{token}", flush=True)
    return token


if __name__ == "__main__":
    run()
