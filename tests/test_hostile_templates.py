"""Templates written to break the reader, the names, or the patience: no crash, and no silent pass."""

from __future__ import annotations

import json
from typing import Any, TypeAlias

import pytest

from checker.cli import main
from tests.repository import Repository

Json: TypeAlias = Any

HOSTILE = "a\x07\x1b[31m\u202eb\n::error::x`|<b>"
RESERVED = "\ufdd0x\ufdd1"


def allow(action: Json, resource: Json = "*", **more: Json) -> Json:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


GET = allow("s3:GetObject")


def template(*statements: Json, name: str = "R", document: Json = None, **more: Json) -> str:
    whole = document or {"Version": "2012-10-17", "Statement": list(statements)}
    policy = {"PolicyName": "p", "PolicyDocument": whole}
    resource = {"Type": "AWS::IAM::Role", "Properties": {"Policies": [policy]}}
    resources = {name: resource, **more.pop("Resources", {})}
    head = {"AWSTemplateFormatVersion": "2010-09-09", **more}
    return json.dumps({**head, "Resources": resources}, indent=1, ensure_ascii=False)


def chain(length: int) -> Json:
    found: Json = {f"A{n}": {"Fn::Not": [{"Condition": f"A{n + 1}"}]} for n in range(length)}
    return {**found, f"A{length}": {"Fn::Equals": [{"Ref": "P"}, "x"]}}


def each(count: int) -> tuple[list[Json], Json, Json]:
    """Return as many statements, each under a condition of its own."""
    none = {"Ref": "AWS::NoValue"}
    statements = [{"Fn::If": [f"C{n}", GET, none]} for n in range(count)]
    conditions = {f"C{n}": {"Fn::Equals": [{"Ref": f"P{n}"}, "x"]} for n in range(count)}
    return statements, conditions, {f"P{n}": {"Type": "String"} for n in range(count)}


def bucket(name: Json) -> Json:
    return {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": name}}


STATEMENTS, CONDITIONS, PARAMETERS = each(1000)
ON_B = allow("s3:*", {"Fn::GetAtt": ["B", "Arn"]})
IF_A: Json = {"Fn::If": ["A", allow("*"), GET]}
BIG = [
    allow(f"s3:Get{n}", {"Fn::Sub": f"arn:aws:s3:::${{B{n % 9}}}/{'x' * 2300}/*"})
    for n in range(400)
]

CLOSED: dict[str, tuple[str, str]] = {
    "names": (template(GET, name=HOSTILE), template(allow("*"), name=HOSTILE)),
    "references": (template(GET), template(GET, allow({"Ref": HOSTILE}))),
    "reserved characters": (template(GET), template(allow(f"s3:{RESERVED}"))),
    "escaped reserved characters": (
        template(GET),
        template(allow("s3:REPLACED")).replace("REPLACED", "\\ufdd0x\\ufdd1"),
    ),
    "lists in lists": (template(GET), '{"Resources": ' + "[" * 5000 + "]" * 5000 + "}"),
    "a broken template": (template(GET), template(GET)[:-3]),
    "no template any more": (template(GET), "AWS:: [ was here"),
    "another encoding": (template(GET), "\ufffe".join(template(GET)) + "\x00"),
    "thousands of conditions": (
        template(GET),
        template(*STATEMENTS, Conditions=CONDITIONS, Parameters=PARAMETERS),
    ),
    "a chain of conditions": (
        template(GET),
        template({"Fn::If": ["A0", allow("*"), GET]}, Conditions=chain(2000)),
    ),
    "conditions in a circle": (
        template(GET),
        template(
            IF_A,
            Conditions={
                "A": {"Fn::Not": [{"Condition": "B"}]},
                "B": {"Fn::Not": [{"Condition": "A"}]},
            },
        ),
    ),
    "references in a circle": (
        template(GET),
        template(ON_B, Resources={"B": bucket({"Ref": "C"}), "C": bucket({"Ref": "B"})}),
    ),
    "a name of itself": (
        template(GET),
        template(ON_B, Resources={"B": bucket({"Fn::Sub": "${B}-x"})}),
    ),
    "an imported document": (template(GET), template(document={"Fn::ImportValue": "x"})),
    "an imported statement": (template(GET), template({"Fn::ImportValue": "x"})),
    "a macro": (template(GET), template(GET, Transform="Anything")),
    "a megabyte": (template(*BIG), template(*BIG[:-1], allow("*"))),
    "hundreds of callers": (
        template(GET),
        template(
            GET,
            Resources={
                "B": {
                    "Type": "AWS::S3::BucketPolicy",
                    "Properties": {
                        "Bucket": "b",
                        "PolicyDocument": {
                            "Statement": [
                                {**allow("s3:*"), "Principal": "*"},
                                {
                                    **allow("s3:*"),
                                    "Effect": "Deny",
                                    "Principal": {
                                        "AWS": [
                                            {"Fn::Sub": f"arn:aws:iam::111122223333:role/${{R{n}}}"}
                                            for n in range(200)
                                        ]
                                    },
                                },
                            ]
                        },
                    },
                }
            },
        ),
    ),
}
OPEN: dict[str, tuple[str, str]] = {
    "the same names": (
        template(allow("s3:*", {"Ref": HOSTILE}), name=HOSTILE),
        template(allow("s3:*", {"Ref": HOSTILE}), name=HOSTILE, Description="x"),
    ),
    "a megabyte that stays": (template(*BIG), template(*BIG, Description="x")),
    "statements in another order": (template(*BIG[:50]), template(*BIG[:50][::-1])),
    "a circle that stays": (
        template(ON_B, Resources={"B": bucket({"Ref": "B"})}),
        template(ON_B, Resources={"B": bucket({"Ref": "B"})}, Description="x"),
    ),
}
CASES = [(name, *texts, 1) for name, texts in CLOSED.items()]
CASES += [(name, *texts, 0) for name, texts in OPEN.items()]


@pytest.mark.parametrize(
    ("before", "after", "code"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_hostile_template(
    repository: Repository,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    before: str,
    after: str,
    code: int,
) -> None:
    base = repository.commit({"t.json": before})
    head = repository.commit({"t.json": after})
    monkeypatch.chdir(repository.folder)
    assert main(["diff", base, head]) == code
    said = capsys.readouterr()
    assert said.err == ""
    assert all(c == "\n" or c.isprintable() for c in said.out.replace("\u00a0", " "))
