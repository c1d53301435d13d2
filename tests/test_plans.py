"""Plans of Terraform beside their source: one verdict, on the source's lines, and nothing lost."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest

from checker.render import report_json
from tests.plans import accesses, change, report, said, text, written
from tests.repository import Repository
from tests.test_terraform_carriers import WAYS

Json: TypeAlias = Any
ESTATE: Final = Path(__file__).parent / "data" / "plans" / "estate"
READ: Final = {"Action": "s3:GetObject", "Effect": "Allow", "Resource": "arn:aws:s3:::data/*"}
WRITE: Final = {**READ, "Action": "s3:PutObject"}
NO_IAM: Final = {"Action": "iam:*", "Effect": "Deny", "Resource": "*"}
TRUST: Final = text(
    {
        "Action": "sts:AssumeRole",
        "Effect": "Allow",
        "Principal": {"Service": "ec2.amazonaws.com"},
    }
)


def files(side: str, folder: str = "infra", of: Path = ESTATE) -> dict[str, str]:
    found = of / side
    paths = (path for path in sorted(found.rglob("*")) if path.is_file())
    return {f"{folder}/{path.relative_to(found)}": path.read_text("utf-8") for path in paths}


TOLD: Final = [  # by a plan that Terraform 1.11.4 has made with version 5.100.0 of the provider
    "infra/app/main.tf:10 `s3:DeleteObject` on `arn:aws:s3:::0cc1/*`",
    "infra/app/main.tf:10 `s3:DeleteObject` on `arn:aws:s3:::cbfb/*`",
    "infra/main.tf:20 `s3:GetObject` on `arn:aws:s3:::${aws_s3_bucket.new.bucket}/*`",
    "infra/main.tf:67 `s3:GetObject` on `arn:aws:s3:::${var.key}/*`",  # only the plan knows
    "infra/moved.json:4 `sqs:DeleteMessage` on `*`",
]


def test_a_true_plan_is_told_on_the_lines_of_its_source(repository: Repository) -> None:
    planned = json.loads((ESTATE / "plan.json").read_text("utf-8"))
    alone = report(repository, files("base"), files("head"))
    both = report(repository, files("base"), files("head"), planned)
    assert accesses(both) == TOLD
    known = {f.fingerprint for f in alone.findings}
    added = [f for f in both.findings if f.fingerprint not in known]
    assert known < {f.fingerprint for f in both.findings}
    assert [f.owner for f in added] == ["aws_iam_policy.secret: the policy, as planned"]
    assert len(both.policies) == len(alone.policies)  # each counts once
    assert both.documents == alone.documents + 1


def test_a_true_plan_without_its_source_is_told_where_it_stands(repository: Repository) -> None:
    planned = json.loads((ESTATE / "plan.json").read_text("utf-8"))
    found = report(repository, {"a": "a"}, {"a": "b"}, planned)
    assert accesses(found) == [
        "plan.json:1 `sqs:DeleteMessage` on `*`",
        "plan.json:1 whatever `aws_iam_policy.secret.policy` grants",
        "plan.json:1 whatever `aws_iam_role_policy.app.policy` grants",
        "plan.json:1 `s3:DeleteObject` on `arn:aws:s3:::0cc1/*`",
        "plan.json:1 `s3:DeleteObject` on `arn:aws:s3:::cbfb/*`",
    ]


OTHERS: Final = [  # replaced, left over, forgotten, moved; a role with all that a provider copies
    "m/main.tf:3 `sts:AssumeRole` on `*`",
    "m/main.tf:25 `s3:Put*` on `arn:aws:s3:::${aws_s3_bucket.b.bucket}`",
    "m/main.tf:41 `s3:Put*` on `arn:aws:s3:::old`",
    "m/main.tf:42 `s3:Put*` on `arn:aws:s3:::${aws_s3_bucket.b.bucket}`",
    "m/main.tf:54 `s3:Put*` on `*`",
]


def test_a_true_plan_of_replacements(repository: Repository) -> None:
    of = ESTATE.parent / "replaced"
    planned = json.loads((of / "plan.json").read_text("utf-8"))
    same = files("head", "m", of)
    assert accesses(report(repository, same, {"a": "a"}, planned)) == OTHERS


LIFE: Final = [  # what is created, changed, replaced, moved, imported and gone
    "infra/main.tf:15 `s3:GetObject` on `arn:aws:s3:::data-1f0c/*/*`",
    "infra/main.tf:37 `sqs:DeleteQueue` on `*`",
    "infra/main.tf:41 `sns:*` on `*`",
    "infra/main.tf:46 deny-weakened A Deny is weaker: `iam:*` on `*`",
    "infra/main.tf:54 `kms:*` on `*`",
    "infra/queue/main.tf:5 `sqs:SendMessage` on `arn:aws:sqs:us-east-1:123456789012:q-x`",
    "infra/queue/main.tf:5 `sqs:SendMessage` on `arn:aws:sqs:us-east-1:123456789012:q-y`",
]


def test_a_true_plan_of_all_that_becomes_of_resources_is_said_once(repository: Repository) -> None:
    of = ESTATE.parent / "life"
    planned = json.loads((of / "plan.json").read_text("utf-8"))
    base, head = files("base", of=of), files("head", of=of)
    both = report(repository, base, head, planned)
    assert [line for line in accesses(both) if "public" not in line] == LIFE
    assert len(report(repository, base, head).findings) == len(both.findings)


@pytest.mark.parametrize("way", WAYS)
def test_one_change_has_one_finding_in_every_way_it_is_written(
    repository: Repository, way: str
) -> None:
    before = WAYS[way]
    after = {
        path: content.replace('"s3:PutObject"', '"s3:DeleteObject"').replace(
            "- s3:PutObject", "- s3:DeleteObject"
        )
        for path, content in before.items()
    }
    old = json.loads(WAYS["file"]["p.json"])
    new = json.loads(WAYS["file"]["p.json"].replace("s3:PutObject", "s3:DeleteObject"))
    address = "module.m.aws_iam_policy.p" if "m/main.tf" in before else "aws_iam_policy.p"
    planned = written(
        change(address, {"policy": json.dumps(old)}, {"policy": text(*new["Statement"])})
    )
    alone = report(repository, before, after)
    repository.commit(before)
    both = report(repository, before, after, planned)
    assert said(both) == said(alone)
    assert [f.fingerprint for f in both.findings] == [f.fingerprint for f in alone.findings]
    assert [f.owner for f in both.findings] == [f.owner for f in alone.findings]
    assert [f.fix for f in both.findings] == [f.fix for f in alone.findings]


def policy(body: str, head: str = 'resource "aws_iam_policy" "p"') -> str:
    return f"{head} {{\n  policy = jsonencode({{\n    Statement = [\n{body}\n    ]\n  }})\n}}\n"


def statement(action: str = '"s3:GetObject"', resource: str = '"arn:aws:s3:::data/*"') -> str:
    return f'      {{ Effect = "Allow", Action = {action}, Resource = {resource} }},'


def role(name: str = "r", **more: Json) -> Json:
    return {"name": name, "id": name, "assume_role_policy": TRUST, **more}


ROLE: Final = (
    'resource "aws_iam_role" "r" {\n  name = "r"\n  assume_role_policy = jsonencode({ Version = "2012-10-17",'
    ' Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })\n}\n'
)
INLINE: Final = policy(statement(), 'resource "aws_iam_role_policy" "p"').replace(
    "  policy =", "  role = aws_iam_role.r.id\n  policy =", 1
)
ALL: Final = INLINE.replace('"s3:GetObject"', '"*"')
GUARD: Final = (
    INLINE.replace('"p"', '"g"').replace('"s3:GetObject"', '"iam:*"').replace("Allow", "Deny")
)
ALL_OF_IT: Final = {"role": "r", "policy": text({**READ, "Action": "*"})}
SAME_ALL: Final = change("aws_iam_role_policy.p", ALL_OF_IT, ALL_OF_IT, actions=["no-op"])
GUARDED: Final = {"role": "r", "policy": text({**NO_IAM, "Resource": "arn:aws:s3:::data/*"})}
SAME_ROLE: Final = change("aws_iam_role.r", role(), role(), actions=["no-op"])
COPIES: Final[dict[str, Json]] = {
    "inline_policy": [{"name": "g", "policy": text(NO_IAM)}],
    "managed_policy_arns": ["arn:aws:iam::aws:policy/AWSDenyAll"],
}
SET_ROLE: Final[Json] = {"aws_iam_role.r": {"name": {}, "assume_role_policy": {}}}


@dataclass(frozen=True)
class Case:
    """A plan of a module, and what is found with the source and without it."""

    before: str
    after: str
    changes: list[Json]
    found: list[str]
    alone: list[str] = field(default_factory=list)
    more: dict[str, Json] = field(default_factory=dict)
    set: dict[str, Json] = field(default_factory=dict)


OPEN: Final = policy(statement(resource='"${aws_s3_bucket.b.arn}/*"'))
BUCKET: Final = 'resource "aws_s3_bucket" "b" {}\n'
_WEAKER: Final = "A Deny is weaker: whatever `aws_iam_policy.p.policy as it is` denies"
WHOLE: Final = "plan.json:1 whatever `aws_iam_policy.p.policy` grants"
PLAIN: Final = {"policy": text(READ)}
WIDE: Final = {"policy": text(READ, WRITE)}
TWO: Final = policy(f"{statement()}\n{statement(chr(34) + 's3:PutObject' + chr(34))}")
GIVEN: Final = text({**READ, "Principal": {"AWS": "arn:aws:iam::444455556666:root"}})
PUBLIC: Final = [
    "`s3:GetObject` on `arn:aws:s3:::data/*`",
    "no-public-access Public access: `s3:GetObject` on `arn:aws:s3:::data/*`",
]
ANYONES: Final = text({**READ, "Principal": "*"})
DATA: Final = (
    'data "aws_iam_policy_document" "d" {\n  statement {\n    actions   = ["s3:GetObject"]\n'
    '    resources = ["${aws_s3_bucket.b.arn}/*"]\n  }\n}\n'
    'resource "aws_iam_policy" "p" {\n  policy = data.aws_iam_policy_document.d.json\n}\n'
)
EACH: Final = policy(
    statement(resource='"arn:aws:s3:::${each.key}/*"'),
    'variable "n" { type = set(string) }\nresource "aws_iam_policy" "p"',
).replace("  policy =", "  for_each = var.n\n  policy =", 1)


def bucket(name: str) -> str:
    return text({**READ, "Resource": f"arn:aws:s3:::{name}/*"})


CASES: Final = {
    "known only after apply, with what is known": Case(
        BUCKET + policy(statement()),
        BUCKET + OPEN,
        [
            change("aws_s3_bucket.b", None, {"tags": None}, {"arn": True, "policy": True}),
            change("aws_iam_policy.p", PLAIN, {}, {"policy": True}),
        ],
        ["main.tf:5 `s3:GetObject` on `arn:aws:s3:::${aws_s3_bucket.b.bucket}/*`"],
        [WHOLE],
        set={"aws_s3_bucket.b": {}},
    ),
    "known only after apply, and no more than before": Case(
        BUCKET + OPEN,
        BUCKET + OPEN + "# a word\n",
        [
            change("aws_s3_bucket.b", *[{"arn": "arn:aws:s3:::data"}] * 2, actions=["no-op"]),
            change("aws_iam_policy.p", PLAIN, {}, {"policy": True}),
        ],
        [],
        [WHOLE],
        set={"aws_s3_bucket.b": {}},
    ),
    "a data source that is read while it is applied": Case(
        BUCKET,
        BUCKET + DATA,
        [
            change("aws_s3_bucket.b", None, {}, {"arn": True}),
            change("data.aws_iam_policy_document.d", None, {}, {"json": True}, actions=["read"]),
            change("aws_iam_policy.p", None, {"name": "p"}, {"policy": True, "arn": True}),
        ],
        ["main.tf:3 `s3:GetObject` on `arn:aws:s3:::${aws_s3_bucket.b.bucket}/*`"],
        [WHOLE],
    ),
    "what only a variable of the plan widens": Case(
        'variable "b" {}\n' + policy(statement(resource="var.b")),
        'variable "b" {}\n\n' + policy(statement(resource="var.b")),
        [change("aws_iam_policy.p", PLAIN, {"policy": bucket("*")})],
        ["main.tf:6 `s3:GetObject` on `arn:aws:s3:::*/*`"],
        ["plan.json:1 `s3:GetObject` on `arn:aws:s3:::*/*`"],
    ),
    "a wildcard in place of what is open": Case(
        'variable "b" {}\n',
        'variable "b" {}\n' + policy(statement(resource='"arn:aws:s3:::${var.b}/*"')),
        [change("aws_iam_policy.p", None, {"policy": bucket("*")})],
        [
            "main.tf:5 `s3:GetObject` on `arn:aws:s3:::*/*`",
            "main.tf:5 `s3:GetObject` on `arn:aws:s3:::${var.b}/*`",
        ],
        ["plan.json:1 `s3:GetObject` on `arn:aws:s3:::*/*`"],
    ),
    "what a plan refutes is still true of other deployments": Case(
        'variable "b" {}\n' + policy(statement()),
        'variable "b" {}\n' + policy(statement(resource='"arn:aws:s3:::${var.b}/*"')),
        [change("aws_iam_policy.p", PLAIN, PLAIN, actions=["no-op"])],
        ["main.tf:5 `s3:GetObject` on `arn:aws:s3:::${var.b}/*`"],
    ),
    "a plan of another commit": Case(
        policy(statement()),
        policy(statement()) + "# a word\n",
        [change("aws_iam_policy.p", PLAIN, WIDE)],
        ["main.tf:3 `s3:PutObject` on `arn:aws:s3:::data/*`"],
        ["plan.json:1 `s3:PutObject` on `arn:aws:s3:::data/*`"],
    ),
    "what the source does not say, and the plan's configuration does": Case(
        'resource "aws_s3_bucket" "b" {}\n',
        'resource "aws_s3_bucket" "b" {}\n# a word\n',
        [change("aws_s3_bucket.b", {"policy": GIVEN}, {"policy": ANYONES})],
        [f"main.tf:1 {each}" for each in PUBLIC],
        [f"plan.json:1 {each}" for each in PUBLIC],
    ),
    "what a provider copies into a bucket": Case(
        'resource "aws_s3_bucket" "b" {}\n',
        'resource "aws_s3_bucket" "b" {}\n# a word\n',
        [change("aws_s3_bucket.b", {"policy": GIVEN}, {"policy": ANYONES})],
        [],
        set={"aws_s3_bucket.b": {}},
    ),
    "moved": Case(
        policy(statement(), 'resource "aws_iam_policy" "q"'),
        policy(statement()) + "moved {\n  from = aws_iam_policy.q\n  to = aws_iam_policy.p\n}\n",
        [change("aws_iam_policy.p", PLAIN, PLAIN, previous_address="aws_iam_policy.q")],
        [],
    ),
    "moved, and more": Case(
        policy(statement(), 'resource "aws_iam_policy" "q"'),
        TWO + "moved {\n  from = aws_iam_policy.q\n  to = aws_iam_policy.p\n}\n",
        [change("aws_iam_policy.p", PLAIN, WIDE, previous_address="aws_iam_policy.q")],
        ["main.tf:5 `s3:PutObject` on `arn:aws:s3:::data/*`"],
        ["plan.json:1 `s3:PutObject` on `arn:aws:s3:::data/*`"],
    ),
    "replaced, with what an earlier replacement has left": Case(
        policy(statement()),
        policy(statement()) + "# a word\n",
        [
            change("aws_iam_policy.p", PLAIN, PLAIN, actions=["delete", "create"]),
            change("aws_iam_policy.p", PLAIN, None, deposed="deadbeef"),
        ],
        [],
    ),
    "deleted": Case(
        ROLE + INLINE,
        ROLE,
        [SAME_ROLE, change("aws_iam_role_policy.p", {"role": "r", **PLAIN}, None)],
        [],
    ),
    "a Deny is deleted": Case(
        ROLE + ALL + GUARD,
        ROLE + ALL,
        [SAME_ROLE, SAME_ALL, change("aws_iam_role_policy.g", GUARDED, None)],
        ["main.tf:9 `*` on `arn:aws:s3:::data/*`"],
        ["plan.json:1 `*` on `arn:aws:s3:::data/*`"],
    ),
    "only forgotten": Case(
        "",
        "# a word\n",
        [
            SAME_ROLE,
            SAME_ALL,
            change("aws_iam_role_policy.g", GUARDED, None, actions=["forget"]),
        ],
        [],
    ),
    "what a provider copies into a role is nobody's": Case(
        ROLE + ALL,
        ROLE + ALL + "# a word\n",
        [
            change("aws_iam_role.r", role(**COPIES), role(**COPIES), actions=["no-op"]),
            SAME_ALL,
            change("aws_iam_role_policy.g", GUARDED, None),
        ],
        ["main.tf:9 `*` on `arn:aws:s3:::data/*`"],
        ["plan.json:1 `*` on `arn:aws:s3:::data/*`"],
        set=SET_ROLE,
    ),
    "a new role, whose copies are not known yet": Case(
        "",
        ROLE,
        [
            change(
                "aws_iam_role.r", None, role(), {"inline_policy": True, "managed_policy_arns": True}
            )
        ],
        ["main.tf:3 `sts:AssumeRole` on `*`"],
        ["plan.json:1 `sts:AssumeRole` on `*`"],
        set=SET_ROLE,
    ),
    "the rest of a role stands in the prior state": Case(
        ROLE + INLINE,
        ROLE + INLINE + INLINE.replace('"p"', '"q"'),
        [change("aws_iam_role_policy.q", None, {"role": "r", **PLAIN})],
        [],
        more={
            "prior_state": {
                "values": {
                    "root_module": {
                        "resources": [
                            {
                                "address": a,
                                "mode": "managed",
                                "type": a.split(".")[0],
                                "name": a.split(".")[1],
                                "values": v,
                            }
                            for a, v in (
                                ("aws_iam_role.r", role()),
                                ("aws_iam_role_policy.p", {"role": "r", **PLAIN}),
                            )
                        ]
                    }
                }
            }
        },
    ),
    "a secret that is another one": Case(
        policy(statement()),
        policy(statement()) + "# a word\n",
        [
            change(
                "aws_iam_policy.p",
                PLAIN,
                WIDE,
                before_sensitive={"policy": True},
                after_sensitive={"policy": True},
            )
        ],
        [
            f"main.tf:2 deny-weakened {_WEAKER}",
            "main.tf:4 `s3:GetObject` on `arn:aws:s3:::data/*`",
        ],
        [f"plan.json:1 deny-weakened {_WEAKER}", WHOLE],
    ),
    "a secret that is the same": Case(
        policy(statement()),
        policy(statement()) + "# a word\n",
        [
            change(
                "aws_iam_policy.p",
                PLAIN,
                PLAIN,
                before_sensitive={"policy": True},
                after_sensitive={"policy": True},
            )
        ],
        [],
    ),
    "imported": Case(
        "",
        policy(statement()),
        [change("aws_iam_policy.p", PLAIN, PLAIN, actions=["no-op"], importing={"id": "arn"})],
        ["main.tf:4 `s3:GetObject` on `arn:aws:s3:::data/*`"],  # the source knows of no import
    ),
    "instances that only the plan tells": Case(
        EACH,
        EACH + "# a word\n",
        [
            change('aws_iam_policy.p["a\\"] $${b} %%{c}.policy"]', None, {"policy": bucket("x")}),
            change('aws_iam_policy.p["\\u00e4"]', {"policy": bucket("y")}, {"policy": bucket("y")}),
        ],
        ["main.tf:6 `s3:GetObject` on `arn:aws:s3:::x/*`"],
        ["plan.json:1 `s3:GetObject` on `arn:aws:s3:::x/*`"],
    ),
    "instances that the source knows together": Case(
        EACH,
        EACH.replace('"s3:GetObject"', '"s3:PutObject"'),
        [
            change(
                f'aws_iam_policy.p["{each}"]',
                *({"policy": bucket(each).replace("Get", how)} for how in ("Get", "Put")),
            )
            for each in ("a", "b")
        ],
        ["main.tf:6 `s3:PutObject` on `arn:aws:s3:::${var.n[key]}/*`"],
        [
            "plan.json:1 `s3:PutObject` on `arn:aws:s3:::a/*`",
            "plan.json:1 `s3:PutObject` on `arn:aws:s3:::b/*`",
        ],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_plan_and_its_source(repository: Repository, name: str) -> None:
    case = CASES[name]
    planned = written(*case.changes, set_=case.set, **case.more)
    found = report(repository, {"main.tf": case.before}, {"main.tf": case.after}, planned)
    assert accesses(found) == case.found
    alone = report(repository, {"main.tf": "", "a": "a"}, {"a": "b", "main.tf": None}, planned)
    assert accesses(alone) == case.alone


def test_no_secret_of_a_plan_is_shown(repository: Repository) -> None:
    def of(name: str) -> Json:
        return {"policy": bucket(f"hidden-{name}"), "name": f"hidden-{name}"}

    marks = {f"{side}_sensitive": {"policy": True, "name": True} for side in ("before", "after")}
    planned = written(
        change("aws_iam_policy.p", of("a"), of("b"), **marks),
        variables={"b": {"value": "hidden-b"}},
    )
    planned["configuration"]["root_module"]["variables"] = {"b": {"sensitive": True}}
    source = 'variable "b" {\n  sensitive = true\n}\n' + policy(
        statement(resource='"arn:aws:s3:::${var.b}/*"')
    )
    for files in ({"main.tf": source}, {"main.tf": None, "a": "b"}):
        found = report(repository, {"main.tf": source}, files, planned)
        assert found.blocks
        assert "hidden" not in report_json.render(found, "0")
