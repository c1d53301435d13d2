"""Make a virtual environment hold exactly what the lock file names; do nothing when it already does.

Standard library only: it runs before anything is installed, with any Python from 3.11 on. Settings of
pip (`PIP_*`, `pip.conf`) are respected, so it works behind a package mirror.
"""

from __future__ import annotations

import base64
import configparser
import fcntl
import hashlib
import importlib.util
import os
import re
import ssl
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.parse
import urllib.request
import venv
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements-dev.txt"
PUBLIC_INDEX = "https://pypi.org/simple"  # where pip looks when nothing is configured

# For a Python that comes without ensurepip and pip: Debian splits them off.
PIP_WHEEL = "pip-26.3-py3-none-any.whl"
PIP_SHA256 = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"
_HAS_PIP = importlib.util.find_spec("ensurepip") is not None


def main() -> int:
    """Set up the environment named by the only argument, and return the exit code."""
    folder = Path(sys.argv[1]).absolute()
    root = os.open(ROOT, os.O_RDONLY)
    fcntl.flock(root, fcntl.LOCK_EX)  # two `make` at once wait for each other
    try:
        _ensure(folder, folder / ".locked", _locked(folder), _install_locked)
        _ensure(folder, folder / ".project", _locked(folder) + _project(), _install_project)
    except subprocess.CalledProcessError as error:
        command = " ".join(map(str, error.cmd))
        print(
            f"error: `{command}` failed, see above (is the package index reachable?)",
            file=sys.stderr,
        )
        return 1
    except OSError as error:
        print(f"error: set-up failed: {error}", file=sys.stderr)
        return 1
    return 0


def _ensure(folder: Path, stamp: Path, key: str, install: Callable[[Path], None]) -> None:
    """Run `install` unless the stamp says that it ended well with the same key before."""
    if stamp.is_file() and stamp.read_text() == key:
        return
    stamp.unlink(missing_ok=True)
    install(folder)
    stamp.write_text(key)


def _locked(folder: Path) -> str:
    """Return what the packages depend on; their scripts hold the folder's absolute path."""
    python = f"{sys.version}\n{sys.executable}\n{folder}\n"
    return hashlib.sha256(python.encode() + LOCK.read_bytes()).hexdigest()


def _project() -> str:
    """Return what our own installation depends on, which is not all of `pyproject.toml`."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    used = [settings["build-system"], settings["project"], settings["tool"]["flit"]]
    return hashlib.sha256(repr(used).encode()).hexdigest()


def _install_locked(folder: Path) -> None:
    started = time.monotonic()
    print(f"setting up {folder} with Python {sys.version.split()[0]}: a minute, once", flush=True)
    if _HAS_PIP:
        # A process of its own: it shows what went wrong, and leaves this one as it is.
        subprocess.run([sys.executable, "-I", "-m", "venv", "--clear", folder], check=True)
    else:
        venv.create(folder, clear=True, symlinks=True)
    _pip_install(folder, "--require-hashes", "--only-binary=:all:", "-r", LOCK)
    print(f"set up in {time.monotonic() - started:.0f} s", flush=True)


def _install_project(folder: Path) -> None:
    _pip_install(folder, "--no-deps", "--no-build-isolation", "--editable", ROOT)


def _pip_install(folder: Path, *arguments: str | Path) -> None:
    python = folder / "bin" / "python"
    environment = os.environ | {"PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    with tempfile.TemporaryDirectory() as temporary:
        pip = ["-I", "-m", "pip"] if _HAS_PIP else ["-I", _pip_wheel(Path(temporary)) / "pip"]
        subprocess.run(
            [python, *pip, "install", "-qq", *arguments], check=True, cwd=ROOT, env=environment
        )


def _pip_wheel(folder: Path) -> Path:
    """Return a pip that runs from its own wheel, fetched from the index that pip would use."""
    settings = _pip_settings()
    index = settings.get("index-url", PUBLIC_INDEX).rstrip("/")
    context = ssl.create_default_context(cafile=settings.get("cert"))
    page_url = f"{index}/pip/"
    page = _read(page_url, context).decode()
    link = re.search(rf'href="([^"#]*{re.escape(PIP_WHEEL)})[#"]', page)
    if link is None:
        raise OSError(
            f"no {PIP_WHEEL} on {_without_password(page_url)}; install pip for this Python"
        )
    wheel = _read(urllib.parse.urljoin(page_url, link[1]), context)
    if hashlib.sha256(wheel).hexdigest() != PIP_SHA256:
        raise OSError(
            f"{PIP_WHEEL} of {_without_password(page_url)} is not the one that was locked"
        )
    path = folder / PIP_WHEEL
    path.write_bytes(wheel)
    return path


def _pip_settings() -> dict[str, str]:
    """Return pip's `index-url` and `cert`: its files in its order, then its environment."""
    home = Path.home() if "HOME" in os.environ else Path("/")
    files = [
        Path("/etc/pip.conf"),
        home / ".pip" / "pip.conf",
        Path(os.environ.get("XDG_CONFIG_HOME", home / ".config")) / "pip" / "pip.conf",
        Path(os.environ.get("PIP_CONFIG_FILE", os.devnull)),
    ]
    parser = configparser.RawConfigParser()
    parser.read(files)
    settings: dict[str, str] = {}
    for section in ("global", "install"):
        if parser.has_section(section):
            settings |= dict(parser.items(section))
    for name in ("index-url", "cert"):
        value = os.environ.get(f"PIP_{name.upper().replace('-', '_')}")
        if value:
            settings[name] = value
    return settings


def _read(url: str, context: ssl.SSLContext) -> bytes:
    parts = urllib.parse.urlsplit(url)
    request = urllib.request.Request(_without_password(url), headers={"Accept": "text/html, */*"})
    if parts.username:
        name = urllib.parse.unquote(parts.username)
        password = urllib.parse.unquote(parts.password or "")
        token = base64.b64encode(f"{name}:{password}".encode()).decode()
        request.add_header("Authorization", f"Basic {token}")
    with urllib.request.urlopen(request, context=context, timeout=60) as answer:
        content: bytes = answer.read()
    return content


def _without_password(url: str) -> str:
    parts = urllib.parse.urlsplit(url)
    return urllib.parse.urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


if __name__ == "__main__":
    sys.exit(main())
