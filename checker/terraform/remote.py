"""Calls of modules that are not in the repository: what they are given is all that is known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from checker.source.places import quoted
from checker.template.value import InTemplate, Items, NotResolved, Record, Unknown, Value
from checker.terraform.depends import depended_on
from checker.terraform.evaluate import evaluate
from checker.terraform.instances import Instance, both
from checker.terraform.module import Module
from checker.terraform.strays import guessed, policies_in
from checker.terraform.values import FailedError, Reference, canonical, known_text, plain

_GRANTS: Final = re.compile(
    r"polic|permission|statement|principal|trust|assume|oidc|(?:^|_)(?:iam|role)(?:_|$)"
).search
_NOT_GIVEN: Final = frozenset({"source", "version", "providers", "count", "for_each", "depends_on"})
_ARN: Final = re.compile(r"arn:aws[\w-]*:iam:").search


def of_remote_call(module: Module, instance: Instance, name: str) -> Iterator[InTemplate]:
    """Yield the policies that a call gives to a remote module, and the call if it grants.

    What the module does with them is not known, so a call that gives it policies, ARNs of
    policies or callers closes the gate when any of that has changed.
    """
    block = module.folder.block("module", name)
    if block is None:
        return
    address = module.prefix + module.moves.address(f"module.{name}", instance.key)
    scope = module.scope.binding(instance.names)
    told: list[str] = []
    for argument in block.body.arguments:
        if argument.name in _NOT_GIVEN:
            continue
        try:
            value = evaluate(argument.value, scope)
            policies = list(policies_in(value))
        except FailedError as failed:
            content = f"{failed.problem}\n{depended_on(module, 'module', name)}"
            place = f"{address}.{argument.name}"
            yield NotResolved(place, address, failed.problem, content, argument.at)
            continue
        if policies:
            exists = both(module.exists, instance.exists)
            for step, policy in policies:
                path = f"{address}.{argument.name}{step}"
                yield guessed(address, path, argument, policy, exists)
            told.append(f"{argument.name}=…")
        elif _GRANTS(argument.name) or _names_iam(value):
            told.append(f"{argument.name}={canonical(plain(value))}")
    if told:
        source = block.body.argument("source")
        version = block.body.argument("version")
        written = [
            canonical(evaluate(each.value, scope)) for each in (source, version) if each is not None
        ]
        source_text = written[0].strip('"') if written else ""
        problem = f"what the remote module {quoted(source_text)} grants is not in the repository"
        hint = "a plan shows it (`--terraform-plan FILE`); accept this once you have looked"
        content = "\n".join([*written, canonical(instance.exists), *told])
        yield NotResolved(address, address, problem, content, block.span, hint)


def _names_iam(value: Value) -> bool:
    """Whether a value names a policy, role, user or group."""
    match value:
        case Items(values):
            return any(_names_iam(each) for each in values)
        case Record(members):
            return any(_names_iam(each.value) for each in members)
        case Reference(expression) | Unknown(expression):
            return "aws_iam_" in expression
        case _:
            text = known_text(value)
            return bool(_ARN(text if text is not None else canonical(value)))
