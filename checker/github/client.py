"""A token -> a client of GitHub's API. Imports PyGithub only when it is called."""

from __future__ import annotations

import logging
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from checker.errors import UsageError

if TYPE_CHECKING:
    from github import Github

_LONGEST_WAIT: Final = 60  # seconds that one answer may make us wait


@contextmanager
def connected(
    token: str, api_url: str, *, ca_certificate: str = "", pause: float = 1.0
) -> Iterator[Github]:
    """Yield a client; it sends nothing until it is asked something.

    Units: `pause` is the seconds between two writes, as GitHub asks for.
    Errors: `UsageError` when the token or the certificate cannot be one. Neither is quoted.
    """
    from github import Auth, Github, GithubRetry  # noqa: PLC0415  takes 0.7 s

    if not re.fullmatch(r"[!-~]+", token.strip()):
        # Else the HTTP library would name the bad header, token and all, in its error.
        raise UsageError("the input `github-token` is not a token (empty, or it holds blanks)")
    # It logs each refusal to standard error, beside our own line about it.
    logging.getLogger("github").setLevel(logging.CRITICAL)
    with _bundle(ca_certificate) as bundle:
        client = Github(
            auth=Auth.Token(token.strip()),
            base_url=api_url.rstrip("/"),
            lazy=True,
            per_page=100,
            timeout=20,
            # Never repeat a write by itself: one that was answered 502 may well have been done.
            retry=GithubRetry(
                total=4,
                backoff_factor=min(1.0, pause),
                allowed_methods=frozenset({"GET", "HEAD"}),
                max_rate_limit_wait=_LONGEST_WAIT,
                retry_after_max=_LONGEST_WAIT,
            ),
            seconds_between_requests=0.0,  # one after the other is slow enough for GitHub
            seconds_between_writes=pause,
            verify=str(bundle) if bundle else True,
        )
        try:
            yield client
        finally:
            client.close()


@contextmanager
def _bundle(certificate: str) -> Iterator[Path | None]:
    """Yield a file with the usual authorities and one more, outside the workspace."""
    if not certificate.strip():
        yield None
        return
    if "-----BEGIN CERTIFICATE-----" not in certificate:
        raise UsageError("the input `ca-certificate` holds no certificate in PEM form")
    import certifi  # noqa: PLC0415  comes with PyGithub

    with tempfile.TemporaryDirectory(prefix="access-gate-") as folder:
        path = Path(folder) / "authorities.pem"
        path.write_text(f"{certifi.contents()}\n{certificate.strip()}\n", encoding="utf-8")
        yield path
