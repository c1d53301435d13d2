"""The gate on changes of Terraform modules: what closes it, on which line, and what does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest

from checker.findings import Severity
from checker.github.anchors import Diff, Files, anchor, blob_id
from checker.github.placement import LineAnchor
from checker.github.pull import PullFile
from tests.gate import Gate
from tests.repository import Repository
from tests.test_terraform_carriers import WAYS


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    repository = Repository(tmp_path)
    repository.git("init", "--quiet", "--initial-branch=main")
    return Gate(repository)


def blocked(
    gate: Gate, before: dict[str, str], after: dict[str, str | None], config: str = ""
) -> list[str]:
    found = gate.report(before, {**before, **after}, config).findings
    return [
        f"{f.at.path}:{f.at.start.line} {f.check}" for f in found if f.severity is Severity.BLOCK
    ]


@pytest.mark.parametrize("way", WAYS)
def test_one_change_has_one_verdict_in_every_way_it_is_written(gate: Gate, way: str) -> None:
    before = WAYS[way]
    after = {
        path: text.replace('"s3:PutObject"', '"s3:DeleteObject"').replace(
            "- s3:PutObject", "- s3:DeleteObject"
        )
        for path, text in before.items()
    }
    (found,) = gate.report(before, after).findings
    where = next(path for path, text in before.items() if text != after[path])
    assert (found.check, found.severity) == ("no-new-access", Severity.BLOCK)
    assert found.headline == "New access: `s3:DeleteObject` on `arn:aws:s3:::data/*`"
    if way != "decoded and encoded":
        assert found.at.path == where


def identity(action: str = "s3:GetObject", resource: str = "*") -> str:
    return f'jsonencode({{ Statement = [{{ Effect = "Allow", Action = "{action}", Resource = "{resource}" }}] }})'


ROLE: Final = (
    'resource "aws_iam_role" "r" {\n  name = "r"\n  assume_role_policy = jsonencode({ Statement = [{'
    ' Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })\n}\n'
)
INLINE: Final = f'resource "aws_iam_role_policy" "p" {{\n  role = aws_iam_role.r.name\n  policy = {identity()}\n}}\n'
MANAGED: Final = f'resource "aws_iam_policy" "p" {{\n  name = "p"\n  policy = {identity()}\n}}\n'
ATTACHED: Final = 'resource "aws_iam_role_policy_attachment" "p" {\n  role = aws_iam_role.r.id\n  policy_arn = aws_iam_policy.p.arn\n}\n'
AWS: Final = ATTACHED.replace("aws_iam_policy.p.arn", '"arn:aws:iam::aws:policy/NAME"').replace(
    '"p"', '"aws"'
)
MODULE: Final = 'module "m" {\n  source = "../modules/m"\n  bucket = "b"\n}\n'
CALLED: Final = 'variable "bucket" {}\n' + MANAGED.replace(
    'Resource = "*"', 'Resource = "arn:aws:s3:::${var.bucket}/*"'
)
OPEN: Final = (
    'variable "b" { type = list(string) }\ndata "aws_iam_policy_document" "p" {\n'
    '  statement {\n    actions = ["s3:*"]\n    resources = ["*"]\n  }\n'
)
DENY: Final = (
    '  dynamic "statement" {\n    for_each = var.b\n    content {\n      effect = "Deny"\n'
    '      actions = ["s3:*"]\n      resources = ["arn:aws:s3:::${statement.value}/*"]\n    }\n  }\n'
)
TAKEN: Final = (
    '}\nresource "aws_iam_policy" "p" {\n  policy = data.aws_iam_policy_document.p.json\n}\n'
)
REMOTE: Final = (
    'module "role" {\n  source = "terraform-aws-modules/iam/aws"\n  version = "6.0.0"\n'
    '  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"\n  tags = { a = 1 }\n}\n'
)

BUCKET: Final = json.dumps(
    {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"}]}
)
OF_A_FILE: Final = 'variable "env" { type = string }\n' + MANAGED.replace(
    identity(), 'file("${path.module}/${var.env}.json")'
)
OF_A_TEMPLATE: Final = 'variable "all" {}\n' + MANAGED.replace(
    identity(), 'templatefile("p.tpl", var.all)'
)
LOOKED_UP: Final = (
    'data "aws_iam_policy" "p" {\n  arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"\n}\n'
    + MANAGED.replace(identity(), "data.aws_iam_policy.p.policy")
)

OF_BUCKET: Final = MANAGED.replace(identity(), identity(resource="arn:aws:s3:::${var.b}/*"))
GUARDRAIL: Final = 'resource "aws_organizations_policy_attachment" "a" {\n  policy_id = "p-1"\n  target_id = "ou-1"\n}\n'
CONTROL: Final = (
    'resource "aws_organizations_policy" "p" {\n  name = "p"\n  type = "RESOURCE_CONTROL_POLICY"\n'
    '  content = jsonencode({ Statement = [{ Effect = "Deny", Principal = "*", Action = "s3:*", Resource = "*" }] })\n}\n'
)
CONTROLS: Final = GUARDRAIL.replace('"p-1"', "aws_organizations_policy.p.id")
MEMBER: Final = (
    'resource "aws_iam_user_group_membership" "m" {\n  user = "ann"\n  groups = [GROUPS]\n}\n'
)
KEY: Final = (
    'resource "aws_kms_grant" "g" {\n  key_id = aws_kms_key.k.arn\n  operations = ["Decrypt"]\n'
    '  grantee_principal = "arn:aws:iam::444455556666:root"\n}\nresource "aws_kms_key" "k" {}\n'
)

UNCHANGED: Final = {
    "laid out anew": (
        {"main.tf": MANAGED},
        {"main.tf": "# why\n\n" + MANAGED.replace(" = ", "   =  ")},
    ),
    "an attached guardrail with another name": (
        {"main.tf": GUARDRAIL},
        {"main.tf": GUARDRAIL.replace('"a"', '"b"')},
    ),
    "a guardrail that is attached to more": (
        {"main.tf": GUARDRAIL},
        {"main.tf": GUARDRAIL + GUARDRAIL.replace('"a"', '"b"').replace("ou-1", "ou-2")},
    ),
    "into another file": ({"a.tf": MANAGED + ROLE}, {"a.tf": ROLE, "b.tf": MANAGED}),
    "from inline to managed": (
        {"main.tf": ROLE + INLINE},
        {"main.tf": ROLE + MANAGED + ATTACHED},
    ),
    "from a heredoc to a data source": (
        {"main.tf": WAYS["heredoc"]["main.tf"]},
        {"main.tf": WAYS["data source"]["main.tf"]},
    ),
    "renamed, and said so": (
        {"main.tf": MANAGED},
        {
            "main.tf": MANAGED.replace('"aws_iam_policy" "p"', '"aws_iam_policy" "q"')
            + "moved {\n  from = aws_iam_policy.p\n  to = aws_iam_policy.q\n}\n"
        },
    ),
    "renamed": (
        {"main.tf": MANAGED},
        {"main.tf": MANAGED.replace('"aws_iam_policy" "p"', '"aws_iam_policy" "q"')},
    ),
    "a resource control policy is attached": (
        {"main.tf": CONTROL},
        {"main.tf": CONTROL + CONTROLS},
    ),
    "detached": ({"main.tf": ROLE + AWS.replace("NAME", "ReadOnlyAccess")}, {"main.tf": ROLE}),
    "detached, and still there": (
        {"main.tf": ROLE + INLINE.replace("GetObject", "PutObject") + MANAGED + ATTACHED},
        {"main.tf": ROLE + INLINE.replace("GetObject", "PutObject") + MANAGED},
    ),
    "into a local": (
        {"main.tf": MANAGED},
        {
            "main.tf": 'locals {\n  a = "s3:GetObject"\n}\n'
            + MANAGED.replace('"s3:GetObject"', "local.a")
        },
    ),
    "into a module": (
        {"main.tf": MANAGED.replace('Resource = "*"', 'Resource = "arn:aws:s3:::b/*"')},
        {"main.tf": MODULE.replace("../modules/m", "./m"), "m/main.tf": CALLED},
    ),
    "less": ({"main.tf": MANAGED}, {"main.tf": MANAGED.replace('"*"', '"arn:aws:s3:::b/*"')}),
    "less of what is open": (
        {"main.tf": OPEN + TAKEN},
        {"main.tf": OPEN.replace("s3:*", "s3:Get*") + DENY + TAKEN},
    ),
    "another tag for a remote module": (
        {"main.tf": REMOTE},
        {"main.tf": REMOTE.replace("a = 1", "a = 2")},
    ),
    "nothing created any more": (
        {"main.tf": MANAGED},
        {"main.tf": MANAGED.replace('name = "p"', "count = 0")},
    ),
}


@pytest.mark.parametrize("name", UNCHANGED)
def test_what_allows_no_more_passes(gate: Gate, name: str) -> None:
    before, after = UNCHANGED[name]
    assert blocked(gate, before, dict(after)) == []


CLOSED: Final = {
    "more": (
        {"main.tf": MANAGED},
        {"main.tf": MANAGED.replace("GetObject", "*")},
        ["main.tf:3 no-new-access"],
    ),
    "a policy of AWS is attached": (
        {"main.tf": ROLE},
        {"main.tf": ROLE + AWS.replace("NAME", "AdministratorAccess")},
        ["main.tf:7 no-new-access"],
    ),
    "a policy that denies is detached": (
        {"main.tf": ROLE + INLINE + AWS.replace("NAME", "AWSDenyAll")},
        {"main.tf": ROLE + INLINE},
        ["main.tf:7 no-new-access"],
    ),
    "the boundary is gone": (
        {
            "main.tf": ROLE.replace(
                'name = "r"\n', 'name = "r"\n  permissions_boundary = aws_iam_policy.p.arn\n'
            )
            + MANAGED
        },
        {"main.tf": ROLE + MANAGED},
        ["main.tf:8 no-new-access"],
    ),
    "a default": (
        {
            "main.tf": 'variable "b" {\n  default = "arn:aws:s3:::b/*"\n}\n'
            + MANAGED.replace('Resource = "*"', "Resource = var.b")
        },
        {
            "main.tf": 'variable "b" {\n  default = "*"\n}\n'
            + MANAGED.replace('Resource = "*"', "Resource = var.b")
        },
        ["main.tf:6 no-new-access"],
    ),
    "a file of values": (
        {
            "main.tf": 'variable "b" {}\n' + MANAGED.replace('Resource = "*"', "Resource = var.b"),
            "terraform.tfvars": 'b = "arn:aws:s3:::b/*"\n',
        },
        {"terraform.tfvars": 'b = "*"\n'},
        ["main.tf:4 no-new-access"],
    ),
    "a module that is called": (
        {"prod/main.tf": MODULE, "modules/m/main.tf": CALLED},
        {"modules/m/main.tf": CALLED.replace("GetObject", "*")},
        ["modules/m/main.tf:4 no-new-access"],
    ),
    "an argument of a module": (
        {"prod/main.tf": MODULE, "modules/m/main.tf": CALLED},
        {"prod/main.tf": MODULE.replace('"b"', '"*"')},
        ["modules/m/main.tf:4 no-new-access"],
    ),
    "one instance more": (
        {
            "main.tf": 'resource "aws_iam_policy" "p" {\n  for_each = toset(["a"])\n  policy = '
            + identity(resource="arn:aws:s3:::${each.key}/*")
            + "\n}\n"
        },
        {
            "main.tf": 'resource "aws_iam_policy" "p" {\n  for_each = toset(["a", "b"])\n  policy = '
            + identity(resource="arn:aws:s3:::${each.key}/*")
            + "\n}\n"
        },
        ["main.tf:3 no-new-access"],
    ),
    "a statement for what is open is gone": (
        {"main.tf": OPEN + DENY + TAKEN},
        {"main.tf": OPEN + TAKEN},
        ["main.tf:3 no-new-access"],
    ),
    "another unknown": (
        {
            "main.tf": 'variable "p" { type = string }\nvariable "q" { type = string }\n'
            + MANAGED.replace(identity(), "var.p")
        },
        {
            "main.tf": 'variable "p" { type = string }\nvariable "q" { type = string }\n'
            + MANAGED.replace(identity(), "var.q")
        },
        ["main.tf:5 no-new-access"],
    ),
    "a policy for a remote module": (
        {"main.tf": REMOTE},
        {"main.tf": REMOTE.replace("ReadOnlyAccess", "AdministratorAccess")},
        ["main.tf:1 unreadable"],
    ),
    "a file of a partly unknown name": (
        {"main.tf": OF_A_FILE, "dev.json": '{"Statement": []}', "prod.json": BUCKET},
        {"prod.json": BUCKET.replace("b/*", "*")},
        ["prod.json:1 no-new-access"],
    ),
    "a template whose values nobody knows": (
        {"main.tf": OF_A_TEMPLATE, "p.tpl": BUCKET},
        {"p.tpl": BUCKET.replace("b/*", "*")},
        ["main.tf:4 no-new-access"],
    ),
    "what is looked up": (
        {"main.tf": LOOKED_UP},
        {"main.tf": LOOKED_UP.replace("ReadOnlyAccess", "AdministratorAccess")},
        ["main.tf:6 no-new-access"],
    ),
    "a guardrail is detached": (
        {"main.tf": GUARDRAIL},
        {"main.tf": GUARDRAIL.partition("resource")[0]},
        ["main.tf:1 deny-weakened"],
    ),
    "a secret default gets wider": (
        {"main.tf": 'variable "b" {\n  default = "one"\n  sensitive = true\n}\n' + OF_BUCKET},
        {"main.tf": 'variable "b" {\n  default = "*"\n  sensitive = true\n}\n' + OF_BUCKET},
        ["main.tf:7 no-new-access"],
    ),
    "a guardrail is attached elsewhere": (
        {"main.tf": GUARDRAIL},
        {"main.tf": GUARDRAIL.replace("ou-1", "ou-2")},
        ["main.tf:1 deny-weakened"],
    ),
    "a resource control policy is detached": (
        {"main.tf": CONTROL + CONTROLS},
        {"main.tf": CONTROL},
        ["main.tf:6 deny-weakened"],
    ),
    "somebody joins a group": (
        {"main.tf": MEMBER.replace("GROUPS", '"a"')},
        {"main.tf": MEMBER.replace("GROUPS", '"a", "b"')},
        ["main.tf:3 no-new-access"],
    ),
    "a key is granted": (
        {"main.tf": ""},
        {"main.tf": KEY},
        ["main.tf:1 no-new-access"],
    ),
    "a text that is none": (
        {"main.tf": MANAGED},
        {"main.tf": MANAGED[:-2]},
        ["main.tf:1 unreadable"],
    ),
}


@pytest.mark.parametrize("name", CLOSED)
def test_what_allows_more_closes_the_gate_on_its_line(gate: Gate, name: str) -> None:
    before, after, expected = CLOSED[name]
    assert blocked(gate, before, dict(after)) == expected


TRUST: Final = (
    'resource "aws_iam_role" "r" {\n  name = "r"\n  assume_role_policy = jsonencode({ Statement = [{\n'
    '    Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "*" }\n  }] })\n}\n'
)


@pytest.mark.parametrize(
    ("text", "was", "old", "new"),
    [
        (MANAGED, '"s3:GetObject"', "s3:GetObject", "s3:PutObject"),
        (MANAGED, '"*"', "arn:aws:s3:::a/*", "arn:aws:s3:::b/*"),
        (TRUST, '"*"', "111122223333", "444455556666"),
    ],
)
def test_a_comment_stands_on_the_line_of_what_is_new_in_whichever_file(
    gate: Gate, text: str, was: str, old: str, new: str
) -> None:
    before = {
        "iam.tf": text.replace(was, "local.listed"),
        "locals.tf": f'locals {{\n  listed = [\n    "{old}",\n  ]\n}}\n',
    }
    after = before["locals.tf"].replace("  ]", f'    "{new}",\n  ]')
    (finding,) = gate.report(before, {"locals.tf": after}).findings
    patch = f'@@ -1,5 +1,6 @@\n locals {{\n   listed = [\n     "{old}",\n+    "{new}",\n   ]\n }}'
    blob = blob_id(after.encode())
    shown = Diff([PullFile("locals.tf", "locals.tf", blob, patch)], lambda _: after)
    files = Files({"locals.tf": after.encode()}, {})
    assert finding.at.path == "iam.tf"
    assert anchor(finding, shown, files) == LineAnchor("locals.tf", 4, 4)


def test_a_fix_names_a_key_of_which_some_is_unknown_as_it_is_written(gate: Gate) -> None:
    trust = TRUST.replace(
        'AWS = "*" }',
        'AWS = "111122223333" }, Condition = { StringEquals = { "${var.issuer}:aud" = ["a"] } }',
    )
    before = 'variable "issuer" { type = string }\n' + trust
    after = before.replace('["a"]', '["a", "b"]')
    (finding,) = gate.report({"main.tf": before}, {"main.tf": after}).findings
    assert finding.fix
    assert finding.fix.words.startswith("remove `b` from `${var.issuer}:aud` of")


def test_a_guardrail_that_could_not_be_followed_is_not_taken_for_none(gate: Gate) -> None:
    scp = (
        'resource "aws_organizations_policy" "p" {\n  name = "p"\n  content = jsonencode({\n'
        '    Statement = [{ Effect = "Deny", Action = "%s", Resource = "*" }]\n  })\n}\n'
    )
    before = {"main.tf": (scp % "s3:*").replace("jsonencode({", "jsonencode({ a = local.none,")}
    assert blocked(gate, before, {"main.tf": scp % "s3:DeleteBucket"}) == [
        "main.tf:3 deny-weakened"
    ]
