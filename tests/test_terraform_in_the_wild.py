"""The gate on ways to write Terraform that public estates have: what closes it, and what does not."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.gate import Gate
from tests.repository import Repository
from tests.test_terraform_gate import ATTACHED, AWS, INLINE, MANAGED, ROLE, blocked


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    repository = Repository(tmp_path)
    repository.git("init", "--quiet", "--initial-branch=main")
    return Gate(repository)


def document(name: str, *lines: str) -> str:
    """Return a data source with one statement of these lines."""
    inner = "".join(f"    {line}\n" for line in lines)
    return f'data "aws_iam_policy_document" "{name}" {{\n  statement {{\n{inner}  }}\n}}\n'


READ: Final = document("p", 'actions = ["s3:GetObject"]', "resources = [local.arn]")
POLICY: Final = (
    'resource "aws_iam_policy" "p" {\n  policy = data.aws_iam_policy_document.p.json\n}\n'
)
ARN: Final = 'locals {\n  arn = "arn:aws:s3:::b/*"\n}\n'
ELSEWHERE: Final = (
    'provider "aws" {\n  alias = "west"\n  region = "us-west-2"\n}\n'
    + ARN
    + READ
    + POLICY.replace("{\n", "{\n  provider = aws.west\n", 1)
)
LOG: Final = 'resource "aws_cloudwatch_log_group" "l" {\n  name = "l"\n}\n'
BROKEN: Final = (
    'resource "aws_iam_policy" "q" {\n  policy = jsonencode(yamldecode(file("q.yml")))\n}\n'
)
LISTED: Final = 'variable "b" { type = string }\nlocals {\n  arn = sort(formatlist("arn:aws:s3:::${var.b}/%s/*", ["a"]))[0]\n}\n'
CLUSTER: Final = (
    'module "eks" {\n  source = "terraform-aws-modules/eks/aws"\n  version = "20.1.0"\n}\n'
    'resource "aws_iam_role" "r" {\n  assume_role_policy = <<EOF\n{"Statement": [{"Effect": "Allow",\n'
    '"Action": "sts:AssumeRoleWithWebIdentity", "Principal": {"Federated": "${module.eks.provider}"},\n'
    '"Condition": {"StringEquals": {"${replace(module.eks.issuer, "https://", "")}:sub": "a"}}}]}\n'
    "EOF\n}\n"
)
OUTPUT: Final = CLUSTER.partition("resource")[0] + POLICY.replace(
    "data.aws_iam_policy_document.p.json", "module.eks.policy"
)
OFF: Final = (
    'variable "on" {\n  type = bool\n  default = false\n}\nvariable "arn" { default = null }\n'
    'resource "aws_iam_policy" "p" {\n  count = var.on ? 1 : 0\n  policy = jsonencode({\n'
    '    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "${var.arn}/*" }]\n  })\n}\n'
)
ENVIRONMENT: Final = 'variable "env" {\n  default = "dev"\n}\nlocals {\n  of = { dev = ["s3:GetObject"], prod = ["s3:ListBucket"] }\n}\n'
PICKED: Final = {
    "a key": "local.of[var.env]",
    "a key in a local": "local.of[local.key]",
    "a lookup": 'lookup(local.of, var.env, ["s3:GetObject"])',
    "a side": 'var.env == "prod" ? local.of["prod"] : local.of["dev"]',
    "a side of a side": 'var.env == "x" ? [] : var.env == "prod" ? local.of.prod : local.of.dev',
    "what is contained": 'contains(["prod"], var.env) ? local.of.prod : local.of.dev',
    "a part": 'concat(local.of.dev, [for a in local.of.prod : a if var.env == "prod"])',
    "a directive": '["s3:%{if var.env == "prod"}${trimprefix(local.of.prod[0], "s3:")}%{else}GetObject%{endif}"]',
    "a text": '["s3:${var.env == "prod" ? trimprefix(local.of.prod[0], "s3:") : "GetObject"}"]',
}
STATEMENT: Final = (
    'variable "users" {\n  type = map(object({ id = string }))\n  default = {}\n}\n'
    'data "aws_iam_policy_document" "p" {\n  statement {\n    actions = ["s3:List*"]\n'
    '    resources = ["*"]\n  }\n  dynamic "statement" {\n    for_each = var.users\n    content {\n'
    '      actions = ["s3:GetObject"]\n      resources = ["arn:aws:s3:::${statement.value.id}/*"]\n'
    "    }\n  }\n}\n" + POLICY
)
SET: Final = 'resource "aws_ssoadmin_permission_set" "s" {\n  name = "s"\n  instance_arn = "arn:aws:sso:::instance/i"\n}\n'
CUSTOMER_MANAGED: Final = (
    'resource "aws_ssoadmin_customer_managed_policy_attachment" "a" {\n'
    "  permission_set_arn = aws_ssoadmin_permission_set.s.arn\n"
    '  customer_managed_policy_reference {\n    name = "audit"\n  }\n}\n'
)
BOUNDARY: Final = (
    'resource "aws_ssoadmin_permissions_boundary_attachment" "b" {\n'
    "  permission_set_arn = aws_ssoadmin_permission_set.s.arn\n  permissions_boundary {\n"
    '    managed_policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"\n  }\n}\n'
)

DOC: Final = 'locals {\n  doc = { Statement = [{ Effect = "Allow", Action = "s3:Get*", Resource = local.arn }] }\n}\n'
KEPT: Final = (
    ARN
    + DOC
    + 'resource "terraform_data" "d" {\n  input = local.doc\n}\nresource "aws_iam_policy" "p" {\n'
    "  policy = jsonencode(terraform_data.d.output)\n}\n"
)
NO_UNIT: Final = (
    'data "aws_organizations_organizational_units" "all" {\n  parent_id = "r-1"\n}\n'
    'resource "aws_organizations_policy" "p" {\n  count = 0\n  tags = {}\n  content = "{}"\n}\n'
    'resource "aws_organizations_policy_attachment" "p" {\n'
    "  for_each = { for ou in data.aws_organizations_organizational_units.all.children :\n"
    "    ou.name => ou if contains([], ou.name) }\n"
    "  policy_id = aws_organizations_policy.p[0].id\n  target_id = each.value.id\n}\n"
)
CLOUD_CONTROL: Final = (
    'resource "awscc_iam_role" "r" {\n'
    '  managed_policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]\n}\n'
)
EPHEMERAL: Final = (
    'ephemeral "random_password" "p" {\n  length = 9\n}\nresource "aws_iam_policy" "p" {\n'
    '  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:GetObject",\n'
    '    Resource = "arn:aws:s3:::${ephemeral.random_password.p.result}/*" }] })\n}\n'
)
IN_ACCOUNTS: Final = {
    "main.tf": "".join(
        f'module "{name}" {{\n  source = "./m"\n  providers = {{ aws = aws.{name} }}\n'
        f'  policy = "arn:aws:iam::aws:policy/{policy}"\n}}\n'
        for name, policy in (("a", "ReadOnlyAccess"), ("b", "AdministratorAccess"))
    ),
    "m/main.tf": 'variable "policy" {}\n'
    + ROLE
    + AWS.replace('"arn:aws:iam::aws:policy/NAME"', "var.policy")
    + 'output "name" {\n  value = aws_iam_role.r.name\n}\n',
}
BESIDE: Final = AWS.replace("aws_iam_role.r.id", "module.a.name").replace("NAME", "IAMFullAccess")
OF_ACCOUNTS: Final = {
    "main.tf": "".join(
        f'module "{name}" {{\n  source = "./m"\n  providers = {{ aws = aws.{name} }}\n'
        f'  action = "{action}"\n}}\n'
        for name, action in (("a", "s3:*"), ("b", "s3:Get*"))
    ),
    "m/main.tf": 'variable "action" {}\n'
    + MANAGED.replace('"s3:GetObject"', "var.action")
    + 'output "arn" {\n  value = aws_iam_policy.p.arn\n}\n',
    "role.tf": ROLE + ATTACHED.replace("aws_iam_policy.p.arn", "module.b.arn"),
}
CALLED: Final = {
    "main.tf": "".join(
        f'module "{name}" {{\n  source = "./m"\n  providers = {{ aws = aws.{name} }}\n}}\n'
        for name in ("dev", "prod")
    )
    + READ.replace("local.arn", '"arn:aws:s3:::logs-${module.dev.account}/*"')
    + POLICY,
    "m/main.tf": 'data "aws_caller_identity" "me" {}\n'
    'output "account" {\n  value = data.aws_caller_identity.me.account_id\n}\n',
}
LIBRARY: Final = {
    "modules/role/main.tf": 'variable "on" { default = false }\nvariable "name" { default = null }\n'
    + ROLE.replace('name = "r"', 'name = "${var.name}-role"')
    + INLINE.replace("{\n", "{\n  count = var.on ? 1 : 0\n", 1),
    "examples/role/main.tf": 'module "role" {\n  source = "../../modules/role"\n  name = "r"\n}\n',
}
LABELLED: Final = (
    'module "this" {\n  source = "cloudposse/label/null"\n  version = "0.25.0"\n}\n'
    + ROLE
    + INLINE
    + ROLE.replace('"r" {\n', '"q" {\n  count = module.this.enabled ? 1 : 0\n').replace(
        '= "r"', '= "q"'
    )
    + 'resource "aws_sqs_queue_policy" "q" {\n  queue_url = "q"\n'
    '  policy = join("", data.aws_iam_policy_document.q.*.json)\n}\n'
    + document(
        "q",
        'actions = ["sqs:SendMessage"]',
        'resources = ["*"]',
        'principals {\n      type = "AWS"',
        "  identifiers = [one(aws_iam_role.q[*].arn)]\n    }",
    )
)
FOR_EACH_STAGE: Final = {
    "app/main.tf": 'variable "arn" { type = string }\nvariable "stage" {}\n'
    + ROLE
    + INLINE.replace('Resource = "*"', "Resource = var.arn"),
    "other/main.tf": 'variable "stage" {}\n',
    "app/stages/prod.tfvars": 'stage = "prod"\narn = "arn:aws:s3:::b/*"\n',
}

SAME: Final = {
    "a loop that keeps nothing, whatever there is": (
        {"main.tf": NO_UNIT},
        {"main.tf": NO_UNIT.replace("tags = {}", "tags = { a = 1 }")},
    ),
    "another version of what names things": (
        {"main.tf": LABELLED},
        {"main.tf": LABELLED.replace("0.25.0", "0.26.0")},
    ),
    "accounts in another order": (
        {**IN_ACCOUNTS, "more.tf": BESIDE},
        {"main.tf": "module".join(["", *IN_ACCOUNTS["main.tf"].split("module")[:0:-1]])},
    ),
    "less in a file of values that only a command line names": (
        FOR_EACH_STAGE,
        {"app/stages/prod.tfvars": 'stage = "test"\narn = "arn:aws:s3:::b/a/*"\n'},
    ),
    "a reference that says it is one to a resource": (
        {"main.tf": ROLE + INLINE},
        {"main.tf": ROLE + INLINE.replace("aws_iam_role.r.name", "resource.aws_iam_role.r.name")},
    ),
    "a provider with an alias": ({"main.tf": ELSEWHERE}, {"main.tf": ELSEWHERE + LOG}),
    "what is not understood, and another block": (
        {"main.tf": BROKEN + ARN + READ + POLICY, "q.yml": "a: [\n"},
        {"main.tf": BROKEN + "# why\n" + ARN + READ + POLICY + LOG},
    ),
    "less than all that begins with what is not known": (
        {"main.tf": LISTED.replace("%s/", "") + READ + POLICY},
        {"main.tf": LISTED + READ + POLICY},
    ),
    "an argument for a remote module of which a text is taken": (
        {"main.tf": CLUSTER},
        {"main.tf": CLUSTER.replace("20.1.0", "20.2.0")},
    ),
    "less of what a default leaves out": (
        {"main.tf": OFF},
        {"main.tf": OFF.replace("/*", "/a")},
    ),
    "a default leaves it out": (
        {"main.tf": OFF.replace("false", "true").replace("null", '"arn:aws:s3:::b"')},
        {"main.tf": OFF.replace("null", '"arn:aws:s3:::b"')},
    ),
}

MORE: Final = {
    "a brace that takes in the rest of a file": (
        {"main.tf": "locals {\n  x = 1\n}\n" + ROLE + INLINE},
        {"main.tf": "locals {\n%{x = 1\n}\n" + ROLE + INLINE + "}\n"},
        ["main.tf:2 unreadable"],
    ),
    "more in what goes through a resource that keeps it": (
        {"main.tf": KEPT},
        {"main.tf": KEPT.replace("Get", "*")},
        ["main.tf:5 no-new-access"],
    ),
    "a local for a remote module of which a policy is taken": (
        {"main.tf": "locals {\n  x = 1\n}\n" + OUTPUT.replace('20.1.0"', '20.1.0"\n  x = local.x')},
        {"main.tf": "locals {\n  x = 2\n}\n" + OUTPUT.replace('20.1.0"', '20.1.0"\n  x = local.x')},
        ["main.tf:10 no-new-access"],
    ),
    "what names things says that it is there": (
        {"main.tf": LABELLED.replace('0.25.0"', '0.25.0"\n  enabled = false')},
        {"main.tf": LABELLED.replace('0.25.0"', '0.25.0"\n  enabled = true')},
        ["main.tf:17 no-new-access", "main.tf:24 no-new-access"],
    ),
    "more in what a module for others leaves out": (
        LIBRARY,
        {"modules/role/main.tf": LIBRARY["modules/role/main.tf"].replace("s3:GetObject", "s3:*")},
        ["modules/role/main.tf:10 no-new-access"],
    ),
    "more for one who may not be there": (
        {"main.tf": LABELLED},
        {"main.tf": LABELLED.replace("sqs:SendMessage", "sqs:*")},
        ["main.tf:23 no-new-access"],
    ),
    "the policy of the same name in another account": (
        OF_ACCOUNTS,
        {"role.tf": OF_ACCOUNTS["role.tf"].replace("module.b", "module.a")},
        ["m/main.tf:4 no-new-access"],
    ),
    "an account that a module is called with": (
        CALLED,
        {"main.tf": CALLED["main.tf"].replace("module.dev.account", "module.prod.account")},
        ["main.tf:10 no-new-access"],
    ),
    "a policy that the role of the same name in another account has": (
        IN_ACCOUNTS,
        {"main.tf": IN_ACCOUNTS["main.tf"].replace("ReadOnly", "Administrator")},
        ["main.tf:4 no-new-access"],
    ),
    "a policy goes to the role of the same name in another account": (
        {**IN_ACCOUNTS, "more.tf": BESIDE},
        {"more.tf": BESIDE.replace("module.a", "module.b")},
        ["more.tf:3 no-new-access"],
    ),
    "a policy from elsewhere in a resource of which nothing is known": (
        {
            "main.tf": ARN
            + 'resource "aws_new_thing" "n" {\n  policy = jsonencode(local.doc)\n}\n'
            + DOC
        },
        {
            "main.tf": ARN
            + 'resource "aws_new_thing" "n" {\n  policy = jsonencode(local.doc)\n}\n'
            + DOC.replace("Get", "*")
        },
        ["main.tf:8 no-new-access"],
    ),
    "a policy of AWS for a role of Cloud Control": (
        {"main.tf": CLOUD_CONTROL},
        {"main.tf": CLOUD_CONTROL.replace("ReadOnly", "Administrator")},
        ["main.tf:2 no-new-access"],
    ),
    "more beside what is only there while it is applied": (
        {"main.tf": EPHEMERAL},
        {"main.tf": EPHEMERAL.replace("GetObject", "*")},
        ["main.tf:5 no-new-access"],
    ),
    "a file of values that only a command line names": (
        FOR_EACH_STAGE,
        {"app/stages/prod.tfvars": 'stage = "prod"\narn = "*"\n'},
        ["app/main.tf:9 no-new-access"],
    ),
    "a policy of the account for a permission set": (
        {"main.tf": SET},
        {"main.tf": SET + CUSTOMER_MANAGED},
        ["main.tf:8 no-new-access"],
    ),
    "a permission set without its boundary": (
        {"main.tf": SET + BOUNDARY},
        {"main.tf": SET},
        ["main.tf:8 no-new-access"],
    ),
    "more of what a default leaves out": (
        {"main.tf": OFF},
        {"main.tf": OFF.replace("GetObject", "*")},
        ["main.tf:9 no-new-access"],
    ),
    "what a default has left out": (
        {"main.tf": OFF.replace("null", '"arn:aws:s3:::b"')},
        {"main.tf": OFF.replace("null", '"arn:aws:s3:::b"').replace("false", "true")},
        ["main.tf:9 no-new-access"],
    ),
    "more in a statement that a default leaves out": (
        {"main.tf": STATEMENT},
        {"main.tf": STATEMENT.replace("GetObject", "*")},
        ["main.tf:12 no-new-access"],
    ),
    "what is not understood, and a file that it reads": (
        {"main.tf": BROKEN, "q.yml": "a: [\n"},
        {"q.yml": "a: [[\n"},
        ["q.yml:2 unreadable"],
    ),
    "another name in a format of what is not known": (
        {"main.tf": LISTED + READ + POLICY},
        {"main.tf": LISTED.replace('["a"]', '["b"]') + READ + POLICY},
        ["main.tf:6 no-new-access"],
    ),
    "an argument for a remote module of which a policy is taken": (
        {"main.tf": OUTPUT},
        {"main.tf": OUTPUT.replace("20.1.0", "20.2.0")},
        ["main.tf:6 no-new-access"],
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_what_allows_no_more_passes(gate: Gate, name: str) -> None:
    before, after = SAME[name]
    assert blocked(gate, before, dict(after)) == []


@pytest.mark.parametrize("name", MORE)
def test_what_allows_more_closes_the_gate(gate: Gate, name: str) -> None:
    before, after, expected = MORE[name]
    assert blocked(gate, before, dict(after)) == expected


WAYS_TO_TAKE: Final = {
    "by a number that nobody knows": (
        "count = length(var.n)",
        "count = length(var.n)",
        "[count.index].json",
    ),
    "the first of those that nobody counts": ("count = length(var.n)", "", "[0].json"),
    "all that there is as one": ("", "", 'join("", @.*.json)'),
    "by a key that nobody knows to be there": ("for_each = toset(var.n)", "", '["x"].json'),
    "from a list with what nobody knows": ("", "", "concat([@], var.n)[0].json"),
    "from an object with what nobody knows": (
        "",
        "",
        'merge({ a = @ }, { b = var.n }, var.m)["a"].json',
    ),
}


@pytest.mark.parametrize("name", WAYS_TO_TAKE)
def test_what_a_policy_says_is_told_apart_however_it_is_taken(gate: Gate, name: str) -> None:
    many, taker, taken = WAYS_TO_TAKE[name]
    document = "data.aws_iam_policy_document.p"
    value = taken.replace("@", document) if "@" in taken else f"{document}{taken}"
    source = (
        'variable "n" { type = list(string) }\nvariable "m" { type = any }\n'
        + ARN
        + READ.replace("{\n", f"{{\n  {many}\n", 1)
        + f'resource "aws_iam_policy" "p" {{\n  {taker}\n  policy = {value}\n}}\n'
    )
    assert blocked(gate, {"main.tf": source}, {"main.tf": source.replace("Get", "Put")})
    assert blocked(gate, {"main.tf": source}, {"main.tf": source + LOG}) == []


def test_a_file_is_judged_whichever_expression_reads_it(gate: Gate) -> None:
    policy = '{"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}'
    ways = {
        "name by name": 'for_each = toset(["p"])\n  policy = file("../policies/${each.key}.txt")',
        "a data source": "policy = data.local_file.p.content",
    }
    local_file = 'data "local_file" "p" {\n  filename = "../policies/p.txt"\n}\n'
    for way in ways.values():
        before = {
            "live/main.tf": f'{local_file}resource "aws_iam_policy" "p" {{\n  {way}\n}}\n',
            "policies/p.txt": policy,
        }
        after = {"policies/p.txt": policy.replace("GetObject", "*")}
        assert blocked(gate, before, dict(after)) == ["policies/p.txt:1 no-new-access"]


def of_environment(actions: str) -> dict[str, str]:
    local = "locals {\n  key = var.env\n}\n"
    return {
        "main.tf": ENVIRONMENT
        + local
        + document("p", f"actions = {actions}", 'resources = ["*"]')
        + POLICY
    }


@pytest.mark.parametrize("way", PICKED)
def test_what_a_default_does_not_pick_is_compared_too(gate: Gate, way: str) -> None:
    before = of_environment(PICKED[way])
    wider = {path: text.replace("s3:ListBucket", "s3:PutObject") for path, text in before.items()}
    (found,) = gate.findings(before, wider)
    assert found.headline == "New access: `s3:PutObject` on `*`"
    assert found.evidence is not None
    assert ('${var.env == "prod"}', "true") in found.evidence.given
    assert gate.findings(wider, {"main.tf": wider["main.tf"] + "# a word\n"}) == ()


def test_a_side_that_is_the_variable_itself_is_not_its_default(gate: Gate) -> None:
    optional = 'variable "arn" {\n  default = ""\n}\n' + MANAGED.replace(
        'Resource = "*"', 'Resource = var.arn != "" ? var.arn : "arn:aws:s3:::own/*"'
    )
    assert gate.findings({"main.tf": optional}, {"main.tf": optional + "# a word\n"}) == ()
    wider = {"main.tf": optional.replace("s3:GetObject", "s3:*")}
    assert [each.headline for each in gate.findings({"main.tf": optional}, wider)] == [
        "New access: `s3:*` on `arn:aws:s3:::own/*`",
        "New access: `s3:*` on `${var.arn}`",
    ]
