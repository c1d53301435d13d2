"""Addresses of resource instances as a plan writes them, in the spelling that modules are read with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from checker.source.tree import Number, Scalar
from checker.span import whole_file
from checker.terraform.values import canonical

_NAME: Final = re.compile(r"[^\W\d][\w-]*").match
_KEY: Final = re.compile(r'\[(?:(\d+)|"((?:[^"\\]|\\.)*+)")\]', re.DOTALL).match
_ESCAPE: Final = re.compile(
    r'\\(?:([nrt"\\])|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2}))|([$%])\5\{', re.DOTALL
)
_PLAIN: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_NOWHERE: Final = whole_file("")
_LAST: Final = 0x10FFFF


@dataclass(frozen=True, slots=True)
class Step:
    """A module call or a resource, and which instance of it; `index` is the known key."""

    name: str
    index: Scalar | None = None

    @property
    def key(self) -> str:
        """The key between its brackets, or ""."""
        return f"[{canonical(self.index)}]" if self.index else ""


@dataclass(frozen=True, slots=True)
class Address:
    """One instance of a resource or data source."""

    modules: tuple[Step, ...]
    name: tuple[str, ...]  # ("resource" or "data", type, name)
    index: Scalar | None = None

    @property
    def prefix(self) -> str:
        """That of its module: "" or `module.name.`."""
        return "".join(f"module.{step.name}{step.key}." for step in self.modules)

    @property
    def bare(self) -> str:
        """Its address without its own key."""
        own = self.name[1:] if self.name[0] == "resource" else self.name
        return self.prefix + ".".join(own)

    @property
    def key(self) -> str:
        """The key of the instance between its brackets, or ""."""
        return Step("", self.index).key

    @property
    def configured(self) -> str:
        """Its address in the configuration, where nothing has a key."""
        calls = "".join(f"module.{step.name}." for step in self.modules)
        return calls + self.bare.removeprefix(self.prefix)

    def __str__(self) -> str:
        """Return the address in the spelling that modules are read with."""
        return self.bare + self.key


def address_of(text: str) -> Address | None:
    """Return an address that is written as Terraform writes it; None for any other text."""
    steps = _steps(text)
    if steps is None:
        return None
    modules: list[Step] = []
    while len(steps) > 1 and steps[0] == Step("module"):
        modules.append(steps[1])
        steps = steps[2:]
    kind = "resource"
    if steps and steps[0] == Step("data"):
        kind, steps = "data", steps[1:]
    if len(steps) != 2 or steps[0].index is not None:
        return None
    return Address(tuple(modules), (kind, steps[0].name, steps[1].name), steps[1].index)


def _steps(text: str) -> list[Step] | None:
    found: list[Step] = []
    at = 0
    while True:
        name = _NAME(text, at)
        if name is None:
            return None
        at = name.end()
        index = None
        if key := _KEY(text, at):
            number, quoted = key.groups()
            value = Number(number) if number is not None else _unescaped(quoted)
            index, at = Scalar(value, _NOWHERE), key.end()
        found.append(Step(name[0], index))
        if at == len(text):
            return found
        if text[at] != ".":
            return None
        at += 1


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(_character, text)


def _character(escape: re.Match[str]) -> str:
    plain, *codes, sign = escape.groups()
    if sign:
        return f"{sign}{{"
    if plain:
        return _PLAIN[plain]
    code = int(next(each for each in codes if each), 16)
    return chr(code) if code <= _LAST and not 0xD800 <= code <= 0xDFFF else "\ufffd"
