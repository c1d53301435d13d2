from __future__ import annotations

import gzip
import json
import tracemalloc
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.errors import UsageError
from checker.policy import catalogue
from checker.refinement.api import refine
from checker.refinement.cloudtrail import Tally, looks_like_records, records
from checker.refinement.tracking import _facts, unused_after
from checker.refinement.usage import Unused
from checker.usage_files import unused_from

ROLE = "arn:aws:iam::111122223333:role/App"

Event = dict[str, Any]


def event(name: str, source: str = "s3.amazonaws.com", **members: object) -> Event:
    issuer = {"sessionContext": {"sessionIssuer": {"arn": ROLE}}}
    identity = {"arn": "arn:aws:sts::111122223333:assumed-role/App/x", **issuer}
    return {
        "eventName": name,
        "eventSource": source,
        "eventTime": "2026-10-01T00:00:00Z",
        "userIdentity": identity,
        "requestParameters": {"eventName": "Nested", "text": 'a "quoted" \\ text ]}'},
        **members,
    }


def tallied(*events: Event, role: str = "") -> Tally:
    tally = Tally(role)
    for each in events:
        tally.add(each)
    return tally


BOTH_KINDS = [event("GetThing", "nobody.example"), event("PutThing", "nobody.example")]


def unused_of(unused: Unused, service: str) -> set[str]:
    found = [each.actions for each in unused.services if each.service == service]
    return set(found[0] or ()) if found else set()


EVENTS = [event("ListBuckets"), event("RunInstances", "ec2.amazonaws.com"), event("PutObject")]
LOOKED_UP = {"Events": [{"EventId": "1", "CloudTrailEvent": json.dumps(each)} for each in EVENTS]}
FORMS = {
    "file": json.dumps({"Records": EVENTS}),
    "indented": json.dumps({"Records": EVENTS}, indent=2) + "\n",
    "marked": "\ufeff" + json.dumps({"Records": EVENTS}),
    "list": json.dumps(EVENTS),
    "lines": "\n".join(map(json.dumps, EVENTS)),
    "files": "\n".join(json.dumps({"Records": [each]}) for each in EVENTS),
    "looked up": json.dumps(LOOKED_UP),
    "looked up, more to come": json.dumps({**LOOKED_UP, "NextToken": "x"}),
    "late": json.dumps({"a": 1, "Records": EVENTS}),
}


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=40)
@given(st.integers(1, 400))
def test_every_form_in_pieces_of_any_size(form: str, size: int) -> None:
    data = FORMS[form].encode()
    pieces = (data[at : at + size] for at in range(0, len(data), size))
    assert list(records(pieces, "f")) == EVENTS
    assert looks_like_records(data)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ('{"Records": [{"eventName": "a", "eventSour', "f: the file ends inside the list of"),
        ('{"Records": [', "f: the file ends inside the list of records: is it whole? (near char"),
        ('{"Records": [3]}', "f: a record of CloudTrail is an object (near character 1)"),
        ('{"Records": [{"eventName": "a"}]}', "f: a record has no `eventSource` and `eventName`"),
        ('[{"eventName": "a", "eventSource": "b"}, {"x": }]', "f: the file ends inside the list"),
        ('{"eventName": "a"', "f: not JSON: Expecting ',' delimiter"),
        ('{"Events": [{"CloudTrailEvent": "{"}]}', "f: not JSON: Expecting property name"),
        ('{"Records": []', "f: the file ends inside the list"),
        ('{"Records": [] "x"', "f: a `}` is missing after the list of records"),
        ('{"Records": [], "x": }', "f: not JSON: Expecting value"),
        ("[null]", "f: a record of CloudTrail is an object"),
        ("[" * 100_000, "f: the file ends inside the list"),
    ],
)
def test_a_file_that_is_not_whole_is_no_evidence(data: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        list(records([data.encode()], "f"))
    assert str(caught.value).startswith(said)


def test_memory_does_not_grow_with_the_file() -> None:
    record = json.dumps(event("GetObject", padding="x" * 2000)).encode()

    def pieces() -> Iterator[bytes]:
        yield b'{"Records": [' + record
        for _ in range(40):
            yield (b"," + record) * 400
        yield b"]}"

    tracemalloc.start()
    tally = Tally()
    for each in records(pieces(), "f"):
        tally.add(each)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert tally.count == 16_001
    assert peak < 12_000_000  # bytes, of 37 MB


@pytest.mark.parametrize(
    ("source", "name", "action"),
    [
        ("s3.amazonaws.com", "ListBuckets", "s3:ListAllMyBuckets"),
        ("s3.amazonaws.com", "HeadBucket", "s3:ListBucket"),
        ("lambda.amazonaws.com", "UpdateFunctionCode20150331v2", "lambda:UpdateFunctionCode"),
        ("es.amazonaws.com", "CreateDomain2021_01_01", "es:CreateDomain"),
        ("monitoring.amazonaws.com", "PutMetricAlarm", "cloudwatch:PutMetricAlarm"),
        ("email.amazonaws.com", "GetAccount", "ses:GetAccount"),
        ("ec2.amazonaws.com.cn", "RunInstances", "ec2:RunInstances"),
        ("ec2.amazonaws.com", "runInstances", "ec2:RunInstances"),
    ],
)
def test_events_stand_for_actions(source: str, name: str, action: str) -> None:
    found = unused_after(tallied(event(name, source), *BOTH_KINDS))
    assert action in found.used
    service, _, bare = action.partition(":")
    assert bare not in unused_of(found, service)
    assert unused_of(found, service)


def test_what_nobody_can_tell_is_never_called_unused() -> None:
    found = unused_after(tallied(event("BrandNewCall", "sqs.amazonaws.com")))
    assert not unused_of(found, "sqs")
    assert "all of `sqs` counts as used" in found.notes[1]
    strange = unused_after(tallied(event("DeleteQueue", "new-service.amazonaws.com")))
    assert "DeleteQueue" not in unused_of(strange, "sqs")
    quiet = unused_after(Tally())
    assert "GetObject" not in unused_of(quiet, "s3")
    assert "PassRole" not in unused_of(quiet, "iam")
    assert "Invoke" not in unused_of(quiet, "execute-api")
    assert not unused_of(quiet, "ec2") & {"CreateTags", "DeleteTags"}


def test_refused_attempts_count_and_what_services_do_of_themselves_does_not() -> None:
    refused = event("DeleteBucket", errorCode="AccessDenied")
    rotated = event("RotateKey", "kms.amazonaws.com", eventType="AwsServiceEvent")
    tally = tallied(refused, rotated)
    assert tally.count == 1
    assert "DeleteBucket" not in unused_of(unused_after(tally), "s3")


def test_one_role_alone() -> None:
    other = event("DeleteBucket", userIdentity={"arn": "arn:aws:iam::111122223333:user/a"})
    nobody = event("CreateBucket", userIdentity="x")
    tally = tallied(event("ListBuckets"), other, nobody, role=ROLE)
    assert tally.count == 1
    assert {"DeleteBucket", "CreateBucket"} <= unused_of(unused_after(tally), "s3")


def test_the_facts_speak_of_what_there_is() -> None:
    facts = _facts()
    assert facts.logged <= catalogue.services()
    assert set(facts.sources.values()) <= catalogue.services()
    for actions in facts.events.values():
        assert all(map(catalogue.is_known, actions))


def test_a_folder_with_progress(tmp_path: Path) -> None:
    (tmp_path / "2026").mkdir()
    for number, each in enumerate(EVENTS):
        data = gzip.compress(json.dumps({"Records": [each]}).encode())
        (tmp_path / "2026" / f"{number}.json.gz").write_bytes(data)
    (tmp_path / "readme.txt").write_text("no records")
    seen: list[tuple[int, int]] = []
    unused = unused_from(str(tmp_path), ROLE, lambda done, total: seen.append((done, total)))
    assert {"ec2:RunInstances", "s3:ListAllMyBuckets", "s3:PutObject"} == set(unused.used)
    assert seen == sorted(seen)
    assert seen[-1][0] == seen[-1][1]

    statement = {"Effect": "Allow", "Action": ["ec2:*Instances", "s3:PutObject"], "Resource": "*"}
    result = refine({"Version": "2012-10-17", "Statement": [statement]}, unused)
    assert result.policy is not None
    assert json.loads(json.dumps(result.policy))["Statement"][0]["Action"] == [
        "ec2:RunInstances",
        "s3:PutObject",
    ]


def test_files_that_tell_nothing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot read .*nowhere"):
        unused_from(str(tmp_path / "nowhere"))
    with pytest.raises(UsageError, match="holds no report and no CloudTrail records"):
        unused_from(str(tmp_path))
    (tmp_path / "a.json").write_text(json.dumps({"Records": EVENTS}))
    (tmp_path / "b.json").write_text("[]")
    with pytest.raises(UsageError, match="holds CloudTrail records and reports"):
        unused_from(str(tmp_path))
    (tmp_path / "c.json.gz").write_bytes(gzip.compress(b'{"Records": []}')[:-9])
    with pytest.raises(UsageError, match=r"cannot read .*c\.json\.gz: Compressed file ended"):
        unused_from(str(tmp_path / "c.json.gz"))


def test_a_trail_may_log_only_what_reads_or_only_what_writes() -> None:
    read, write = event("ListBuckets"), event("CreateBucket", readOnly=False)
    data = event("GetObject", managementEvent=False, readOnly=True)
    kinds = {"GetBucketAcl", "DeleteBucket"}
    assert kinds & unused_of(unused_after(tallied(read)), "s3") == {"GetBucketAcl"}
    only_writes = unused_after(tallied(write, data))
    assert kinds & unused_of(only_writes, "s3") == {"DeleteBucket"}
    assert any("no event of the records reads, so" in note for note in only_writes.notes)
    assert kinds & unused_of(unused_after(tallied(read, write)), "s3") == kinds
    other = read | {"userIdentity": {"arn": "arn:aws:iam::111122223333:user/a"}}
    assert kinds & unused_of(unused_after(tallied(write, other, role=ROLE)), "s3") == kinds
    assert not kinds & unused_of(unused_after(tallied(data)), "s3")


@pytest.mark.parametrize(
    "action",
    [
        "ses:SendEmail",  # a data event, and none over SMTP
        "sqs:GetQueueUrl",
        "sqs:ListQueues",
        "kms:CreateKey",  # a trail may leave out all of this service's
        "ecs:Poll",  # no operation of the API
        "dax:GetItem",
        "ec2:CreateTags",
        "iam:PassRole",
        "s3:GetObjectVersion",
        "servicediscovery:DiscoverInstances",
        "foo:Bar",
    ],
)
def test_what_leaves_no_event_is_never_called_unused(action: str) -> None:
    service, _, name = action.partition(":")
    found = unused_after(tallied(*BOTH_KINDS))
    assert "StopInstances" in unused_of(found, "ec2")
    assert name not in unused_of(found, service)


def test_every_service_that_is_logged_has_operations() -> None:
    facts = _facts()
    services = {action.partition(":")[0] for action in facts.operations}
    assert facts.logged <= services
    assert all(map(catalogue.is_known, facts.operations))


def test_no_event_of_a_role_is_no_evidence(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"Records": EVENTS}))
    assert unused_from(str(tmp_path)).days == 1
    with pytest.raises(UsageError, match="holds no event of `arn:aws:iam::111122223333:role/Ap`"):
        unused_from(str(tmp_path), ROLE.removesuffix("p"))
    (tmp_path / "a.json").write_text('{"Records": []}')
    with pytest.raises(UsageError, match="holds no event of anybody"):
        unused_from(str(tmp_path))


def test_reports_of_nobody_knows_whom_are_not_joined(tmp_path: Path) -> None:
    report = [{"serviceNamespace": "s3", "actions": ["GetBucketAcl"]}]
    (tmp_path / "a.json").write_text(json.dumps(report))
    assert unused_from(str(tmp_path)).services
    (tmp_path / "b.json").write_text(json.dumps(report))
    with pytest.raises(UsageError, match=r"2 reports name no role \(give one of .*a\.json`, .*b"):
        unused_from(str(tmp_path))
    found = {"resource": ROLE, "findingType": "UnusedIAMRole"}
    (tmp_path / "b.json").write_text(json.dumps(found))
    assert unused_from(str(tmp_path), ROLE).everything


@pytest.mark.parametrize("pattern", ["s3:GetObject", "iam:PassRole", "lambda:InvokeFunction"])
def test_untold_actions_are_listed(pattern: str) -> None:
    text = (Path(__file__).parents[1] / "checker" / "refinement" / "cloudtrail.toml").read_text()
    listed = [line.strip(' ",') for line in text.replace(", ", "\n").splitlines() if ":" in line]
    assert any(fnmatchcase(pattern, each) for each in listed)
