from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.errors import UsageError
from checker.github import outputs
from checker.github.client import connected


def read_back(text: str) -> dict[str, str]:
    """Read GITHUB_OUTPUT as the runner does."""
    found: dict[str, str] = {}
    lines = iter(text.split("\n"))
    for line in lines:
        if not line:
            continue
        name, delimiter = line.split("<<", 1)
        value: list[str] = []
        while (inner := next(lines)) != delimiter:
            value.append(inner)
        found[name] = "\n".join(value)
    return found


@given(st.dictionaries(st.sampled_from(["result", "report"]), st.text("a=\n<_", max_size=30)))
def test_outputs_are_read_back(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, str]
) -> None:
    path = tmp_path_factory.mktemp("job") / "output"
    outputs.write_outputs(path, values)
    assert read_back(path.read_text()) == values


def test_summary_is_appended(tmp_path: Path) -> None:
    path = tmp_path / "summary"
    path.write_text("before\n")
    outputs.append_summary(path, "# caf\u00e9\n")
    assert path.read_bytes() == "before\n# caf\u00e9\n".encode()


def test_only_our_own_lines_are_commands() -> None:
    log: list[str] = []
    with outputs.commands_stopped(log.append) as say:
        log.append("##[add-mask]a\n::error::forged\n")
        say("::error::ours\n")
        say("")
        log.append("::warning::forged\n")
    assert obeyed("".join(log)) == ["::error::ours"]


def test_commands_are_resumed_after_an_error() -> None:
    log: list[str] = []
    with pytest.raises(ValueError, match="x"), outputs.commands_stopped(log.append):
        raise ValueError("x")
    log.append("::error::later\n")
    assert obeyed("".join(log)) == ["::error::later"]


def obeyed(log: str) -> list[str]:
    """Return the lines that the runner obeys, as `ActionCommandManager` stops and resumes them."""
    token = ""
    found: list[str] = []
    for line in log.splitlines():
        if token:
            token = "" if line == f"::{token}::" else token
        elif stop := re.fullmatch("::stop-commands::(.+)", line):
            token = stop[1]
        elif line.startswith("::") or "##[" in line:
            found.append(line)
    return found


@pytest.mark.parametrize("token", ["", " ", "two words", "line\nend", "caf\u00e9"])
def test_what_is_no_token_is_refused_and_not_shown(token: str) -> None:
    with pytest.raises(UsageError) as refused, connected(token, "https://api.github.com"):
        pass
    assert not token.strip() or token not in str(refused.value)


def test_an_extra_authority_joins_the_usual_ones() -> None:
    import ssl

    import certifi

    pem = certifi.contents().split("\n\n")[1]
    block = "-----BEGIN CERTIFICATE-----" + pem.split("-----BEGIN CERTIFICATE-----")[1]
    with connected("ghs_x", "https://host/api/v3", ca_certificate=block) as client:
        path = Path(client.requester._Requester__verify)  # type: ignore[attr-defined]
        assert ssl.create_default_context(cafile=path).cert_store_stats()["x509_ca"] > 100
    assert not path.exists()


def test_a_certificate_that_is_none_is_refused() -> None:
    refused = pytest.raises(UsageError, match="no certificate in PEM form")
    with refused, connected("x", "https://h", ca_certificate="/etc/passwd"):
        pass


def test_nothing_here_imports_pygithub_before_it_is_needed() -> None:
    import subprocess

    rooms = "checker.github.posting, checker.github.event, checker.github.client"
    program = f"import sys, {rooms}; sys.exit('github' in sys.modules or 'requests' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
