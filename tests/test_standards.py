"""What a team sets is asked of every policy that a change touches: one finding for each thing said."""

from __future__ import annotations

import pytest

from checker.findings import Severity
from checker.packs import PACKS
from checker.packs.pack import Access, Pack
from checker.policy import catalogue
from checker.render import words
from tests.gate import Files, Gate, allow, deny, policy, said
from tests.repository import Repository

ROLE, OLD = "role.json", policy(allow("s3:GetObject", "arn:aws:s3:::b/k"))
OWN = {"Principal": {"AWS": "arn:aws:iam::111122223333:root"}}
BUCKET = "arn:aws:s3:::b/*"


@pytest.fixture
def gate(repository: Repository) -> Gate:
    return Gate(repository)


def changed(gate: Gate, config: str, *statements: object, path: str = ROLE) -> list[str]:
    """Return what is said of a new policy, its new access aside."""
    config = f"{config}\nnew-policy: report\n"
    report = gate.report({"x.txt": "x"}, {path: policy(*statements)}, config)
    return [line for line in said(report) if " no-new-access " not in line]


GROUPS = """\
critical:
  audit-trail:
    why: nobody may touch the audit trail
    actions: ["cloudtrail:Stop*", "cloudtrail:Delete*"]
  only-at-home:
    why: data stays in one region
    actions: "s3:*"
    conditions: {StringNotEquals: {"aws:RequestedRegion": eu-central-1}}
"""
HOME = {"Condition": {"StringEquals": {"aws:RequestedRegion": "eu-central-1"}}}


def test_each_group_has_a_witness_and_a_reason_of_its_own(gate: Gate) -> None:
    found = gate.findings({ROLE: OLD}, {ROLE: policy(allow("*"))}, GROUPS)
    by_check = {finding.check.partition("/")[2]: finding for finding in found}
    audit, home = by_check["audit-trail"], by_check["only-at-home"]
    assert audit.evidence
    assert audit.evidence.witness
    assert audit.evidence.witness.action.startswith("cloudtrail:")
    assert home.evidence
    assert home.evidence.witness
    assert home.evidence.witness.context["aws:requestedregion"] != "eu-central-1"
    assert (audit.detail, home.detail) == (
        "nobody may touch the audit trail",
        "data stays in one region",
    )


@pytest.mark.parametrize(
    ("statements", "groups"),
    [
        ([allow("s3:GetObject", BUCKET, **HOME)], []),
        ([allow("s3:GetObject", BUCKET)], ["only-at-home"]),
        ([allow("cloudtrail:*"), deny(["cloudtrail:S*", "cloudtrail:D*"])], []),
        ([allow("cloudtrail:*"), deny("cloudtrail:Stop*")], ["audit-trail"]),
        ([allow("*", BUCKET, **HOME)], ["audit-trail"]),
    ],
)
def test_groups(gate: Gate, statements: list[object], groups: list[str]) -> None:
    expected = [f"{ROLE} access-not-granted/{name} block" for name in groups]
    assert changed(gate, GROUPS, *statements) == expected


def test_a_guardrail_grants_nothing(gate: Gate) -> None:
    config = f"{GROUPS}packs: [destruction]\npolicy-types: {{scp: scp/}}"
    assert not changed(gate, config, allow("*"), path="scp/a.json")


@pytest.mark.parametrize("name", list(PACKS))
def test_a_pack_blocks_what_it_names_and_not_reading(gate: Gate, name: str) -> None:
    config = f"packs: {name}"
    single = f"{ROLE} access-not-granted/{name} block"
    assert single in changed(gate, config, allow("*"))
    other = "other.json"
    assert not changed(gate, config, allow(["s3:Get*", "ec2:Describe*"], BUCKET), path=other)


def test_everything_on_a_bucket_is_no_escalation(gate: Gate) -> None:
    assert not changed(gate, "packs: privilege-escalation", allow("*", BUCKET))


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        pytest.param([allow("sts:AssumeRole")], True, id="any role"),
        pytest.param([allow("sts:*", "arn:aws:iam::*:role/*")], True, id="any role by its ARN"),
        pytest.param([allow("sts:AssumeRole", "arn:aws:iam::*:role/ci")], False, id="one by name"),
        pytest.param([allow("sts:AssumeRole", "arn:aws:iam::*:role/ci-*")], False, id="some"),
        pytest.param(
            [
                allow("sts:AssumeRole"),
                {
                    "Effect": "Deny",
                    "Action": "sts:AssumeRole",
                    "NotResource": "arn:aws:iam::*:role/ci/*",
                },
            ],
            False,
            id="all but some denied",
        ),
    ],
)
def test_to_assume_any_role_is_an_escalation(
    gate: Gate, statements: list[object], *, expected: bool
) -> None:
    found = changed(gate, "packs: privilege-escalation", *statements)
    assert (f"{ROLE} access-not-granted/privilege-escalation block" in found) is expected


def test_a_trust_policy_lets_nobody_assume_other_roles(gate: Gate) -> None:
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": "lambda.amazonaws.com"},
    }
    everything = f"packs: [{', '.join(PACKS)}]"
    assert changed(gate, everything, trust) == []
    assert changed(gate, everything, {**trust, "Action": "sts:*"}) == []


PAIR = "access-not-granted/privilege-escalation/pass-role-to-lambda"
PASS, RUN = allow("iam:PassRole"), allow("lambda:CreateFunction")
ROLE_ARN = "arn:aws:iam::111122223333:role/x"


def test_a_pack_is_set_once_for_all_of_its_combinations(gate: Gate) -> None:
    config = "packs: privilege-escalation\nnew-policy: report\n"
    report = gate.report({"x.txt": "x"}, {ROLE: policy(allow("lambda:*"), PASS)}, config)
    checks = {finding.check for finding in report.findings if finding.severity is Severity.BLOCK}
    assert "access-not-granted/privilege-escalation/pass-role-to-lambda" in checks
    blocking = [f for f in report.findings if f.check in checks]
    ways = " ".join(words.ways_to_open(blocking, report, "c.yml"))
    assert "`fail-on: {access-not-granted/privilege-escalation: warn}`" in ways


def test_combinations_through_one_statement_are_one_finding(gate: Gate) -> None:
    def found(*others: str) -> tuple[str, str, str]:
        document = policy(allow("iam:PassRole"), *(allow(each) for each in others))
        config = (
            "packs: [privilege-escalation]\nnew-policy: report\nfail-on: {no-new-access: off}\n"
        )
        (one,) = gate.findings({ROLE: OLD}, {ROLE: document}, config)
        return one.headline, one.detail, one.fingerprint

    _, alone, of_one = found("lambda:CreateFunction")
    headline, detail, of_two = found("lambda:CreateFunction", "ec2:RunInstances")
    assert headline == "Critical together: `iam:PassRole` on `*`"
    assert "also in combination" not in alone
    assert detail.endswith("; also in combination: `pass-role-to-lambda`")
    assert len({of_one, of_two, found("ec2:RunInstances")[2]}) == 3


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param([PASS], [PASS, RUN], True, id="the second is new"),
        pytest.param([RUN], [PASS, RUN], True, id="the first is new"),
        pytest.param([], [PASS, RUN], True, id="both are new"),
        pytest.param([PASS, RUN], [PASS, RUN, allow("s3:GetObject")], False, id="neither is"),
        pytest.param([], [PASS], False, id="one alone"),
        pytest.param([], [allow("*", BUCKET)], False, id="on other resources"),
        pytest.param([], [PASS, RUN, deny("lambda:Create*")], False, id="one is denied"),
        pytest.param(
            [], [allow("iam:Pass*", ROLE_ARN), allow("lambda:Create*")], True, id="by wildcard"
        ),
    ],
)
def test_a_combination_is_new_when_both_are_granted_now_and_not_before(
    gate: Gate, before: list[object], after: list[object], *, expected: bool
) -> None:
    old, new = {ROLE: policy(allow("s3:ListBucket"), *before)}, {ROLE: policy(*after)}
    report = gate.report(old, new, "packs: privilege-escalation")
    found = [finding for finding in report.findings if finding.check == PAIR]
    assert len(found) == expected
    assert bool([each for each in report.proved if each.check == PAIR]) is not expected
    for finding in found:
        assert finding.detail.startswith("together with `")
        assert "hands a role to a service" in finding.detail


MOST = policy(allow("*"), deny("iam:*"))


def test_a_reference_bounds_what_is_like_it_and_the_ledger_names_the_rest(gate: Gate) -> None:
    base: Files = {"most.json": MOST}
    bucket = policy(allow("s3:GetObject", BUCKET, **OWN))
    after: Files = {ROLE: policy(allow("iam:GetUser")), "bucket.json": bucket}
    config = "reference-policy: most.json\nnew-policy: reference"
    report = gate.report(base, after, config)
    assert said(report) == [
        "bucket.json no-new-access block",
        f"{ROLE} reference-policy block",
    ]
    assert [(each.path, "`most.json` is none" in each.reason) for each in report.skipped] == [
        ("bucket.json", True)
    ]


def test_a_reference_for_named_paths_has_to_fit(gate: Gate) -> None:
    after: Files = {"buckets/a.json": policy(allow("s3:GetObject", BUCKET, **OWN))}
    config = "reference-policy: {buckets/: most.json}\nnew-policy: reference"
    report = gate.report({"most.json": MOST}, after, config)
    assert report.result == "undecided"
    assert said(report) == ["buckets/a.json reference-policy block"]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("compare", [f"{ROLE} no-new-access block"]),
        ("report", [f"{ROLE} no-new-access warn"]),
        ("block", [f"{ROLE} new-policy block"]),
    ],
)
def test_a_new_policy(gate: Gate, mode: str, expected: list[str]) -> None:
    assert said(gate.report({"x.txt": "x"}, {ROLE: OLD}, f"new-policy: {mode}")) == expected


def test_what_is_trusted_is_asked_where_policies_name_principals(gate: Gate) -> None:
    config = "trusted: {accounts: '111122223333'}"
    bucket = "bucket.json"
    assert not changed(gate, config, allow("s3:GetObject", BUCKET, **OWN), path=bucket)
    other = {"Principal": {"AWS": "999988887777"}}
    assert changed(gate, config, allow("s3:GetObject", BUCKET, **other), path="b2.json") == [
        "b2.json trusted-access block"
    ]
    anyone = allow("s3:GetObject", BUCKET, Principal="*")
    assert changed(gate, config, anyone, path="b3.json") == [
        "b3.json no-public-access warn",
        "b3.json trusted-access block",
    ]
    service = allow("sqs:SendMessage", Principal={"Service": "sns.amazonaws.com"})
    assert changed(gate, "", service, path="queue.json") == ["queue.json confused-deputy warn"]


def test_levels_by_path(gate: Gate) -> None:
    config = "fail-on:\n  no-new-access: block\n  paths:\n    sandbox/: warn\n    lab/: off\n"
    after: Files = dict.fromkeys(("a.json", "sandbox/a.json", "lab/a.json"), OLD)
    report = gate.report({"x.txt": "x"}, after, config)
    assert said(report) == ["a.json no-new-access block", "sandbox/a.json no-new-access warn"]
    assert [(each.path, each.standing) for each in report.policies] == [
        ("a.json", "found"),
        ("lab/a.json", "nothing to ask"),
        ("sandbox/a.json", "found"),
    ]


def test_settings_are_those_of_the_base_commit(gate: Gate) -> None:
    after: Files = {ROLE: OLD, ".github/access-gate.yml": "fail-on: off"}
    report = gate.report({"x.txt": "x"}, after, "fail-on: warn")
    assert [finding.severity for finding in report.findings] == [Severity.WARN]


def accesses(pack: Pack) -> list[Access]:
    return [*pack.accesses, *(a for c in pack.combinations for a in (c.first, c.second))]


@pytest.mark.parametrize("pack", PACKS.values(), ids=list(PACKS))
def test_the_entries_of_a_pack_are_real_and_say_why(pack: Pack) -> None:
    unnecessary = {("ssm:SendCommand", "s3")}  # a place for output: the command needs more
    names = [combination.name for combination in pack.combinations]
    assert len(set(names)) == len(names)
    for access in accesses(pack):
        assert access.source.startswith("https://")
        assert access.why
        for action in access.actions:
            assert catalogue.is_known(action), action
            assert catalogue.spelled(action) == action
            services = access.services_of(action)
            arns = {arn.split(":")[2] for arn in catalogue.resource_arns(action)}
            missing = {(action, name) for name in arns - set(services)} - unnecessary
            assert "*" in services or not missing, action


def test_one_statement_that_grants_all_of_a_pack_is_one_finding(gate: Gate) -> None:
    after = {ROLE: policy(allow("*"))}
    report = gate.report({ROLE: OLD}, after, "packs: privilege-escalation")
    assert said(report) == [
        f"{ROLE} access-not-granted/privilege-escalation block",
        f"{ROLE} no-new-access block",
    ]
    assert "also in combination: `pass-role-to-ec2`" in report.findings[0].detail


def test_the_ledger_tells_what_became_of_everything_that_was_found(gate: Gate) -> None:
    broken = policy({"Effect": "Allow", "Acton": "s3:*", "Resource": "*"})
    unlike = policy(*({"Effect": "Deny", "Acton": f"ec2:{n}"} for n in range(9)))
    before: Files = {
        "proved.json": policy(allow("s3:*")),
        "gone.json": OLD,
        "fixed.json": broken,
        "pair.json": {"one": OLD, "two": OLD},
        "old.json": unlike,
    }
    after: Files = {
        "proved.json": OLD,
        "gone.json": None,
        "broken.json": policy({"Efect": "Deny", "NotAction": "ec2:*", "Resource": "*"}),
        "x.json": "{}",
        "found.json": policy(allow("s3:*")),
        "fixed.json": policy(deny("*")),
        "pair.json": {"one": OLD, "two": policy(allow("*", BUCKET))},
        "old.json": None,
    }
    report = gate.report(before, after)
    standings = {f"{each.path}{each.address}": each.standing.value for each in report.policies}
    assert standings == {
        "broken.json": "not understood",
        "fixed.json": "proved",
        "found.json": "found",
        "gone.json": "nothing to ask",
        "old.json": "nothing to ask",
        "pair.json/one": "unchanged",
        "pair.json/two": "found",
        "proved.json": "proved",
    }
    assert words.ledger(report) == (
        "8 policies found in 8 changed files, 2 proved, 2 with findings, 1 not understood, 2 with "
        "nothing to ask, 1 unchanged, 2 not looked at"
    )
    assert sum(report.ledger.values()) == len(report.policies)
    assert {each.path for each in report.skipped} == {"fixed.json", "old.json"}
