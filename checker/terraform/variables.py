"""What a variable of a module is: what a call or a file gives it, else its default, else unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checker.span import Span
from checker.template.value import Value
from checker.terraform.evaluate import evaluate
from checker.terraform.function_types import is_nothing
from checker.terraform.scope import missing
from checker.terraform.syntax import Block, Literal
from checker.terraform.tree import Defaults
from checker.terraform.values import unknown
from checker.terraform.variable_types import converted, type_name

if TYPE_CHECKING:
    from checker.terraform.module import Module


def value_of_variable(module: Module, name: str, at: Span) -> Value:
    """Return the value of a variable.

    Errors: `FailedError` where the module has no such variable, or its type refuses the value.
    """
    block = module.folder.block("variable", name)
    if block is None:
        raise missing(f"var.{name}", at)
    kind = block.body.argument("type")
    wanted = kind.value if kind else None
    given = module.caller.argument(name) if module.caller else module.given.get(name)
    default = block.body.argument("default")
    if given is not None and not (is_nothing(given) and _refuses_null(block)):
        return converted(given, wanted, module.scope)
    is_secret = bool(module.tree.planned) and _is_set(block, "sensitive")  # a plan hides it
    is_open = module.tree.defaults is Defaults.UNKNOWN or is_secret
    if default is None or (not module.caller and is_open):
        one_text = type_name(wanted) in ("string", "number", "bool")
        made = unknown(f"{module.prefix}var.{name}", at, many=not one_text)
        return converted(made, wanted, module.scope)
    module.tree.has_used_defaults |= module.caller is None
    return converted(evaluate(default.value, module.scope), wanted, module.scope)


def _is_set(block: Block, name: str) -> bool:
    return _said(block, name) == "true"


def _refuses_null(block: Block) -> bool:
    return _said(block, "nullable") == "false"


def _said(block: Block, name: str) -> str:
    """Return a Boolean of a block as a word: it may be written as a text as well."""
    found = block.body.argument(name)
    return (
        str(found.value.value.value).lower() if found and isinstance(found.value, Literal) else ""
    )
