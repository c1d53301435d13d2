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
BASE, HEAD = "main", "own-account"
CLOSED = 1  # the exit code of a closed gate


def main() -> int:
    """Run the demo; the gate has to close on the change, else the demo fails."""
    with tempfile.TemporaryDirectory(prefix="access-gate-demo-") as folder:
        repository = Repository(Path(folder))
        repository.make()
        print("The change, as its author describes it: fewer people may write to the bucket.\n")
        print(repository.git("diff", "--no-color", BASE, HEAD))
        command = ["access-gate", "diff", BASE, HEAD, "--format", "markdown"]
        print(f"$ {' '.join(command)}\n", flush=True)
        started = time.monotonic()
        gate: list[str | Path] = [Path(sys.executable).parent / command[0], *command[1:]]
        done = subprocess.run(gate, cwd=folder, env=repository.environment, check=False)
        seconds = time.monotonic() - started
    if done.returncode != CLOSED:
        print(f"error: the gate did not close, but ended with {done.returncode}", file=sys.stderr)
        return 1
    print(f"\nThe gate is closed (exit code {CLOSED}), decided in {seconds:.1f} s.")
    return 0


class Repository:
    """A repository with two branches: `main`, and a change to its one policy."""

    def __init__(self, folder: Path) -> None:
        nowhere = "http://127.0.0.1:9"  # the discard port: whoever tried a network would fail
        self.folder = folder
        # No token, no inputs, and none of the settings of whoever runs this.
        self.environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(folder),
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

    def make(self) -> None:
        """Make both branches; `HEAD` is checked out in the end."""
        policies = json.loads(EXAMPLES.read_text(encoding="utf-8"))["policies"]
        self.git("init", "--quiet", f"--initial-branch={BASE}")
        self._commit(policies["open_bucket"], "Take uploads from anyone")
        self.git("switch", "--quiet", f"--create={HEAD}")
        self._commit(policies["bucket_own_account"], "Take uploads from our own account only")

    def git(self, *arguments: str) -> str:
        """Run git, and return what it prints."""
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.folder,
            env=self.environment,
            check=True,
            text=True,
            stdout=subprocess.PIPE,
        )
        return done.stdout

    def _commit(self, policy: object, message: str) -> None:
        path = self.folder / POLICY
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(policy, indent=2) + "\n", encoding="utf-8")
        self.git("add", POLICY)
        self.git("commit", "--quiet", f"--message={message}")


if __name__ == "__main__":
    sys.exit(main())
