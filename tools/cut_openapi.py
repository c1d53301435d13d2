"""Cut GitHub's OpenAPI description down to the requests that Access Gate sends.

    npm install @octokit/openapi@23.0.2
    python tools/cut_openapi.py node_modules/@octokit/openapi/generated/api.github.com.json

writes `tests/data/github-openapi.json.gz`, against which the fake GitHub of the tests holds every
request and every answer.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Final, TypeAlias

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

TARGET: Final = Path(__file__).parent.parent / "tests" / "data" / "github-openapi.json.gz"
REPOSITORY: Final = "/repos/{owner}/{repo}"
REQUESTS: Final = {
    "": ("get",),
    "/commits/{ref}": ("get",),
    "/compare/{basehead}": ("get",),
    "/git/blobs/{file_sha}": ("get",),
    "/git/commits/{commit_sha}": ("get",),
    "/git/trees/{tree_sha}": ("get",),
    "/issues/comments/{comment_id}": ("get", "patch"),
    "/issues/{issue_number}/comments": ("get", "post"),
    "/pulls/comments/{comment_id}": ("get", "patch"),
    "/pulls/{pull_number}": ("get",),
    "/pulls/{pull_number}/comments": ("get", "post"),
    "/pulls/{pull_number}/files": ("get",),
    "/pulls/{pull_number}/reviews": ("get", "post"),
}
# Prose and samples: most of the size, and nothing that is checked.
DROPPED: Final = frozenset(
    {"example", "examples", "x-github", "externalDocs", "x-multi-segment", "summary", "tags"}
)


def main(arguments: list[str]) -> int:
    """Write the cut description; return the exit code."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    whole = json.loads(Path(arguments[0]).read_bytes())
    text = json.dumps(cut(whole), separators=(",", ":"), sort_keys=True).encode()
    TARGET.write_bytes(gzip.compress(text, 9, mtime=0))
    print(f"{TARGET}: {len(text)} bytes, {TARGET.stat().st_size} compressed")
    return 0


def cut(whole: dict[str, Json]) -> dict[str, Json]:
    """Return the description of `REQUESTS` and of what they refer to."""
    paths: dict[str, Json] = {}
    for path, verbs in REQUESTS.items():
        described = _member(whole, "paths", REPOSITORY + path)
        paths[REPOSITORY + path] = {
            key: slim(value)
            for key, value in described.items()
            if key in verbs or key == "parameters"
        }
    components: dict[str, Json] = {}
    waiting = _references(paths)
    while waiting:
        reference = waiting.pop()
        kind, name = reference.removeprefix("#/components/").split("/")
        of_kind = components.setdefault(kind, {})
        if isinstance(of_kind, dict) and name not in of_kind:
            of_kind[name] = slim(_member(whole, "components", kind)[name])
            waiting |= _references(of_kind[name])
    return {
        "openapi": whole["openapi"],
        "info": {"title": "GitHub, cut", "version": _member(whole, "info")["version"]},
        "paths": paths,
        "components": components,
    }


def slim(value: Json, *, of_names: bool = False) -> Json:
    """Return a piece without prose; the keys of `properties` are names and all stay."""
    if isinstance(value, list):
        return [slim(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: slim(item, of_names=key == "properties" and not of_names)
        for key, item in value.items()
        if of_names or (key not in DROPPED and not (key == "description" and isinstance(item, str)))
    } | (
        {"description": ""}
        if not of_names and "content" in value and "description" in value
        else {}
    )


def _member(value: Json, *keys: str) -> dict[str, Json]:
    for key in keys:
        if not isinstance(value, dict):
            raise TypeError(f"nothing under {key}")
        value = value[key]
    if not isinstance(value, dict):
        raise TypeError(f"{keys} is no object")
    return value


def _references(value: Json) -> set[str]:
    if isinstance(value, list):
        return {found for item in value for found in _references(item)}
    if not isinstance(value, dict):
        return set()
    own = value.get("$ref")
    inner = {found for item in value.values() for found in _references(item)}
    return inner | {own} if isinstance(own, str) else inner


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
