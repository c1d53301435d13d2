"""GitHub's own description of its API: does a message keep to it, and what would one look like.

`data/github-openapi.json.gz` is `generated/api.github.com.json` of npm @octokit/openapi 23.0.2, cut
by `tools/cut_openapi.py`.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qs, urlsplit

from openapi_core import Config, OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest, MockResponse

Json: TypeAlias = Any  # what a test server takes and gives is as free as JSON

_FILE: Final = Path(__file__).parent / "data" / "github-openapi.json.gz"
_HOST: Final = "https://api.github.com"
_LONGEST: Final = 12  # levels of an example; no schema in use is deeper


@cache
def description() -> dict[str, Json]:
    loaded: dict[str, Json] = json.loads(gzip.decompress(_FILE.read_bytes()))
    loaded["servers"] = [{"url": _HOST}]
    return loaded


@cache
def _api(*, strict: bool) -> OpenAPI:
    """Requests are held to the keys that are described; the description itself allows any."""
    config = Config(
        spec_validator_cls=None,
        additional_properties_default_policy="forbid" if strict else "allow",
    )
    return OpenAPI.from_dict(description(), config=config)


def _request(verb: str, target: str, body: bytes) -> MockRequest:
    url = urlsplit(target)
    # GitHub takes branch names with a slash here; the description cannot say that.
    start, compare, pair = url.path.partition("/compare/")
    return MockRequest(
        _HOST,
        verb.lower(),
        start + compare + pair.replace("/", "%2F"),
        args=dict(parse_qs(url.query, keep_blank_values=True)),
        headers={"Accept": "application/vnd.github+json"},
        data=body or None,
        content_type="application/json" if body else "",
    )


def wrong_with_request(verb: str, target: str, body: bytes) -> str:
    """Return how a request breaks the description; "" if it does not."""
    try:
        _api(strict=True).validate_request(_request(verb, target, body))
    except OpenAPIError as error:
        return _story(f"{verb} {target}", error)
    return ""


def wrong_with_answer(verb: str, target: str, body: bytes, status: int, answer: bytes) -> str:
    """Return how an answer breaks the description; "" if it does not, or if none is given."""
    response = MockResponse(answer, status_code=status, content_type="application/json")
    try:
        _api(strict=False).validate_response(_request(verb, target, body), response)
    except OpenAPIError as error:
        if "Unknown response http status" in str(error):
            return ""
        return _story(f"{status} to {verb} {target}", error)
    return ""


def _story(what: str, error: BaseException) -> str:
    causes = [str(error)]
    cause = error.__cause__
    while cause is not None:
        causes.append(str(cause))
        causes += [str(each) for each in getattr(cause, "schema_errors", ())]
        cause = cause.__cause__
    return f"{what}: {' / '.join(causes)}"[:2000]


def like(schema: str, **given: Json) -> dict[str, Json]:
    """Return an object that the schema `schema` accepts, holding what is given."""
    made: dict[str, Json] = _example({"$ref": f"#/components/schemas/{schema}"}, 0)
    together: dict[str, Json] = merged(made, given)
    return together


def merged(one: Json, other: Json) -> Json:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return {**one, **{key: merged(one.get(key), value) for key, value in other.items()}}
    return other


def _example(schema: Mapping[str, Json], depth: int) -> Json:
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return _example(description()["components"]["schemas"][name], depth + 1)
    for choice in ("oneOf", "anyOf"):
        if choice in schema:
            return _example(schema[choice][0], depth + 1)
    if schema.get("nullable") or depth > _LONGEST:
        return None
    if "enum" in schema:
        return schema["enum"][0]
    if "allOf" in schema:
        made: Json = {}
        for part in schema["allOf"]:
            made = merged(made, _example(part, depth + 1))
        return made
    return _value(schema, depth)


def _value(schema: Mapping[str, Json], depth: int) -> Json:
    match schema.get("type", "object"):
        case "string":
            samples = {"uri": f"{_HOST}/x", "date-time": "2026-11-21T03:00:00Z"}
            return samples.get(schema.get("format", ""), "x")
        case "integer" | "number":
            return max(1, schema.get("minimum", 1))
        case "boolean":
            return False
        case "array":
            return []
        case _:
            properties = schema.get("properties", {})
            return {
                name: _example(properties[name], depth + 1)
                for name in schema.get("required", ())
                if name in properties
            }
