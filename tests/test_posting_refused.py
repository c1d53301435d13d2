from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from checker.findings import Shown
from checker.github.client import connected
from checker.github.patience import Patience
from checker.github.posting import Job, Texts, post
from checker.github.pull import Pull, RefusedError
from tests.github_server import TOKEN, Failure, FakeGitHub, FakePull, serving
from tests.posting import FILE, HEAD, ONE, REMARKS, REVIEWS, SAID, TWO, Poster, a_file, remarks


def test_fork_a_refused_review_is_told(github: FakeGitHub, run: Poster) -> None:
    github.can_write = False
    shows = run(ONE, FILE)
    assert len(github.writes()) == 1, "one refusal is enough"
    assert set(shows.places.values()) == {Shown.HERE}
    assert "from a fork, or the job lacks `pull-requests: write`" in shows.problems[0]


@pytest.mark.parametrize(
    ("failure", "problem"),
    [
        pytest.param(Failure("GET", "/pulls/7$", 404), "may not comment here", id="404"),
        pytest.param(Failure("GET", "/pulls/7$", 410), "the pull request is gone", id="410"),
        pytest.param(Failure("POST", REVIEWS, 401), "check the input `github-token`", id="401"),
        pytest.param(Failure("POST", REVIEWS, 403), "may not comment here", id="403"),
        pytest.param(Failure("POST", SAID, 500, times=9), "did not answer (500)", id="500"),
        pytest.param(Failure("POST", REVIEWS, 429, times=9), "rate limit is used up", id="429"),
        pytest.param(Failure("POST", REVIEWS, 418), "refused to post (418)", id="418"),
    ],
)
def test_a_refusal_is_a_problem_and_no_exception(
    github: FakeGitHub, run: Poster, failure: Failure, problem: str
) -> None:
    github.failures.append(failure)
    shows = run(ONE)
    assert problem in " ".join(shows.problems)


def test_unknown_token(github: FakeGitHub) -> None:
    texts = Texts(lambda _, __: "x", lambda _: "x")
    with connected("ghs_wrong", github.url, pause=0) as client:
        job = Job(findings=(ONE,), head=HEAD, texts=texts)
        shows = post(Pull(client, github.repository, 7), job, Patience())
    assert shows.problems == (
        "GitHub does not know the token (401): check the input `github-token`",
    )
    assert "ghs_wrong" not in repr(shows)


def test_one_bad_anchor_does_not_cost_the_good_ones(github: FakeGitHub, run: Poster) -> None:
    github.failures.append(Failure("POST", REVIEWS, 422, {"message": "Unprocessable Entity"}))
    github.failures.append(Failure("POST", REMARKS, 422, {"message": "Validation Failed"}))
    shows = run(ONE, TWO)
    assert list(shows.places.values()) == [Shown.ON_FILE, Shown.ON_LINES]
    assert shows.problems == ()
    assert len(remarks(github)) == 2


def test_a_finding_that_cannot_be_placed_at_all_is_told(github: FakeGitHub, run: Poster) -> None:
    refused = {"message": "Validation Failed"}
    github.failures.append(Failure("POST", REVIEWS, 422, refused))
    github.failures.append(Failure("POST", REMARKS, 422, refused, times=2))
    shows = run(ONE, TWO)
    assert list(shows.places.values()) == [Shown.HERE, Shown.ON_LINES]
    assert shows.problems == (
        "GitHub refused a comment on `policies/build.json`: Validation Failed",
    )


@pytest.mark.parametrize("path", [REVIEWS, REMARKS, SAID])
def test_502_after_landing_does_not_double(github: FakeGitHub, run: Poster, path: str) -> None:
    github.failures.append(Failure("POST", path, 502, after=True))
    shows = run(ONE, FILE)
    assert list(shows.places.values()) == [Shown.ON_LINES, Shown.ON_FILE]
    assert (len(remarks(github)), len(github.pulls[7].said)) == (2, 1)
    assert shows.problems == ()


@pytest.mark.parametrize("path", [REVIEWS, REMARKS, SAID])
def test_502_before_landing_is_tried_again(github: FakeGitHub, run: Poster, path: str) -> None:
    github.failures.append(Failure("POST", path, 502))
    shows = run(ONE, FILE)
    assert (len(remarks(github)), len(github.pulls[7].said)) == (2, 1)
    assert shows.problems == ()


@pytest.mark.parametrize("path", [REVIEWS, REMARKS, SAID])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_dropped_connection_costs_nothing_and_doubles_nothing(
    github: FakeGitHub, run: Poster, path: str, *, after: bool
) -> None:
    github.failures.append(Failure("POST", path, 0, after=after))
    shows = run(ONE, FILE)
    assert (len(remarks(github)), len(github.pulls[7].said)) == (2, 1)
    assert shows.problems == ()
    github.log.clear()
    run(ONE, FILE)
    assert github.writes() == []


def test_a_connection_that_stays_dropped_is_told(github: FakeGitHub, run: Poster) -> None:
    github.failures.append(Failure("POST", REVIEWS, 0, times=99))
    shows = run(ONE)
    assert set(shows.places.values()) == {Shown.HERE}
    assert "GitHub did not answer (ConnectionError)" in shows.problems[0]


def test_an_authority_of_ones_own(tmp_path: Path) -> None:
    files = [a_file("policies/build.json")]
    pem = certificate(tmp_path)
    job = Job(findings=(ONE,), head=HEAD, texts=Texts(lambda _, __: "x", lambda _: "x"))
    fake = FakeGitHub(pulls={7: FakePull(HEAD, files)})
    with serving(fake, str(pem)) as github:
        with connected(TOKEN, f"{github.url}/api/v3", pause=0) as client:
            shows = post(Pull(client, github.repository, 7), job, Patience())
        assert "GitHub did not answer" in shows.problems[0]
        text = pem.read_text().partition("-----BEGIN PRIVATE KEY")[0]
        with connected(TOKEN, f"{github.url}/api/v3", ca_certificate=text, pause=0) as client:
            shows = post(Pull(client, github.repository, 7), job, Patience())
    assert (shows.problems, len(github.pulls[7].reviews)) == ((), 1)
    assert not github.violations


def certificate(folder: Path) -> Path:
    """Write a certificate of this machine that nobody signed, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, secret = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    path = folder / "server.pem"
    path.write_bytes(
        made.public_bytes(pem) + key.private_bytes(pem, secret, serialization.NoEncryption())
    )
    return path


@pytest.mark.parametrize(
    "failure",
    [
        Failure("POST", REVIEWS, 429),
        Failure("POST", REVIEWS, 429, headers={"Retry-After": "7"}),
        Failure("POST", REVIEWS, 403, {"message": "You have exceeded a secondary rate limit."}),
        Failure("POST", REVIEWS, 403, headers={"Retry-After": "7"}),
    ],
)
def test_a_rate_limit_is_waited_for(github: FakeGitHub, run: Poster, failure: Failure) -> None:
    github.failures.append(failure)
    assert run(ONE).problems == ()
    assert len(github.pulls[7].reviews) == 1


def test_waiting_has_an_end() -> None:
    slept: list[float] = []

    def refuse() -> None:
        raise RefusedError(429, "slow down", 50)

    patience = Patience(left=80, sleep=slept.append)
    for _ in range(3):
        with pytest.raises(RefusedError):
            patience.write(refuse, lambda: False)
    assert slept == [50]


def test_a_newer_head_is_left_to_its_own_run(github: FakeGitHub, run: Poster) -> None:
    github.pulls[7].head = "5" * 40
    shows = run(ONE)
    assert github.writes() == []
    assert "newer head" in shows.problems[0]


@pytest.mark.parametrize("change", [{"state": "closed"}, {"locked": True}])
def test_a_closed_or_locked_pull_request_is_left_alone(
    github: FakeGitHub, run: Poster, change: dict[str, Any]
) -> None:
    github.pulls[7] = replace(github.pulls[7], **change)
    assert "closed or locked" in run(ONE).problems[0]
    assert github.writes() == []


def test_a_comment_deleted_meanwhile_is_no_problem(github: FakeGitHub, run: Poster) -> None:
    run(ONE)
    github.failures.append(Failure("PATCH", "/pulls/comments", 404))
    assert run(ONE, say="says more").problems == ()
