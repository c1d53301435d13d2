"""`python -m checker` is the command `access-gate`, and so is the script of that name."""

from typing import NoReturn

from checker import process


def run() -> NoReturn:
    """Run the command as a process of its own."""
    process.begin()
    from checker.cli import main  # noqa: PLC0415  see `begin`

    process.end(main())


if __name__ == "__main__":
    run()
