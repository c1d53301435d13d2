"""Edits that make a check pass again: what they look like, and that each one keeps its promise."""

from __future__ import annotations

import json
import lzma
from typing import Any

import jsonpatch
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot

from checker.findings import Finding, Suggestion
from checker.fixes.operations import Insert, Remove, Replace, applied, patch
from checker.refinement.edits import plain
from checker.render import suggestion
from checker.render.sources import Sources
from checker.source.tree import from_python
from tests.drawing import Draw, draws
from tests.fixing import check, fixed, suggested, two_documents, written
from tests.test_corpus import SMALL, UPDATES

YAML = """\
# who may read
Version: "2012-10-17"
Statement:
  # the reader
  - Sid: Read
    Effect: Allow
    Action:
      - s3:GetObject # one
      # and the list
      - 's3:ListBucket'
    Resource: arn:aws:s3:::b/*  # the bucket
    Condition:
      StringEquals:
        # only the team
        aws:PrincipalTag/team: red
  - Sid: Guard
    Effect: Deny
    Action: s3:*
    Resource:
    - "arn:aws:s3:::secret/*"
    - "arn:aws:s3:::keys/*"
"""
CONDITION = """\
    Condition:
      StringEquals:
        # only the team
        aws:PrincipalTag/team: red
"""
OPEN = YAML.replace(CONDITION, "").replace("arn:aws:s3:::b/*  # the bucket", "'*'")
GUARD = OPEN[OPEN.index("  - Sid: Guard") :]
JSON = """\
{
\t"Version": "2012-10-17",
\t"Statement": [{
\t\t"Effect" : "Allow",
\t\t"Action" : [ "s3:GetObject", "s3:ListBucket" ],
\t\t"Resource" : "*",
\t\t"Condition" : { "Bool" : { "aws:SecureTransport" : "true" } }
\t}]
}
"""
TRUST = """\
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
    "Action": "sts:AssumeRole"
  }
}
"""
TIGHT = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}'
)
BUT = JSON.replace('"Action" : [ "s3:GetObject", "s3:ListBucket" ]', '"NotAction" : [ "iam:*" ]')


def shown(before: str, after: str, path: str) -> str:
    """Return what is suggested for each finding about new access, beside the words for it."""
    check(before, after, path)
    blocks: list[str] = []
    for finding in fixed(before, after, path):
        if finding.check == "no-new-access":
            assert finding.fix
            block = suggestion.block(finding, Sources(head={path: after}), fits=True)
            blocks += [finding.fix.words, block]
    return "\n".join(blocks)


CASES = [
    pytest.param(
        YAML,
        YAML.replace("      # and", "      - s3:PutObject # new\n      # and"),
        "p.yaml",
        snapshot("""\
remove `s3:PutObject` from `Action` of the statement `Read`
```suggestion
```\
"""),
        id="a new action goes with its line, and no comment of another",
    ),
    pytest.param(
        YAML,
        YAML.replace("arn:aws:s3:::b/*  #", "'*'  #"),
        "p.yaml",
        snapshot("""\
put `arn:aws:s3:::b/*` back in place of `*` in `Resource` of the statement `Read`
```suggestion
    Resource: arn:aws:s3:::b/*  # the bucket
```\
"""),
        id="a resource is narrowed back",
    ),
    pytest.param(
        YAML,
        YAML.replace(CONDITION, ""),
        "p.yaml",
        snapshot("""\
put `Condition` back as it was in the statement `Read`
```suggestion
    Resource: arn:aws:s3:::b/*  # the bucket
    Condition:
      StringEquals:
        # only the team
        aws:PrincipalTag/team: red
```\
"""),
        id="a condition comes back",
    ),
    pytest.param(
        YAML,
        YAML.replace("team: red", "team: [red, 'blue']"),
        "p.yaml",
        snapshot("""\
remove `blue` from `aws:PrincipalTag/team` of the statement `Read`
```suggestion
        aws:PrincipalTag/team: [red]
```\
"""),
        id="a value of a condition goes",
    ),
    pytest.param(
        YAML,
        YAML.replace(
            "  - Sid: Guard",
            "  - Sid: New\n    Effect: Allow\n    Action: sqs:*\n    Resource: '*'\n  # guard\n  - Sid: Guard",
        ),
        "p.yaml",
        snapshot("""\
remove the statement `New`
```suggestion
```\
"""),
        id="a new statement goes",
    ),
    pytest.param(
        OPEN,
        OPEN.replace(GUARD, ""),
        "p.yaml",
        snapshot("""\
put the Deny statement `Guard` back
```suggestion
    Resource: '*'
  - Sid: Guard
    Effect: Deny
    Action: s3:*
    Resource:
    - "arn:aws:s3:::secret/*"
    - "arn:aws:s3:::keys/*"
```\
"""),
        id="a Deny comes back",
    ),
    pytest.param(
        OPEN,
        OPEN.replace('    - "arn:aws:s3:::secret/*"\n', ""),
        "p.yaml",
        snapshot("""\
put `arn:aws:s3:::secret/*` back into `Resource` of the Deny statement `Guard`
```suggestion
    Resource:
    - "arn:aws:s3:::secret/*"
```\
"""),
        id="an entry of a Deny comes back where it stood",
    ),
    pytest.param(
        OPEN,
        OPEN.replace('    - "arn:aws:s3:::secret/*"\n', "").replace(
            "      # and", "      - s3:PutObject # new\n      # and"
        ),
        "p.yaml",
        snapshot("""\
put `arn:aws:s3:::secret/*` back into `Resource` of the Deny statement `Guard`, and remove `s3:PutObject` from `Action` of the statement `Read`
```suggestion
      # and the list
      - 's3:ListBucket'
    Resource: '*'
  - Sid: Guard
    Effect: Deny
    Action: s3:*
    Resource:
    - "arn:aws:s3:::secret/*"
```\
"""),
        id="a Deny comes back, and what came to the statement that it stopped goes",
    ),
    pytest.param(
        OPEN,
        OPEN.replace(
            "    Action: s3:*\n",
            "    Action: s3:*\n    Condition: {Bool: {aws:SecureTransport: false}}\n",
        ),
        "p.yaml",
        snapshot("""\
remove the conditions of the Deny statement `Guard`
```suggestion
```\
"""),
        id="a Deny loses its new condition",
    ),
    pytest.param(
        YAML,
        YAML.replace(
            "      - s3:GetObject # one\n      # and the list\n      - 's3:ListBucket'\n", ""
        ).replace("    Action:\n", "    Action: s3:*\n", 1),
        "p.yaml",
        snapshot("""\
put `s3:GetObject`, `s3:ListBucket` back in place of `s3:*` in `Action` of the statement `Read`
```suggestion
    Action:
      - s3:GetObject # one
      # and the list
      - 's3:ListBucket'
```\
"""),
        id="a list comes back with its comments",
    ),
    pytest.param(
        JSON,
        JSON.replace(',\n\t\t"Condition" : { "Bool" : { "aws:SecureTransport" : "true" } }', ""),
        "p.json",
        snapshot("""\
put `Condition` back as it was in the statement on line 3
```suggestion
		"Resource" : "*",
		"Condition" : { "Bool" : { "aws:SecureTransport" : "true" } }
```\
"""),
        id="tabs, and the comma of the line before",
    ),
    pytest.param(
        JSON,
        JSON.replace('"s3:ListBucket" ]', '"s3:ListBucket", "s3:PutObject" ]'),
        "p.json",
        snapshot("""\
remove `s3:PutObject` from `Action` of the statement on line 3
```suggestion
		"Action" : [ "s3:GetObject", "s3:ListBucket" ],
```\
"""),
        id="a list on one line",
    ),
    pytest.param(
        TIGHT,
        TIGHT.replace("s3:Get*", "s3:*"),
        "p.json",
        snapshot("""\
put `s3:Get*` back in place of `s3:*` in `Action` of the statement on line 1
```suggestion
{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}
```\
"""),
        id="all on one line",
    ),
    pytest.param(
        TRUST,
        TRUST.replace('{"AWS": "arn:aws:iam::111122223333:role/app"}', '"*"'),
        "p.json",
        snapshot("""\
put `Principal` back as it was in the statement on line 3
```suggestion
    "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
```\
"""),
        id="the principal",
    ),
    pytest.param(
        TRUST,
        TRUST.replace('app"}', 'app", "Service": "ec2.amazonaws.com"}'),
        "p.json",
        snapshot("""\
remove `Service` from `Principal` of the statement on line 3
```suggestion
    "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
```\
"""),
        id="a kind of principals",
    ),
    pytest.param(
        BUT,
        BUT.replace('"NotAction" : [ "iam:*" ]', '"Action" : "*"'),
        "p.json",
        snapshot("""\
put `NotAction` back as it was in the statement on line 3
```suggestion
		"NotAction" : [ "iam:*" ],
```\
"""),
        id="an element by its old name",
    ),
    pytest.param(
        BUT.replace('"iam:*"', '"iam:*", "sts:*"'),
        BUT,
        "p.json",
        snapshot("""\
put `sts:*` back into `NotAction` of the statement on line 3
```suggestion
		"NotAction" : [ "iam:*", "sts:*" ],
```\
"""),
        id="what was left out",
    ),
    pytest.param(
        JSON,
        JSON.replace('"Resource" : "*"', '"Resource" : "*"')
        .replace('[ "s3:GetObject", "s3:ListBucket" ]', '[ "s3:*" ]')
        .replace('"true"', '[ "true", "false" ]'),
        "p.json",
        snapshot("""\
in the statement on line 3: narrow `s3:*` back to `s3:GetObject`, `s3:ListBucket` in `Action`, remove `false` from `aws:SecureTransport`
```suggestion
		"Action" : [ "s3:GetObject", "s3:ListBucket" ],
		"Resource" : "*",
		"Condition" : { "Bool" : { "aws:SecureTransport" : [ "true" ] } }
```\
"""),
        id="two differences at once",
    ),
]


@pytest.mark.parametrize(("before", "after", "path", "expected"), CASES)
def test_what_is_suggested(before: str, after: str, path: str, expected: str) -> None:
    assert shown(before, after, path) == expected


def test_line_ends_and_the_byte_order_mark_stay() -> None:
    before, after = (
        "\ufeff" + text.replace("\n", "\r\n") for text in (YAML, YAML.replace(CONDITION, ""))
    )
    (finding,) = fixed(before, after, "p.yaml")
    assert finding.suggestion
    assert "condition\r\n" not in suggestion.block(finding, Sources(), fits=True)
    assert "# the bucket\r\n    Condition:\r\n" in suggestion.block(finding, Sources(), fits=True)
    assert suggested(after, finding.suggestion) == before


def test_each_finding_of_a_policy_has_its_own_lines_and_one_patch_for_all() -> None:
    queue = '{"Sid":"Q","Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"}'
    before = TIGHT.replace('"}]', '"},\n' + queue + "]")
    after = before.replace("s3:Get*", "s3:*").replace("sqs:SendMessage", "sqs:*")
    assert check(before, after) == 2
    first, second = fixed(before, after)
    assert first.fix
    assert second.fix
    assert not first.fix.alone
    assert first.fix.words.endswith("; the check passes once its other findings are fixed as well")
    assert first.suggestion == Suggestion(1, 1, (before.split("\n")[0],), path="p.json")
    assert second.suggestion == Suggestion(2, 2, (before.split("\n")[1],), path="p.json")
    assert first.fix.patch == second.fix.patch
    assert len(first.fix.patch) == 2


def test_a_fix_that_takes_old_access_away_is_told_and_not_offered() -> None:
    public = TRUST.replace('{"AWS": "arn:aws:iam::111122223333:role/app"}', '"*"')
    before = public.replace('"Statement": {', '"Statement": [{').replace("  }\n}", "  }]\n}")
    more = '}, {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]\n}'
    after = before.replace("}]\n}", more)
    (finding,) = [f for f in fixed(before, after) if f.check == "no-public-access"]
    assert finding.fix
    assert finding.fix.loses
    assert finding.suggestion is None
    assert "takes away some access" in finding.fix.words


def test_no_other_check_pays_for_a_fix() -> None:
    """What the old Deny stopped would be stopped by nobody if just the new statement went."""
    deny = '{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::x/*"}'
    allow = deny.replace("Deny", "Allow")
    other = '{"Effect":"Allow","Action":"sqs:*","Resource":"*"}'
    before, after = (f'{{"Statement": [{other}, {each}]}}' for each in (deny, allow))
    (finding,) = fixed(before, after)
    assert finding.fix
    assert finding.fix.words == snapshot("set `Effect` back to `Deny` in the statement on line 1")


def test_a_new_document_has_no_old_one_to_go_back_to() -> None:
    assert [finding.fix for finding in fixed(None, TIGHT)] == [None]


@settings(max_examples=25)
@given(draws())
def test_every_fix_keeps_its_promise(draw: Draw) -> None:
    before, after = two_documents(draw)
    is_yaml = draw.chance(50)
    path = "p.yaml" if is_yaml else "p.json"
    check(written(draw, before, is_yaml=is_yaml), written(draw, after, is_yaml=is_yaml), path)


@settings(max_examples=100)
@given(st.data())
def test_a_patch_does_what_the_operations_say(data: st.DataObject) -> None:
    leaves = st.sampled_from(["a", "b", "/", "~"])
    lists = st.lists(leaves, max_size=4)
    document = data.draw(st.dictionaries(leaves, st.one_of(leaves, lists), min_size=1))
    node = from_python(document)
    operations: list[Remove | Replace | Insert] = []
    for name, value in document.items():
        fresh = from_python(data.draw(leaves))
        if isinstance(value, str) or data.draw(st.booleans()):
            kind = data.draw(st.sampled_from(["keep", "remove", "replace"]))
            operations += [Remove((name,))] if kind == "remove" else []
            operations += [Replace((name,), fresh)] if kind == "replace" else []
            continue
        for index in range(len(value) + 1):
            coming = data.draw(st.lists(leaves, max_size=2))
            operations += [Insert((name,), index, from_python(each)) for each in coming]
            if index < len(value) and data.draw(st.booleans()):
                operations.append(Remove((name, str(index))))
    named = data.draw(st.sets(st.sampled_from(["c", "d/e"])))
    operations += [Insert((), len(document), from_python("new"), name) for name in named]
    done = jsonpatch.apply_patch(document, list(patch(operations)))
    assert done == plain(applied(node, operations))


@pytest.mark.parametrize("update", [pytest.param(u, id=u["name"]) for u in SMALL])
def test_update_of_a_managed_policy(update: dict[str, Any]) -> None:
    before, after = (json.dumps(update[side], indent=2) for side in ("base", "head"))
    offered = check(before, after)
    assert offered or update["answer"] != "violated"


@pytest.mark.slow
@pytest.mark.skipif(not UPDATES.exists(), reason="the whole collection is not beside the project")
def test_nearly_every_update_has_a_fix() -> None:
    with lzma.open(UPDATES, "rt") as lines:
        some = [json.loads(line) for number, line in enumerate(lines) if number % 120 == 7]
    found = [_mended(update) for update in some]
    violated = [each for each in found if each]
    assert len(violated) > 0.8 * len(some)
    assert sum(all(f.fix for f in each) for each in violated) > 0.9 * len(violated)
    assert sum(all(f.suggestion for f in each) for each in violated) > 0.7 * len(violated)


def _mended(update: dict[str, Any]) -> tuple[Finding, ...]:
    before, after = (json.dumps(update[side], indent=4) for side in ("base", "head"))
    return fixed(before, after)
