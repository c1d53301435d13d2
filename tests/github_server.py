"""A fake GitHub that remembers: commits, trees, blobs, one or more pull requests, their comments.

Every request and every answer is held to GitHub's own description; what breaks it stands in
`violations`, which a test asserts to be empty.

    with serving(FakeGitHub(pulls={1: FakePull(head=..., files=[...])})) as fake:
        client_of(fake.url)
"""

from __future__ import annotations

import json
import re
import socket
import ssl
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qs, unquote, urlsplit

from tests.github_comments import user
from tests.github_description import like, wrong_with_answer, wrong_with_request
from tests.github_objects import AnyObjects, Objects
from tests.github_reads import Reads, said
from tests.github_rules import LONGEST_BODY, refusal

Json: TypeAlias = Any
Answer: TypeAlias = tuple[int, Json]

BOT: Final = "github-actions[bot]"
TOKEN: Final = "token-of-the-job"


@dataclass
class FakePull:
    """A pull request; `files` are entries of `GET /pulls/N/files`, at least name, status, patch."""

    head: str
    files: list[dict[str, Json]] = field(default_factory=list)
    base: str = "b" * 40
    base_ref: str = "main"
    merge_commit: str | None = None
    state: str = "open"
    locked: bool = False
    author: str = "bob"
    opinions: list[dict[str, Json]] = field(default_factory=list)  # reviews of people
    retargeted: str = ""  # when it got another base branch
    remarks: list[dict[str, Json]] = field(default_factory=list)  # on lines and files
    said: list[dict[str, Json]] = field(default_factory=list)  # in the conversation
    reviews: list[dict[str, Json]] = field(default_factory=list)


@dataclass
class Failure:
    """The next answers to requests that match; `after`: the request is carried out all the same.

    The status 0 is no answer: the connection is dropped.
    """

    verb: str
    path: str  # a regular expression searched in the path
    status: int
    body: Json = None
    headers: dict[str, str] = field(default_factory=dict)
    after: bool = False
    times: int = 1


@dataclass
class FakeGitHub:
    """The state of one repository, its switches, and a log of what was asked of it."""

    pulls: dict[int, FakePull] = field(default_factory=dict)
    repository: str = "acme/infra"
    objects: AnyObjects = field(default_factory=Objects)
    token: str = TOKEN
    can_write: bool = True
    viewer: str | None = BOT
    most_entries: int = 100_000  # of a recursive tree, before it is truncated
    failures: list[Failure] = field(default_factory=list)
    log: list[tuple[str, str, Json]] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    url: str = ""
    last_id: int = 1000

    def writes(self) -> list[tuple[str, str]]:
        """Return the verbs and paths of what changed something, or tried to."""
        return [(verb, path) for verb, path, _ in self.log if verb != "GET" and path != "/graphql"]

    def answer(
        self, verb: str, target: str, token: str, body: bytes
    ) -> tuple[int, bytes, dict[str, str]]:
        target = re.sub("^/api(/v3|(?=/graphql))", "", target)  # as on an Enterprise Server
        path = urlsplit(target).path
        given = json.loads(body) if body else None
        self.log.append((verb, path, given))
        if path != "/graphql" and (wrong := wrong_with_request(verb, target, body)):
            self.violations.append(wrong)
        status, made, headers = self._failing(verb, target, token, given)
        text = b"" if made is None else json.dumps(made).encode()
        if not status:
            return status, text, headers
        if path != "/graphql" and (wrong := wrong_with_answer(verb, target, body, status, text)):
            self.violations.append(wrong)
        return status, text, headers

    def _failing(
        self, verb: str, target: str, token: str, given: Json
    ) -> tuple[int, Json, dict[str, str]]:
        for failure in self.failures:
            if failure.times and failure.verb == verb and re.search(failure.path, target):
                failure.times -= 1
                if failure.after:
                    self._routed(verb, target, token, given)
                return (
                    failure.status,
                    said(f"scripted {failure.status}") | (failure.body or {}),
                    failure.headers,
                )
        status, made = self._routed(verb, target, token, given)
        headers: dict[str, str] = {}
        if isinstance(made, list):
            made, headers = self._page(made, target)
        return status, made, headers

    def _routed(self, verb: str, target: str, token: str, given: Json) -> Answer:
        if token.removeprefix("token ").removeprefix("Bearer ") != self.token:
            return 401, said("Bad credentials")
        path = urlsplit(target).path
        if path == "/graphql":
            return self._graphql(given)
        owned = f"/repos/{self.repository}"
        if path != owned and not path.startswith(owned + "/"):
            return 404, said("Not Found")
        if verb != "GET" and not self.can_write:
            return 403, said("Resource not accessible by integration")
        for method, pattern, act in self._routes():
            if verb == method and (match := re.fullmatch(pattern, path[len(owned) :])):
                query = {key: values[0] for key, values in parse_qs(urlsplit(target).query).items()}
                return act(*(unquote(part) for part in match.groups()), given or query)
        return 404, said("Not Found")

    def _routes(self) -> list[tuple[str, str, Callable[..., Answer]]]:
        reads = Reads(self.objects, self.repository, self.url, self.most_entries)
        number = r"(\d+)"
        return [
            ("GET", "", reads.repository),
            ("GET", r"/commits/([^/]+)", reads.named_commit),
            ("GET", r"/compare/(.+?)\.\.\.(.+)", reads.compare),
            ("GET", r"/git/commits/([^/]+)", reads.commit),
            ("GET", r"/git/trees/([^/]+)", reads.tree),
            ("GET", r"/git/blobs/([^/]+)", reads.blob),
            ("GET", rf"/pulls/{number}", self._pull),
            ("GET", rf"/pulls/{number}/files", self._files),
            ("GET", rf"/pulls/{number}/comments", lambda n, _: self._of(n, "remarks")),
            ("GET", rf"/issues/{number}/comments", lambda n, _: self._of(n, "said")),
            ("GET", rf"/pulls/{number}/reviews", self._reviews),
            ("POST", rf"/pulls/{number}/reviews", self._review),
            ("POST", rf"/pulls/{number}/comments", self._remark),
            ("PATCH", rf"/pulls/comments/{number}", self._edit_remark),
            ("POST", rf"/issues/{number}/comments", self._say),
            ("PATCH", rf"/issues/comments/{number}", self._edit_said),
        ]

    def _pull(self, number: str, _: Json) -> Answer:
        pull = self.pulls.get(int(number))
        if pull is None:
            return 404, said("Not Found")
        return 200, like(
            "pull-request",
            number=int(number),
            state=pull.state,
            locked=pull.locked,
            merge_commit_sha=pull.merge_commit,
            user=user(pull.author),
            head={"sha": pull.head},
            base={"sha": pull.base, "ref": pull.base_ref},
        )

    def _files(self, number: str, _: Json) -> Answer:
        pull = self.pulls.get(int(number))
        if pull is None:
            return 404, said("Not Found")
        return 200, [like("diff-entry", **file) for file in pull.files]

    def _of(self, number: str, kind: str) -> Answer:
        pull = self.pulls.get(int(number))
        return (200, list(getattr(pull, kind))) if pull else (404, said("Not Found"))

    def _reviews(self, number: str, _: Json) -> Answer:
        pull = self.pulls.get(int(number))
        return (200, [*pull.reviews, *pull.opinions]) if pull else (404, said("Not Found"))

    def _review(self, number: str, given: Json) -> Answer:
        pull = self.pulls[int(number)]
        if given["event"] != "PENDING" and not given.get("body"):
            return 422, said("Unprocessable Entity", ["Body can't be blank"])
        for comment in given.get("comments", []):
            if refused := refusal(comment, _patches(pull), alone=False):
                return 422, said("Unprocessable Entity", [refused])
        if given.get("commit_id") not in {None, pull.head}:
            return 422, said("Unprocessable Entity", ["Commit is not part of the pull request"])
        review = like("pull-request-review", id=self._id(), user=user(BOT), body=given["body"])
        pull.reviews.append(review)
        for comment in given.get("comments", []):
            pull.remarks.append(self._kept_remark(comment, pull))
        return 200, review

    def _remark(self, number: str, given: Json) -> Answer:
        pull = self.pulls[int(number)]
        refused = refusal(given, _patches(pull), alone=True)
        if refused or given["commit_id"] != pull.head:
            return 422, said("Validation Failed") | {
                "errors": [{"code": "custom", "message": refused}]
            }
        pull.remarks.append(self._kept_remark(given, pull))
        return 201, pull.remarks[-1]

    def _kept_remark(self, given: Json, pull: FakePull) -> Json:
        keys = ("path", "line", "side", "start_line")
        shown = {"start_line": None} | {key: given[key] for key in keys if key in given}
        kind = given.get("subject_type", "line")
        body = given["body"].rstrip()
        made = like("pull-request-review-comment", id=self._id(), user=user(BOT), body=body)
        return made | shown | {"commit_id": pull.head, "subject_type": kind}

    def _edit_remark(self, number: str, given: Json) -> Answer:
        return self._edited(int(number), given, [c for p in self.pulls.values() for c in p.remarks])

    def _say(self, number: str, given: Json) -> Answer:
        if len(given["body"]) > LONGEST_BODY:
            return 422, said("Validation Failed") | {"errors": [{"code": "custom"}]}
        body = given["body"].rstrip()
        self.pulls[int(number)].said.append(
            like("issue-comment", id=self._id(), user=user(BOT), body=body)
        )
        return 201, self.pulls[int(number)].said[-1]

    def _edit_said(self, number: str, given: Json) -> Answer:
        return self._edited(int(number), given, [c for p in self.pulls.values() for c in p.said])

    def _edited(self, number: int, given: Json, every: list[Json]) -> Answer:
        found = next((comment for comment in every if comment["id"] == number), None)
        if found is None:
            return 404, said("Not Found")
        found["body"] = given["body"].rstrip()
        return 200, found

    def _graphql(self, given: Json) -> Answer:
        if "timelineItems" in (given or {}).get("query", ""):
            pull = self.pulls.get(given["variables"]["number"])
            if pull is None:
                return 200, {"data": {"repository": {"pullRequest": None}}}
            nodes = [{"createdAt": pull.retargeted}] if pull.retargeted else []
            found = {"pullRequest": {"timelineItems": {"nodes": nodes}}}
            return 200, {"data": {"repository": found}}
        asked = re.findall(r'(b\d+): object\(oid: "([0-9a-f]+)"\)', (given or {}).get("query", ""))
        if asked:
            blobs = {name: self._blob_text(blob_id) for name, blob_id in asked}
            return 200, {"data": {"repository": blobs}}
        if self.viewer is None:
            error = {"type": "FORBIDDEN", "message": "Resource not accessible by integration"}
            return 200, {"data": None, "errors": [error]}
        return 200, {"data": {"viewer": {"login": self.viewer}}}

    def _blob_text(self, blob_id: str) -> Json:
        content = self.objects.blob(blob_id)
        if content is None:
            return None
        return {"text": content.decode("utf-8", "replace"), "isTruncated": False}

    def _id(self) -> int:
        self.last_id += 1
        return self.last_id

    def _page(self, every: list[Json], target: str) -> tuple[list[Json], dict[str, str]]:
        query = parse_qs(urlsplit(target).query)
        size, page = int(query.get("per_page", ["30"])[0]), int(query.get("page", ["1"])[0])
        link = {}
        if page * size < len(every):
            path = urlsplit(target).path
            link = {"Link": f'<{self.url}{path}?per_page={size}&page={page + 1}>; rel="next"'}
        return every[(page - 1) * size : page * size], link


def _patches(pull: FakePull) -> dict[str, str | None]:
    return {file["filename"]: file.get("patch") for file in pull.files}


@contextmanager
def serving(fake: FakeGitHub, certificate: str = "") -> Iterator[FakeGitHub]:
    """Serve on a free port of this machine; `fake.url` is what GITHUB_API_URL would be.

    With a file of a certificate and its key, it is served by TLS.
    """
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(fake))
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        fake.url = fake.url.replace("http:", "https:")
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
    )
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(fake: FakeGitHub) -> type[BaseHTTPRequestHandler]:
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else each answer waits 40 ms
        wbufsize = -1

        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            token = self.headers.get("Authorization", "")
            with lock:
                try:
                    status, text, headers = fake.answer(self.command, self.path, token, body)
                except Exception:  # noqa: BLE001  a bug here must fail the test, not the client
                    fake.violations.append(traceback.format_exc())
                    status, text, headers = 501, b"{}", {}
            if not status:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PATCH = _any  # noqa: N815  names that http.server looks up

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name there
            """Say nothing: the log of the fake is data."""

    return Handler
