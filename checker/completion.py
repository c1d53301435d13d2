"""The parser of the command line -> a script that completes it in bash, zsh or fish. Pure."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

SHELLS: Final = ("bash", "zsh", "fish")


@dataclass(frozen=True, slots=True)
class _Option:
    """A flag: what it says, whether a value follows, and which are possible if few are."""

    name: str
    says: str
    takes_value: bool
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Command:
    """A command, its flags, and the words that may follow it."""

    name: str
    says: str
    options: tuple[_Option, ...]
    words: tuple[str, ...]


def script(parser: argparse.ArgumentParser, shell: str) -> str:
    """Return the script for one of `SHELLS`."""
    make = {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell]
    return "\n".join(make(parser.prog, tuple(_commands(parser)))) + "\n"


def _commands(parser: argparse.ArgumentParser) -> Iterator[_Command]:
    for name, says, below in _below(parser):
        deeper = list(_below(below))
        options = [each for one in (below, *(b for _, _, b in deeper)) for each in _options(one)]
        named = {option.name: option for option in options}
        words = (name for name, _, _ in deeper)
        yield _Command(name, says, tuple(named.values()), (*words, *_positional(below)))


def _below(
    parser: argparse.ArgumentParser,
) -> Iterator[tuple[str, str, argparse.ArgumentParser]]:
    """Yield the commands below one: name, help, parser."""
    for action in parser._actions:  # noqa: SLF001  argparse has no other way to ask
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            says = {choice.dest: choice.help or "" for choice in action._choices_actions}  # noqa: SLF001
            for name, below in action.choices.items():
                yield name, says.get(name, ""), below


def _options(parser: argparse.ArgumentParser) -> Iterator[_Option]:
    for action in parser._actions:  # noqa: SLF001
        for name in action.option_strings:
            if name.startswith("--"):
                choices = tuple(str(each) for each in action.choices or ())
                says = re.sub(r"\s+", " ", (action.help or "").replace("%%", "%"))
                yield _Option(name, says, action.nargs != 0, choices)


def _positional(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Yield the choices of arguments that are no flags."""
    for action in parser._actions:  # noqa: SLF001
        is_command = isinstance(action, argparse._SubParsersAction)  # noqa: SLF001
        if not action.option_strings and action.choices and not is_command:
            yield from (str(each) for each in action.choices)


def _bash(program: str, commands: tuple[_Command, ...]) -> Iterator[str]:
    yield "_access_gate() {"
    yield '    local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}" words=""'
    yield '    if [ "$COMP_CWORD" -eq 1 ]; then'
    yield f'        words="{" ".join(each.name for each in commands)}"'
    yield "    else"
    yield '        case "${COMP_WORDS[1]} $previous" in'
    for command in commands:
        for option in command.options:
            if option.choices:
                yield f'            "{command.name} {option.name}") words="{" ".join(option.choices)}" ;;'
            elif option.takes_value:
                yield f'            "{command.name} {option.name}") return ;;'
    for command in commands:
        words = " ".join((*command.words, *(option.name for option in command.options)))
        yield f'            "{command.name} "*) words="{words}" ;;'
    yield "        esac"
    yield "    fi"
    yield '    COMPREPLY=($(compgen -W "$words" -- "$current"))'
    yield "}"
    yield f"complete -o default -F _access_gate {program}"


def _zsh(program: str, commands: tuple[_Command, ...]) -> Iterator[str]:
    yield f"#compdef {program}"
    yield "_access_gate() {"
    yield "    local -a commands"
    yield "    commands=("
    yield from (f"        {_quoted(f'{each.name}:{each.says}')}" for each in commands)
    yield "    )"
    yield "    if (( CURRENT == 2 )); then"
    yield "        _describe command commands"
    yield "        return"
    yield "    fi"
    yield "    shift words"
    yield "    (( CURRENT-- ))"
    yield "    case ${words[1]} in"
    for command in commands:
        rest = f"*:word:({' '.join(command.words)})" if command.words else "*:file:_files"
        specs = [*(_zsh_option(option) for option in command.options), rest]
        yield f"        {command.name}) _arguments {' '.join(map(_quoted, specs))} ;;"
    yield "    esac"
    yield "}"
    yield f"compdef _access_gate {program}"


def _zsh_option(option: _Option) -> str:
    says = re.sub(r"[][:\\]", " ", option.says)
    if not option.takes_value:
        return f"{option.name}[{says}]"
    values = f"({' '.join(option.choices)})" if option.choices else "_files"
    return f"{option.name}=[{says}]:value:{values}"


def _fish(program: str, commands: tuple[_Command, ...]) -> Iterator[str]:
    for command in commands:
        start = f"complete -c {program} -n __fish_use_subcommand -f"
        yield f"{start} -a {command.name} -d {_quoted(command.says)}"
        within = f"complete -c {program} -n '__fish_seen_subcommand_from {command.name}'"
        if command.words:
            yield f"{within} -f -a {_quoted(' '.join(command.words))}"
        for option in command.options:
            takes = " -r" if option.takes_value else ""
            if option.choices:
                takes = f" -x -a {_quoted(' '.join(option.choices))}"
            yield f"{within} -l {option.name[2:]}{takes} -d {_quoted(option.says)}"


def _quoted(text: str) -> str:
    r"""Return a text in single quotes, in which `'\''` is one that all three shells read alike."""
    return "'" + text.replace("'", "'\\''") + "'"
