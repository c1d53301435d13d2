"""Plans for tests, as `terraform show -json` writes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeAlias

from checker import pipeline, settings
from checker.config import DEFAULT_FILE
from checker.findings import Report
from checker.pipeline import Names
from checker.plan_reading import plan
from checker.source.git import GitSource
from checker.symbolic.question import Budget
from checker.terraform.addresses import address_of
from tests.repository import Repository

Json: TypeAlias = Any


def change(address: str, before: Json, after: Json, unknown: Json = None, **more: Json) -> Json:
    """Return a resource of a plan, before and after; `more` is of its change or of itself."""
    found = address_of(address)
    assert found is not None
    actions = ["create"] if before is None else ["delete"] if after is None else ["update"]
    own = {key: more.pop(key) for key in ("previous_address", "deposed") if key in more}
    made = {"actions": actions, "before": before, "after": after, "after_unknown": unknown or {}}
    module = found.prefix.removesuffix(".")
    return {
        "address": address,
        **({"module_address": module} if module else {}),
        "mode": {"resource": "managed"}.get(found.name[0], found.name[0]),
        "type": found.name[1],
        "name": found.name[2],
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": {**made, "before_sensitive": {}, "after_sensitive": {}, **more},
        **own,
    }


def written(*changes: Json, set_: Mapping[str, Json] | None = None, **more: Json) -> Json:
    """Return a plan; `set_` are the attributes that the configuration sets, by address.

    Without it each resource sets what it has in the plan.
    """
    told: dict[str, Json] = {}
    for each in changes:
        found = address_of(each["address"])
        assert found is not None
        values = (each["change"]["before"] or {}) | (each["change"]["after"] or {})
        unknown = each["change"]["after_unknown"]
        told.setdefault(found.configured, {}).update({key: {} for key in {**values, **unknown}})
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {}},
        "resource_changes": list(changes),
        "configuration": {"root_module": _module({**told, **(set_ or {})})},
        **more,
    }


def _module(told: Mapping[str, Json]) -> Json:
    """Return the configuration of a module: what its resources set, and the modules it calls."""
    resources: list[Json] = []
    calls: dict[str, dict[str, Json]] = {}
    for address, expressions in told.items():
        if address.startswith("module."):
            name, _, rest = address.removeprefix("module.").partition(".")
            calls.setdefault(name, {})[rest] = expressions
            continue
        mode = "data" if address.startswith("data.") else "managed"
        type_, name = address.removeprefix("data.").split(".")
        own = {"address": address, "mode": mode, "type": type_, "name": name}
        resources.append({**own, "expressions": expressions})
    inner = {name: {"source": f"./{name}", "module": _module(each)} for name, each in calls.items()}
    return {"resources": resources, "module_calls": inner}


def text(*statements: Json) -> str:
    """Return a policy as a provider has it: on one line."""
    policy = {"Statement": list(statements), "Version": "2012-10-17"}
    return json.dumps(policy, separators=(",", ":"))


def report(
    repository: Repository,
    before: Mapping[str, str],
    after: Mapping[str, str | None],
    *plans: Json,
    path: str = "plan.json",
    config: str = "",
) -> Report:
    """Return what is said of two commits and of plans."""
    settings_file = {DEFAULT_FILE: config} if config else {}
    base = repository.commit({**before, **settings_file})
    head = repository.commit(dict(after))
    read = [
        plan(each if isinstance(each, bytes) else json.dumps(each).encode(), path) for each in plans
    ]
    with GitSource(repository.folder) as source:
        names = Names(source.commit(base), source.commit(head), "main", "topic", plans=tuple(read))
        found = settings.settings(source, names.base, {}, from_disk=False)
        return pipeline.run(found, source, names, Budget(10.0)).report


def said(report: Report) -> list[str]:
    """Return where each finding stands, which check it is of, and its headline."""
    return [f"{f.at.path}:{f.at.start.line} {f.check} {f.headline}" for f in report.findings]


def accesses(report: Report) -> list[str]:
    """Return where new access stands, and what it is to."""
    return [line.replace("no-new-access New access: ", "") for line in said(report)]
