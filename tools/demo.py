"""Show the main job end to end: a pull request that changes a bucket policy, and its review.

Everything is real but the pull request: a git repository with two commits, and the installed command,
started without a token and with no way to a network.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "tests" / "cases" / "examples.json"
POLICY = "policies/bucket-policy.json"
BEFORE, AFTER = "open_bucket", "bucket_own_account"
CLOSED = 1  # the exit code of a closed gate


def main() -> int:
    """Run the demo; the gate has to close on the change, else the demo fails."""
    policies = json.loads(EXAMPLES.read_text(encoding="utf-8"))["policies"]
    with tempfile.TemporaryDirectory(prefix="access-gate-demo-") as folder:
        repository = Path(folder)
        environment = _environment(repository)
        _git(repository, environment, "init", "--quiet", "--initial-branch=main")
        _commit(repository, environment, policies[BEFORE], "Take uploads from anyone")
        _git(repository, environment, "switch", "--quiet", "--create=own-account")
        _commit(repository, environment, policies[AFTER], "Take uploads from our own account only")
        print("The change, as its author describes it: fewer people may write to the bucket.\n")
        print(_git(repository, environment, "diff", "--no-color", "main", "own-account"))
        command = ["access-gate", "diff", "main", "own-account", "--format", "markdown"]
        print(f"$ {' '.join(command)}\n", flush=True)
        started = time.monotonic()
        gate: list[str | Path] = [Path(sys.executable).parent / command[0], *command[1:]]
        done = subprocess.run(gate, cwd=repository, env=environment, check=False)
        seconds = time.monotonic() - started
    if done.returncode != CLOSED:
        print(
            f"error: the gate should have closed; it exited with {done.returncode}", file=sys.stderr
        )
        return 1
    print(f"\nThe gate is closed (exit code {CLOSED}), decided in {seconds:.1f} s.")
    return 0


def _environment(home: Path) -> dict[str, str]:
    """Return what the processes may know: no token, no inputs, no settings of this machine's user."""
    nowhere = "http://127.0.0.1:9"  # the discard port: whoever tried a network would fail
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_AUTHOR_NAME": "Demo",
        "GIT_AUTHOR_EMAIL": "demo@example.com",
        "GIT_COMMITTER_NAME": "Demo",
        "GIT_COMMITTER_EMAIL": "demo@example.com",
        "http_proxy": nowhere,
        "https_proxy": nowhere,
    }


def _commit(repository: Path, environment: dict[str, str], policy: object, message: str) -> None:
    path = repository / POLICY
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(policy, indent=2) + "\n", encoding="utf-8")
    _git(repository, environment, "add", POLICY)
    _git(repository, environment, "commit", "--quiet", f"--message={message}")


def _git(repository: Path, environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments],
        cwd=repository,
        env=environment,
        check=True,
        text=True,
        stdout=subprocess.PIPE,
    )
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
