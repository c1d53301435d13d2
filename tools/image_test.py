"""Build the image and run it as GitHub's runner does: same mounts, same environment, same flags.

`ENGINE` names a container engine with its options, where neither `docker` nor `podman` is to be found
by itself; `IMAGE` names an image that is built already.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tests import repository as tests_repository
from tests import steps, story
from tests.github_objects import GitObjects
from tests.github_server import TOKEN, FakeGitHub, FakePull, serving
from tools.demo import BASE, CLOSED, HEAD, Repository

ROOT = Path(__file__).resolve().parent.parent
WRONG_INPUT = 2
_OF_THE_RUNNER = frozenset(
    {
        *("EXECUTED", "GITHUB_EVENT_PATH", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"),
        *("GITHUB_WORKSPACE", "HOME", "PATH", "PYTHONPATH"),
    }
)
HOSTILE = "import pathlib\npathlib.Path('/github/workspace/EXECUTED').touch()\n"
MODULES = ("checker", "github", "json", "sitecustomize", "usercustomize", "yaml", "z3")


@dataclass(frozen=True)
class Container:
    """An image, the engine that runs it, and the folder that holds what the runner mounts."""

    engine: tuple[str, ...]
    image: str
    folder: Path

    def run(
        self, environment: Mapping[str, str], event: Mapping[str, object] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Return what a step with this environment ends with."""
        mounts: list[str] = []
        for name in ("workspace", "workflow", "home", "runner_temp", "file_commands"):
            (self.folder / name).mkdir(exist_ok=True)
            mounts += ["--volume", f"{self.folder / name}:/github/{name}"]
        (self.folder / "workflow" / "event.json").write_text(json.dumps(event or {}))
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
    for test in (
        the_workspace_is_not_executed,
        a_pull_request_gets_its_review,
        a_token_that_cannot_write_gets_the_same_verdict,
        a_pull_request_lives_from_finding_to_fixed,
    ):
        with tempfile.TemporaryDirectory(
            prefix="access-gate-image-", ignore_cleanup_errors=True
        ) as folder:
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


def a_pull_request_gets_its_review(container: Container) -> str:
    """The gate closes, and one review says why, in requests that GitHub would take."""
    step = _pull_request(container, can_write=True)
    return step.unlike(
        {
            "the exit code is 1": step.exit_code == CLOSED,
            "the outputs say so": step.has_outputs({"result": "fail", "new-access": "true"}),
            "there is one review": len(step.pull.reviews) == 1,
            "a comment stands on a line": bool(step.pull.remarks),
            "every request is one that GitHub describes": not step.violations,
            "the token is not in the log": TOKEN not in step.log,
        }
    )


def a_token_that_cannot_write_gets_the_same_verdict(container: Container) -> str:
    """As for a pull request from a fork: annotations and the summary say what a review would."""
    step = _pull_request(container, can_write=False)
    return step.unlike(
        {
            "the exit code is 1": step.exit_code == CLOSED,
            "the outputs say so": step.has_outputs({"result": "fail", "new-access": "true"}),
            "there is no review": not step.pull.reviews,
            "there is an annotation": "\n::error " in step.log,
            "there is a summary": "s3:DeleteBucket" in step.summary,
        }
    )


def a_pull_request_lives_from_finding_to_fixed(container: Container) -> str:
    """Found, pushed again unchanged, half fixed, approved, approved no more, fixed."""
    with tempfile.TemporaryDirectory(
        prefix="access-gate-image-", ignore_cleanup_errors=True
    ) as name:
        folder = Path(name)
        repository = tests_repository.Repository(folder / "repository")
        repository.folder.mkdir()
        repository.git("init", "--quiet", "--initial-branch=main")
        with steps.job(repository, folder) as job:
            job.begin = partial(_begun, container)
            told = list(story.tell(job))
    for each in told:
        print(f"    {each.name}: exit code {each.done.code}, {each.writes} writes")
    wrong = [f"{each.name}: {what}" for each in told for what in each.wrong]
    return "\n".join([*wrong, *(each.done.log for each in told if each.wrong)])


def _begun(container: Container, _: Path, environment: Mapping[str, str]) -> tuple[int, str, str]:
    """Run a step that a test describes in the container; its files come back to the test."""
    event = json.loads(Path(environment["GITHUB_EVENT_PATH"]).read_text())
    for name in ("output", "summary"):
        (container.folder / "file_commands" / name).unlink(missing_ok=True)
    given = {name: value for name, value in environment.items() if name not in _OF_THE_RUNNER}
    done = container.run(given, event)
    for name in ("output", "summary"):
        written = _text(container.folder / "file_commands" / name)
        target = environment["GITHUB_OUTPUT" if name == "output" else "GITHUB_STEP_SUMMARY"]
        Path(target).write_text(written)
    return done.returncode, done.stdout, done.stderr


@dataclass(frozen=True)
class Step:
    """What a step on a pull request ended with."""

    exit_code: int
    log: str
    output: str
    summary: str
    pull: FakePull
    violations: list[str]

    def has_outputs(self, expected: Mapping[str, str]) -> bool:
        """Whether each of these is among the outputs, in the form with a delimiter."""
        return all(
            re.search(rf"^{name}<<(\S+)\n{value}\n\1$", self.output, flags=re.MULTILINE)
            for name, value in expected.items()
        )

    def unlike(self, expected: Mapping[str, bool]) -> str:
        """Return what is not as expected, and all there is to see; "" if nothing."""
        wrong = [f"not so: {sentence}" for sentence, so in expected.items() if not so]
        seen = [f"exit code {self.exit_code}", self.log, self.output, *self.violations]
        return "\n".join([*wrong, *seen]) if wrong else ""


def _pull_request(container: Container, *, can_write: bool) -> Step:
    """Run the step on the pull request of the demo, as an event `pull_request` starts it."""
    with tempfile.TemporaryDirectory(
        prefix="access-gate-image-", ignore_cleanup_errors=True
    ) as folder:
        repository = Repository(Path(folder))
        repository.make()
        base, head = (repository.git("rev-parse", name).strip() for name in (BASE, HEAD))
        repository.git("switch", "--quiet", "--detach", BASE)
        repository.git("merge", "--quiet", "--no-ff", "--message=Merge", HEAD)
        merged = repository.git("rev-parse", "HEAD").strip()
        objects = GitObjects(repository.folder)
        files: list[dict[str, Any]] = [*objects.files(base, head)]
        pull = FakePull(head=head, base=base, merge_commit=merged, files=files)
        fake = FakeGitHub(pulls={1: pull}, objects=objects, can_write=can_write)
        with serving(fake):
            done = container.run(
                {
                    "GITHUB_API_URL": fake.url,
                    "GITHUB_BASE_REF": BASE,
                    "GITHUB_EVENT_NAME": "pull_request",
                    "GITHUB_HEAD_REF": HEAD,
                    "GITHUB_REF": "refs/pull/1/merge",
                    "GITHUB_REF_NAME": "1/merge",
                    "GITHUB_REPOSITORY": fake.repository,
                    "GITHUB_RUN_ID": "1",
                    "GITHUB_SERVER_URL": "https://github.com",
                    "GITHUB_SHA": merged,
                    "INPUT_CONFIG": ".github/access-gate.yml",
                    "INPUT_GITHUB-TOKEN": TOKEN,
                },
                event=_event(fake.repository, base, head),
            )
    files_of_runner = container.folder / "file_commands"
    return Step(
        exit_code=done.returncode,
        log=done.stdout + done.stderr,
        output=_text(files_of_runner / "output"),
        summary=_text(files_of_runner / "summary"),
        pull=pull,
        violations=fake.violations,
    )


def _event(repository: str, base: str, head: str) -> dict[str, object]:
    whole = {"full_name": repository, "default_branch": BASE, "fork": False}
    pull = {
        "number": 1,
        "state": "open",
        "base": {"ref": BASE, "sha": base, "repo": whole},
        "head": {"ref": HEAD, "sha": head, "repo": whole},
    }
    return {"action": "opened", "number": 1, "pull_request": pull, "repository": whole}


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


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
