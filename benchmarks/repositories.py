"""Repositories as they grow in a company, made anew for each measurement; the same each time."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from benchmarks.services import BUCKET_MODULE, FUNCTION, MAIN, STORE, VARIABLES, WORKER

MODULE: Final = "infra"
ADDED: Final = "s3:PutObjectAcl"
"""What the changes below let somebody do who could not before."""

_KINDS: Final = (("worker", WORKER), ("function", FUNCTION), ("store", STORE))
_POLICY: Final = """\
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["s3:GetObject"],
      "Resource": "arn:aws:s3:::DOC-EXAMPLE-BUCKET*"
    }
  ]
}
"""
_ORDINARY: Final = (
    ("README.md", "# Part NAME\n\nWhat it does, and who looks after it.\n"),
    ("package.json", '{"name": "NAME", "version": "1.0.0", "dependencies": {"left": "^2.1.0"}}\n'),
    ("deploy.yaml", "name: NAME\nreplicas: 2\nimage: registry.example/NAME:1\n"),
    ("index.ts", 'export const name = "NAME";\n'),
    ("main.py", 'NAME = "NAME"\n'),
)


def root_module(repository: Path, files: int) -> str:
    """Write a root module of so many files, and return the path of the one that will change."""
    folder = repository / MODULE
    (folder / "modules" / "bucket").mkdir(parents=True)
    (folder / "modules" / "bucket" / "main.tf").write_text(BUCKET_MODULE)
    (folder / "main.tf").write_text(MAIN)
    (folder / "variables.tf").write_text(VARIABLES)
    for number in range(files - 2):
        kind, text = _KINDS[number % len(_KINDS)]
        name = f"{kind}_{number:03}"
        (folder / f"{name}.tf").write_text(text.replace("NAME", name))
    return f"{MODULE}/{_KINDS[0][0]}_003.tf"


def many_files(repository: Path, folders: int, in_each: int, of_terraform: int) -> str:
    """Write a repository of folders with ordinary files, and return the path of a policy in it.

    of_terraform: in how many of the folders a small root module stands as well.
    """
    for number in range(folders):
        name = f"part_{number:04}"
        folder = repository / "parts" / f"{number // 50:02}" / name
        folder.mkdir(parents=True)
        for count in range(in_each):
            file, text = _ORDINARY[count % len(_ORDINARY)]
            stem, _, ending = file.partition(".")
            path = folder / (f"{stem}{count}.{ending}" if count >= len(_ORDINARY) else file)
            path.write_text(text.replace("NAME", name))
        if number < of_terraform:
            (folder / "main.tf").write_text(MAIN + VARIABLES)
            (folder / "app.tf").write_text(FUNCTION.replace("NAME", name))
    (repository / "policies").mkdir()
    (repository / "policies" / "app.json").write_text(_POLICY)
    return "policies/app.json"


def changed(repository: Path, path: str) -> None:
    """Let the policy of a file allow `ADDED` besides what it allows."""
    file = repository / path
    text = file.read_text()
    file.write_text(text.replace('["s3:GetObject"', f'["{ADDED}", "s3:GetObject"', 1))
