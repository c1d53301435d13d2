"""Arguments, output, exit code: the command `access-gate`. The one module that prints."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, cast

import checker
from checker.errors import AccessGateError, PolicySyntaxError, UsageError
from checker.policy.model import PolicyType
from checker.render.escape import visible

if TYPE_CHECKING:
    from checker.output import Output

_SMTLIB: Final = "write each question as SMT-LIB 2.6 into this folder, for another solver"
WRONG_INPUT: Final = 2
OUR_FAILURE: Final = 3
_FORMATS: Final = ("text", "json", "markdown", "sarif", "github")
_PLAIN: Final = ("text", "json")
_INPUTS: Final = {
    "config": "configuration file, read from the base commit (default: .github/access-gate.yml)",
    "paths": "globs of the files to look at, one a line or separated by commas",
    "critical-actions": "actions that no policy may grant",
    "critical-resources": "ARNs that no policy may grant access to",
    "reference-policy": "policy file of the base commit that no policy may allow more than",
    "unused-access": "report of unused permissions, a file or folder of the base commit",
    "terraform-plan": "plans of Terraform (`terraform show -json`), one a line, to look at besides the files",
    "trusted-accounts": "account ids that may be trusted",
    "trusted-orgs": "organization ids that may be trusted",
    "fail-on": "what closes the gate: block, warn or off, for all checks or check by check",
    "tag": "a word that tells this gate's comments from another's",
    "comment": "where a pull request shows findings: review, summary or off",
    "sarif-file": "also write SARIF 2.1.0 to this file",
    "json-file": "also write the JSON report to this file",
    "annotations": "whether findings are annotated on the changed lines: true or false",
    "ca-certificate": "certificate authority (PEM) of a GitHub Enterprise Server",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Return the exit code: 0 pass, 1 the gate is closed, 2 wrong input, 3 our own failure."""
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    given = sys.argv[1:] if argv is None else list(argv)
    args = _parser(given).parse_args(given)
    try:
        output = _done(args)
        return output if isinstance(output, int) else _printed(output, args.output)
    except AccessGateError as error:
        return _refused(error, error.exit_code)
    except PolicySyntaxError as error:
        return _refused(error, WRONG_INPUT)
    except KeyboardInterrupt:
        return _refused(KeyboardInterrupt("interrupted"), WRONG_INPUT)
    except BrokenPipeError:
        return _cut_off()
    except Exception as error:  # noqa: BLE001  1 would say that the gate is closed
        traceback.print_exc()
        what = f"{type(error).__name__} in access-gate {checker.__version__}: please report this"
        return _refused(RuntimeError(what), OUR_FAILURE)


def _refused(error: BaseException, code: int) -> int:
    print(f"error: {visible(str(error))}", file=sys.stderr)
    return code


def _cut_off() -> int:
    """Say nothing to a reader who left, such as `head`; the verdict was not delivered."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return WRONG_INPUT


def _printed(output: Output, file: str | None) -> int:
    if file:
        from checker.local import write  # noqa: PLC0415  only where a file is asked for

        write(file, output.text)
    else:
        sys.stdout.write(output.text)
        sys.stdout.flush()
    return output.code


def _done(args: argparse.Namespace) -> Output | int:
    if args.command == "diff":
        return _diff(args, os.environ)
    if args.command == "completion":
        from checker import completion, output  # noqa: PLC0415

        return output.Output(completion.script(_parser([]), args.shell), output.PASSED)
    run: Callable[[argparse.Namespace], Output] | str = args.run
    if isinstance(run, str):
        from checker import commands  # noqa: PLC0415  loads all of the engine

        run = cast("Callable[[argparse.Namespace], Output]", getattr(commands, run))
    return run(args)


def _diff(args: argparse.Namespace, environ: Mapping[str, str]) -> Output | int:
    """Run the main job: in a job of GitHub on its event, else in the repository of the folder."""
    inputs = {name: getattr(args, name.replace("-", "_")) or "" for name in _INPUTS}
    inputs |= {"base": args.base_commit or "", "head": args.head_commit or ""}
    in_job = environ.get("GITHUB_ACTIONS") == "true"
    if in_job and environ.get("GITHUB_EVENT_PATH") and not (args.base or args.staged):
        from checker import action  # noqa: PLC0415  only in a job

        if args.fix:
            raise UsageError("`--fix` edits the files of a working tree, which a job never does")
        return action.run(action.Step(environ, inputs, args, sys.stdout.write))
    from checker import local  # noqa: PLC0415  loads all of the engine

    args.format = args.format or ("github" if in_job else "text")
    args.base = args.base or args.base_commit
    args.head = args.head or args.head_commit
    colour = sys.stdout.isatty() and not environ.get("NO_COLOR")
    width = min(shutil.get_terminal_size().columns, 120)
    return local.diff(args, inputs, width=width, colour=colour)


def _parser(given: Sequence[str]) -> argparse.ArgumentParser:
    """Return the parser of the command line; commands of other modules only where they may be."""
    parser = argparse.ArgumentParser(
        prog="access-gate", description="Prove what a change to AWS IAM policies allows."
    )
    parser.add_argument("--version", action="version", version=f"access-gate {checker.__version__}")
    add = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_diff(add)
    _add_no_new_access(add)
    _add_access_not_granted(add)
    _add_no_public_access(add)
    _add_trusted_access(add)
    _add_evaluate(add)
    listed = add.add_parser("assumptions", help="what is taken for granted about requests")
    _common(listed, "assumptions", _PLAIN)
    if not given or given[0] not in add.choices:
        _add_others(add)
    return parser


def _add_others(add: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands that bring their own arguments, and take a while to load."""
    from checker import (  # noqa: PLC0415
        config_command,
        least_privilege,
        repository_report,
        waive_command,
    )
    from checker.audit import command as audit_command  # noqa: PLC0415

    least_privilege.add_commands(add)
    repository_report.add_command(add)
    config_command.add_command(add)
    waive_command.add_command(add)
    completion = add.add_parser("completion", help="print what completes this command in a shell")
    completion.add_argument("shell", choices=("bash", "zsh", "fish"))
    completion.set_defaults(output=None)
    audit_command.add_commands(add)


def _add_diff(add: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    diff = add.add_parser("diff", help="check every policy that differs between two commits")
    diff.add_argument("base", nargs="?", help="the commit to compare with (default: merge base)")
    diff.add_argument("head", nargs="?", help="the commit to check (default: HEAD)")
    diff.add_argument("--base", dest="base_commit", metavar="COMMIT", help="the same as BASE")
    diff.add_argument("--head", dest="head_commit", metavar="COMMIT", help="the same as HEAD")
    for name, help_text in _INPUTS.items():
        diff.add_argument(f"--{name}", metavar="TEXT", help=help_text)
    diff.add_argument(
        "--staged", action="store_true", help="check what is staged for the next commit, not HEAD"
    )
    diff.add_argument(
        "--fix", action="store_true", help="edit the files so that the checks pass, where proved"
    )
    diff.add_argument("--smtlib", metavar="DIR", help=_SMTLIB)
    diff.add_argument("--jobs", type=int, default=1, help="processes to use (default: 1)")
    _common(diff, "diff")


def _add_no_new_access(add: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    check = add.add_parser(
        "check-no-new-access", help="is any request allowed by NEW and not by EXISTING"
    )
    check.add_argument("--existing", required=True, metavar="FILE")
    check.add_argument("--new", required=True, metavar="FILE")
    _of_policy(check, "check_no_new_access")


def _add_access_not_granted(add: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    check = add.add_parser(
        "check-access-not-granted", help="is any of these actions on any of these resources allowed"
    )
    check.add_argument("--policy", required=True, metavar="FILE")
    check.add_argument("--action", action="append", default=[], metavar="ACTION")
    check.add_argument("--resource", action="append", default=[], metavar="ARN")
    _of_policy(check, "check_access_not_granted")


def _add_no_public_access(add: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    check = add.add_parser("check-no-public-access", help="can a stranger be allowed")
    check.add_argument("--policy", required=True, metavar="FILE")
    check.add_argument("--resource-type", required=True, metavar="AWS::S3::Bucket")
    check.add_argument("--smtlib", metavar="DIR", help=_SMTLIB)
    _common(check, "check_no_public_access")


def _add_trusted_access(add: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    check = add.add_parser("check-trusted-access", help="is anyone outside these allowed")
    check.add_argument("--policy", required=True, metavar="FILE")
    check.add_argument("--account", action="append", default=[], metavar="ID")
    check.add_argument("--org", action="append", default=[], metavar="ID")
    check.add_argument("--service", action="append", default=[], metavar="NAME")
    check.add_argument("--vpc", action="append", default=[], metavar="ID")
    _of_policy(check, "check_trusted_access")


def _add_evaluate(add: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    evaluate = add.add_parser("evaluate", help="what a policy decides about one request")
    evaluate.add_argument("--policy", required=True, metavar="FILE")
    evaluate.add_argument("--request", required=True, metavar="FILE")
    _of_policy(evaluate, "evaluate", _PLAIN)


def _of_policy(
    parser: argparse.ArgumentParser, run: str, formats: Sequence[str] = _FORMATS
) -> None:
    if formats is _FORMATS:
        parser.add_argument("--smtlib", metavar="DIR", help=_SMTLIB)
    names = [str(kind) for kind in PolicyType]
    parser.add_argument("--policy-type", choices=names, help="default: what it looks like")
    _common(parser, run, formats)


def _common(parser: argparse.ArgumentParser, run: str, formats: Sequence[str] = _FORMATS) -> None:
    """Add what every command takes; `run` names a function of `commands`, loaded when it runs."""
    default = "text, or github in a job of GitHub" if run == "diff" else "text"
    parser.add_argument("--format", choices=formats, help=f"default: {default}")
    parser.add_argument("--output", metavar="FILE", help="write to this file")
    parser.add_argument("--budget", type=_seconds, metavar="SECONDS", help="per question")
    parser.set_defaults(run=run)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 86_400:
        raise argparse.ArgumentTypeError(f"`{text}` is not a number of seconds above 0")
    return seconds
