"""An ordinary file says nothing; what is meant to be a policy never passes in silence."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from checker.source.documents import (
    Document,
    DocumentPair,
    Trouble,
    Unreadable,
    documents_in,
    documents_in_file,
    pairs,
)
from checker.source.globs import globs
from tests.effort import steps

STATEMENT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
POLICY = {"Version": "2012-10-17", "Statement": [STATEMENT]}
TEXT = json.dumps(POLICY)
AS_YAML = "Version: 2012-10-17\nStatement:\n- Effect: Allow\n  Action: 's3:*'\n  Resource: '*'\n"

ORDINARY = {
    "package.json": '{"name": "statement", "version": "1.0.0", "scripts": {"action": "x", "effect": "y"},'
    ' "keywords": ["statement", "action"]}',
    "tsconfig.json": '{\n  // a comment\n  "compilerOptions": {"strict": true,},\n}',
    ".eslintrc.json": '{"rules": {"max-statements-per-line": ["error", {"max": 1}],'
    ' "padding-line-between-statements": 1}}',
    "rules.json": '{"statement": "SELECT 1", "action": "run", "id": 7}',
    "quiz.json": '[{"statement": "the sky is blue", "effect": "+1"}]',
    "broken.json": '{"name": }',
    "lines.json": '{"a": 1}\n{"a": 2}\n',
    "empty.json": "",
    "blank.yml": "\n\n# nothing\n",
    "number.json": "1",
    "locale.json": '{"caf\\u00e9": "\\u00e9"}',
    "openapi.json": '{"openapi": "3.1.0", "info": {"version": "2012-10-17", "title": "x"}, "paths": {}}',
    "api-2.json": '{"version": "2.0", "metadata": {"apiVersion": "2012-10-17"}, "shapes":'
    ' {"Statement": {"type": "string"}, "Effect": {"type": "string"}, "Action": {"type": "string"}}}',
    "schema.json": '{"type": "object", "properties": {"Version": {"enum": ["2012-10-17"]}, "Statement":'
    ' {"type": "array", "items": {"properties": {"Effect": {"enum": ["Allow", "Deny"]},'
    ' "Action": {"type": "string"}}}}}}',
    ".github/workflows/ci.yml": "on: [push]\njobs:\n  action:\n    steps:\n    - uses: actions/checkout@v4\n"
    "      with: {effect: none}\n",
    "playbook.yml": "- hosts: all\n  tasks:\n  - action: ping\n    vars: {x: '{{ effect }}'}\n",
    "chart/templates/x.yaml": "{{- if .Values.action }}\nkind: X\neffect: {{ .Values.effect }}\n{{ end }}\n",
    "taint.yaml": "apiVersion: v1\nkind: Pod\nspec: {tolerations: [{effect: NoSchedule, operator: Exists}],\n"
    " action: x}\n",
    "azure.json": '{"if": {"field": "type"}, "then": {"effect": "deny"}, "Actions": ["x"]}',
    "template.yaml": "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  B: {Type: 'AWS::S3::Bucket',\n"
    "    Properties: {BucketName: !Sub 'x-${A}'}}\n",
    "state.json": '{"version": 4, "terraform_version": "1.9.0", "resources": [{"effect": 1, "action": 2}]}',
    "duplicate.yml": "effect: 1\naction: 1\naction: 2\n",
}  # fmt: skip


@pytest.mark.parametrize("path", ORDINARY)
def test_an_ordinary_file_says_nothing(path: str) -> None:
    assert documents_in_file(ORDINARY[path].encode(), path) == ()


@pytest.mark.parametrize(
    ("text", "path", "addresses"),
    [
        pytest.param(TEXT, "p.json", [""], id="a policy"),
        pytest.param("\ufeff" + TEXT, "p.json", [""], id="with a byte-order mark"),
        pytest.param(AS_YAML, "p.yml", [""], id="in YAML"),
        pytest.param(TEXT, "p.YAML", [""], id="JSON in a YAML file"),
        pytest.param(TEXT, "p.policy", [""], id="JSON under another name"),
        pytest.param(AS_YAML, "p.policy", [""], id="YAML under another name"),
        pytest.param(json.dumps({"Statement": STATEMENT}), "p.json", [""], id="one statement"),
        pytest.param('{"Statement": []}', "p.json", [""], id="no statement"),
        pytest.param('{"Version": "2012-10-17"}', "p.json", [""], id="a version alone"),
        pytest.param(json.dumps({**POLICY, "Comment": ""}), "p.json", [""], id="one member more"),
        pytest.param(
            json.dumps({"version": "2012-10-17", "statement": [STATEMENT]}), "p.json", [""],
            id="names in the wrong case",
        ),
        pytest.param('{"Version":"2012-10-17","Statment":[]}', "p.json", [""], id="Statment"),
        pytest.param(json.dumps({"Version": "2012-10-17", "Rules": [STATEMENT]}), "p.json", [""],
                     id="statements under another name"),
        pytest.param('{"Statement":[{"Efect":"Allow","Acton":"*"}]}', "p.json", [""], id="Efect"),
        pytest.param('{"Verison":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*"}]}', "p.json",
                     [""], id="Verison"),
        pytest.param(
            r'{"\u0053tatement":[{"\u0045ffect":"Allow","Acti\u006fn":"*"}]}', "p.json", [""],
            id="names in escapes",
        ),
        pytest.param('"\\x53tatement": {"Eff\\x65ct": Allow, "Acti\\x6fn": x}', "p.yml", [""],
                     id="names in YAML escapes"),
        pytest.param(json.dumps([POLICY, 1, POLICY]), "p.json", ["/0", "/2"], id="a list"),
        pytest.param(f"{AS_YAML}---\n{AS_YAML}", "p.yml", ["/0", "/1"], id="a stream"),
        pytest.param(json.dumps({"Policy": POLICY}), "p.json", ["/Policy"], id="under Policy"),
        pytest.param(
            json.dumps({"RoleName": "r", "AssumeRolePolicyDocument": POLICY}), "p.json",
            ["/AssumeRolePolicyDocument"], id="under a holder",
        ),
        pytest.param(
            json.dumps({"PolicyVersion": {"VersionId": "v1", "Document": POLICY}}), "p.json",
            ["/PolicyVersion/Document"], id="as the command line of AWS prints a version",
        ),
        pytest.param(
            json.dumps({"Role": {"RoleName": "r", "AssumeRolePolicyDocument": POLICY}}), "p.json",
            ["/Role/AssumeRolePolicyDocument"], id="as the command line of AWS prints a role",
        ),
        pytest.param(json.dumps({"a/b": POLICY, "~": POLICY}), "p.json", ["/a~1b", "/~0"],
                     id="an object of policies"),
    ],
)  # fmt: skip
def test_finds_documents(text: str, path: str, addresses: list[str]) -> None:
    found = documents_in_file(text.encode(), path)
    assert [each.address for each in found] == addresses
    assert all(isinstance(each, Document) for each in found)


@pytest.mark.parametrize(
    ("data", "path", "said"),
    [
        pytest.param(TEXT[:-1], "p.json", "p.json:1:104: the text ends inside an object",
                     id="cut short"),
        pytest.param(TEXT.replace("}]", "},]"), "p.json",
                     "p.json:1:103: a comma after the last item of a list", id="a comma too many"),
        pytest.param("// why\n" + TEXT, "p.json",
                     "p.json:1:1: a value should be here, not `/`", id="a comment"),
        pytest.param(TEXT + TEXT, "p.json",
                     "p.json:1:105: more text after the end of the JSON value", id="two documents"),
        pytest.param(TEXT.replace('"', "'"), "p.json",
                     "p.json:1:2: a name should be here, not `'`", id="single quotes"),
        pytest.param(TEXT.replace('"Resource"', '"Action"'), "p.json",
                     "p.json:1:87: `Action` stands twice in one object", id="a name twice"),
        pytest.param("{Statement: [{effect: Allow,", "p.json",
                     "p.json:1:2: a name should be here, not `Statement`", id="hardly begun"),
        pytest.param(TEXT.encode("utf-16-le"), "p.json",
                     r"p.json:1:2: a name should be here, not `\x00`", id="UTF-16 without its mark"),
        pytest.param(TEXT.encode()[:-1] + b"\xe9}", "p.json",
                     "p.json:1:104: the file is not UTF-8 text", id="Latin-1"),
        pytest.param(AS_YAML + "\tx", "p.yml",
                     "p.yml:6:1: not YAML: found character that cannot start any token", id="a tab"),
        pytest.param(AS_YAML.replace("'s3:*'", "!Sub x"), "p.yml",
                     "p.yml:4:11: the tag `!Sub` has no meaning in a policy", id="a tag"),
        pytest.param(AS_YAML + "? [a]\n: b\n", "p.yml",
                     "p.yml:6:3: a name that is not text has no meaning in a policy", id="a list as a name"),
        pytest.param("[" * 101 + TEXT + "]" * 101, "p.json",
                     "p.json:1:101: more than 100 objects and lists inside each other", id="too deep"),
    ],
)  # fmt: skip
def test_a_broken_policy_is_said_to_be_broken(data: str | bytes, path: str, said: str) -> None:
    (found,) = documents_in_file(data if isinstance(data, bytes) else data.encode(), path)
    assert isinstance(found, Unreadable)
    assert found.trouble is Trouble.BROKEN
    assert f"{found.at}: {found.problem}".startswith(said)


IN_TEMPLATE = {
    "AWSTemplateFormatVersion": "2010-09-09",
    "Resources": {"P": {"Type": "AWS::IAM::Policy", "Properties": {"PolicyDocument": POLICY}}},
}


@pytest.mark.parametrize(
    ("text", "path", "address", "what"),
    [
        (json.dumps(IN_TEMPLATE), "t.json", "/Resources/P/Properties/PolicyDocument",
         "a policy inside a CloudFormation template"),
        ("Resources:\n  P:\n    Policy:\n      Statement:\n      - {Effect: Allow, Action: !Ref A}\n",
         "t.yml", "/Resources/P/Policy", "a policy inside a CloudFormation template"),
        (json.dumps({"terraform_version": "1", "resources": [{"policy": TEXT}]}), "x.tfstate.json",
         "/resources/0/policy", "a policy inside a string"),
        ('{"data":{"aws_iam_policy_document":{"x":{"statement":[{"actions":["s3:*"],"resources":["*"]}]}}}}',
         "main.tf.json", "/data/aws_iam_policy_document/x", "a policy inside Terraform in JSON"),
        ("service: x\nprovider:\n  iamRoleStatements:\n  - {Effect: Allow, Action: 's3:*'}\n",
         "serverless.yml", "/provider/iamRoleStatements/0", "a statement without a policy around it"),
        (json.dumps(STATEMENT), "s.json", "", "a statement without a policy around it"),
        (json.dumps([STATEMENT]), "s.json", "/0", "a statement without a policy around it"),
        (json.dumps({"Policy": TEXT}), "p.json", "/Policy", "a policy inside a string"),
        (json.dumps({"input": POLICY, "expected": 1}), "p.json", "/input",
         "a policy inside another document"),
        (json.dumps({"PolicyVersion": {"Document": quote(json.dumps(POLICY))}}), "p.json",
         "/PolicyVersion/Document", "a policy inside a string"),
        (json.dumps([{"PolicyDocument": POLICY}]), "p.json", "/0/PolicyDocument",
         "a policy inside a list"),
        ("jobs:\n  a:\n    steps:\n    - run: |\n        cat <<X\n        " + TEXT + "\n", "ci.yml",
         "/jobs/a/steps/0/run", "a policy inside a string"),
        ("{{ if .x }}\nStatement:\n- Effect: Allow\n{{ end }}\n", "t.yaml", "",
         "a policy inside a text template"),
    ],
)  # fmt: skip
def test_a_policy_out_of_reach_is_said_to_be_there(
    text: str, path: str, address: str, what: str
) -> None:
    (found,) = documents_in_file(text.encode(), path)
    assert isinstance(found, Unreadable)
    assert found.trouble is Trouble.NOT_READ_YET
    assert found.address == address
    assert found.problem == f"holds what looks like {what}, which is not read yet"


def test_what_is_out_of_reach_beside_a_document_is_said_too() -> None:
    found = documents_in(json.dumps([POLICY, {"Policy": POLICY}]), "p.json")
    assert [type(each) for each in found] == [Document, Unreadable]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
def test_a_mark_tells_the_encoding(encoding: str) -> None:
    (found,) = documents_in_file(TEXT.encode(encoding), "p.json")
    assert isinstance(found, Document)


def test_a_large_file_is_an_error_only_with_signs_of_a_policy() -> None:
    padding = "x" * (5 * 1024 * 1024)
    (found,) = documents_in_file(json.dumps({**POLICY, "Id": padding}).encode(), "p.json")
    assert isinstance(found, Unreadable)
    assert found.trouble is Trouble.TOO_LARGE
    assert documents_in_file(json.dumps({"statement-js": padding}).encode(), "package.json") == ()


def test_an_ordinary_file_takes_next_to_no_time() -> None:
    packages = {f"pkg-{i}": {"version": "1.2.3", "resolved": "https://x"} for i in range(20_000)}
    data = json.dumps({"dependencies": packages}).encode()
    assert steps(lambda: documents_in_file(data, "package-lock.json")) < 1000
    assert documents_in_file(data, "package-lock.json") == ()


def paired(before: object, after: object) -> list[tuple[str | None, str | None]]:
    both = (documents_in(json.dumps(side), "p.json") for side in (before, after))
    return [
        (pair.before.address if pair.before else None, pair.after.address if pair.after else None)
        for pair in pairs(*both)
    ]


def policy(name: str) -> dict[str, object]:
    return {"Id": name, **POLICY}


def test_whole_files_pair_with_each_other() -> None:
    assert paired(policy("a"), policy("b")) == [("", "")]


def test_named_policies_pair_by_name_whatever_they_hold() -> None:
    before = {"dev": policy("a"), "prod": policy("b")}
    after = {"dev": policy("b"), "new": policy("a")}
    assert paired(before, after) == [("/dev", "/dev"), (None, "/new"), ("/prod", None)]


def test_listed_policies_pair_by_content_then_by_place() -> None:
    a, b, c = policy("a"), policy("b"), policy("c")
    assert paired([a, b], [c, a, b]) == [(None, "/0"), ("/0", "/1"), ("/1", "/2")]
    assert paired([a, b], [a, c]) == [("/0", "/0"), ("/1", "/1")]
    assert paired([a, a], [a]) == [("/0", "/0"), ("/1", None)]


def test_a_document_that_broke_pairs_with_what_it_was() -> None:
    before, after = documents_in(TEXT, "p.json"), documents_in(TEXT[:-1], "p.json")
    (pair,) = pairs(before, after)
    assert pair == DocumentPair("", before[0], after[0])


@pytest.mark.parametrize(
    ("patterns", "path", "is_wanted"),
    [
        ([], "a/b/p.json", True),
        ([], ".github/p.YAML", True),
        ([], "p.yml", True),
        ([], "p.json.bak", False),
        (["**/*.json"], "p.json", True),
        (["**/*.json"], "a/b/p.json", True),
        (["iam/*.json"], "iam/p.json", True),
        (["iam/*.json"], "iam/a/p.json", False),
        (["iam/*.json"], "x/iam/p.json", False),
        (["./iam/"], "iam/a/p.txt", True),
        (["/p.json"], "p.json", True),
        (["/p.json"], "a/p.json", False),
        (["a/**/p.json"], "a/p.json", True),
        (["a/**/p.json"], "a/b/c/p.json", True),
        (["a/**/b/**/*.j?on"], "a/x/b/y/b/p.jsOn", True),
        (["*.json", "!test/**"], "test/p.json", False),
        (["!test/**", "*.json"], "test/p.json", False),
        (["!test/**"], "a/p.json", True),
        (["*"], "a\nb.json", True),
        (["p-*-x*.json"], "p-1-2-x.json", True),
    ],
)
def test_globs(patterns: list[str], path: str, is_wanted: bool) -> None:
    assert globs(patterns).matches(path) is is_wanted


@pytest.mark.parametrize("pattern", ["", "/", "a{b,c}", "[ab].json", "a\\b", "a//b", "a**/b", "!"])
def test_a_pattern_that_would_mislead_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="path pattern"):
        globs([pattern])


def test_a_hostile_name_takes_no_longer() -> None:
    def look() -> None:
        assert not globs(["*a" * 20 + ".json"]).matches("a" * 4000)
        assert not globs(["**/a/" * 20 + "x"]).matches("a/" * 2000)

    assert steps(look) < 500_000
