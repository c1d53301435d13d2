"""Resolve the dependencies of `pyproject.toml` into the two lock files, with all hashes.

Run with the oldest supported Python: what it needs beyond the newer ones is then in the lock too.
The user's own pip settings are left out, so that no local folder or mirror gets into the files.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PIP_TOOLS = "pip-tools==7.6.2"
OPTIONS = (
    "--quiet",
    "--generate-hashes",
    "--strip-extras",
    "--allow-unsafe",
    "--no-header",
    "--no-emit-index-url",
    "--no-emit-find-links",
)
KEPT = ("PATH", "PIP_CERT", "PIP_INDEX_URL", "PIP_DEFAULT_TIMEOUT", "SSL_CERT_FILE")


def main() -> int:
    """Write both files, and return the exit code."""
    if sys.version_info[:2] != (3, 11):
        print(
            "error: lock with Python 3.11, the oldest that is supported (make lock PYTHON=python3.11)",
            file=sys.stderr,
        )
        return 2
    with tempfile.TemporaryDirectory() as home:
        environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        environment |= {"HOME": home}
        tools = Path(home) / "tools"
        subprocess.run([sys.executable, "-m", "venv", tools], check=True, env=environment)
        subprocess.run(
            [tools / "bin" / "pip", "install", "--quiet", PIP_TOOLS], check=True, env=environment
        )
        compiled = (tools / "bin" / "pip-compile", *OPTIONS)
        for arguments in (
            ("--output-file=requirements.txt", "pyproject.toml"),
            (
                "--extra=dev",
                "--constraint=requirements.txt",
                "--output-file=requirements-dev.txt",
                "pyproject.toml",
            ),
        ):
            subprocess.run([*compiled, *arguments], check=True, cwd=ROOT, env=environment)
    return 0


if __name__ == "__main__":
    sys.exit(main())
