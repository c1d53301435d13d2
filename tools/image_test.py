"""Build the image and run it as GitHub's runner does: same mounts, same environment, same flags.

`ENGINE` names a container engine with its options, where neither `docker` nor `podman` is to be found
by itself; `IMAGE` names an image that is built already.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WRONG_INPUT = 2
HOSTILE = "import pathlib\npathlib.Path('/github/workspace/EXECUTED').touch()\n"
MODULES = ("checker", "github", "json", "sitecustomize", "usercustomize", "yaml", "z3")


@dataclass(frozen=True)
class Container:
    """An image, the engine that runs it, and the folder that holds what the runner mounts."""

    engine: tuple[str, ...]
    image: str
    folder: Path

    def run(self, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """Return what a step with this environment ends with."""
        mounts: list[str] = []
        for name in ("workspace", "workflow", "home", "runner_temp", "file_commands"):
            (self.folder / name).mkdir(exist_ok=True)
            mounts += ["--volume", f"{self.folder / name}:/github/{name}"]
        given = {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_PATH": "/github/workflow/event.json",
            "GITHUB_OUTPUT": "/github/file_commands/output",
            "GITHUB_STEP_SUMMARY": "/github/file_commands/summary",
            "GITHUB_WORKSPACE": "/github/workspace",
            "HOME": "/github/home",
            **environment,
        }
        names = [part for name in given for part in ("--env", name)]  # values stay off the list
        return subprocess.run(
            [
                *self.engine,
                "run",
                "--rm",
                "--network=host",
                "--workdir",
                "/github/workspace",
                *names,
                *mounts,
                self.image,
            ],
            env=os.environ | given,
            text=True,
            capture_output=True,
            check=False,
        )


def main() -> int:
    """Run every test, and return the exit code."""
    engine = _engine()
    if engine is None:
        print(
            "error: no container engine answers: start docker or podman, or name one in ENGINE",
            file=sys.stderr,
        )
        return WRONG_INPUT
    image = os.environ.get("IMAGE", "")
    if not image:
        image = "localhost/access-gate:test"
        built = subprocess.run(
            [*engine, "build", "--tag", image, "--file", "Dockerfile", "."], cwd=ROOT, check=False
        )
        if built.returncode:
            print("error: the image was not built, see above", file=sys.stderr)
            return 1
    failed = 0
    for test in (the_workspace_is_not_executed,):
        with tempfile.TemporaryDirectory(prefix="access-gate-image-") as folder:
            problem = test(Container(engine, image, Path(folder)))
        print(f"{'FAIL' if problem else 'ok'}  {test.__name__.replace('_', ' ')}")
        if problem:
            failed += 1
            print(problem)
    return 1 if failed else 0


def the_workspace_is_not_executed(container: Container) -> str:
    """A pull request cannot put a module where Python finds it, nor a command into the log."""
    workspace = container.folder / "workspace"
    workspace.mkdir()
    for module in MODULES:
        (workspace / f"{module}.py").write_text(HOSTILE)
    done = container.run({"PYTHONPATH": "/github/workspace", "INPUT_FAIL-ON": "no such thing"})
    shown = f"exit code {done.returncode}\n{done.stdout}{done.stderr}"
    if (workspace / "EXECUTED").exists():
        return f"a module of the workspace was executed\n{shown}"
    if not done.stdout.startswith("::stop-commands::"):
        return f"the first thing in the log is not `::stop-commands::`\n{shown}"
    if done.returncode != WRONG_INPUT:
        return f"a wrong input should end with {WRONG_INPUT}\n{shown}"
    return ""


def _engine() -> tuple[str, ...] | None:
    """Return the engine that was named, or one whose server answers."""
    if named := os.environ.get("ENGINE"):
        return tuple(shlex.split(named))
    for name in ("docker", "podman"):
        if shutil.which(name) is None:
            continue
        if subprocess.run([name, "info"], capture_output=True, check=False).returncode == 0:
            return (name,)
    return None


if __name__ == "__main__":
    sys.exit(main())
