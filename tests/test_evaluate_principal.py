from typing import Any

import pytest

from checker.policy.evaluate import Decision, decide
from checker.policy.model import PolicyType
from checker.policy.parse import parse_policy
from checker.policy.readings import DEFAULT_READINGS, Ambiguity, Readings, Switch
from checker.policy.requests import parse_request
from checker.source.tree import from_python


def statement(effect: str = "Allow", **elements: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": "*", "Resource": "*", **elements}


def decided(
    statements: list[dict[str, Any]],
    policy_type: str,
    readings: Readings = DEFAULT_READINGS,
    **request: Any,
) -> Decision:
    policy = parse_policy(from_python({"Statement": statements}), PolicyType(policy_type))
    asked = {"action": "s3:GetObject", "resource": "arn:aws:s3:::b/k", **request}
    return decide(policy, parse_request(asked), readings)


R, S = "arn:aws:iam::111122223333:role/app/R", "arn:aws:sts::111122223333:assumed-role/R/s"
U = "arn:aws:iam::111122223333:user/alice"
ROOT = "arn:aws:iam::111122223333:root"
F = "arn:aws:sts::111122223333:federated-user/f"
SAML = "arn:aws:iam::111122223333:saml-provider/p"
SERVICE, ANONYMOUS, CANONICAL = {"Service": "s3.amazonaws.com"}, "*", {"CanonicalUser": "79a5"}
UNIQUE = "AROAEXAMPLEID12345678"
EVERYBODY = [ROOT, U, R, S, F, {"Federated": SAML}, SERVICE, ANONYMOUS, CANONICAL, UNIQUE]
PRINCIPALS: list[tuple[Any, list[Any]]] = [
    ("*", EVERYBODY),
    ({"AWS": "*"}, EVERYBODY),
    ({"AWS": "111122223333"}, [ROOT, U, R, S, F]),
    ({"AWS": "999999999999"}, []),
    ({"AWS": U}, [U]),
    ({"AWS": R}, [R, S]),
    ({"AWS": "arn:aws:iam::111122223333:role/other/R"}, [S]),  # the session's path is not known
    ({"AWS": "arn:aws:iam::111122223333:role/r"}, []),
    ({"AWS": "arn:aws-cn:iam::111122223333:role/app/R"}, []),
    ({"AWS": S}, [S]),
    ({"AWS": F}, [F]),
    ({"AWS": UNIQUE}, [UNIQUE]),
    ({"Service": ["s3.amazonaws.com"]}, [SERVICE]),
    ({"Service": "*"}, [SERVICE]),
    ({"Service": "s3.eu-west-1.amazonaws.com"}, []),
    ({"Federated": SAML}, [{"Federated": SAML}]),
    ({"Federated": "*"}, [{"Federated": SAML}]),
    ({"CanonicalUser": "79a5", "AWS": U}, [U, CANONICAL]),
    ({"AWS": []}, []),
]


@pytest.mark.parametrize(("principal", "covered"), PRINCIPALS)
def test_principals(principal: Any, covered: list[Any]) -> None:
    here = statement(Principal=principal)
    found = [c for c in EVERYBODY if decided([here], "resource", principal=c) == "Allow"]
    assert found == covered


def test_the_path_of_a_role_decides_where_it_is_known() -> None:
    def by_session(told: str) -> str:
        context = {"aws:PrincipalArn": told}
        here = statement(Principal={"AWS": R})
        return str(decided([here], "resource", principal=S, context=context))

    assert by_session(R) == "Allow"
    assert by_session(R.replace("/app", "")) == "ImplicitDeny"
    assert by_session(R.replace("R", "Other")) == "Allow"  # says nothing of this role


def test_an_endpoint_policy_means_the_root_user_by_an_account() -> None:
    here = statement(Principal={"AWS": "111122223333"})
    found = [c for c in EVERYBODY if decided([here], "vpc-endpoint", principal=c) == "Allow"]
    assert found == [ROOT]


A = "111122223333"
EXEMPT: list[tuple[Any, dict[str, list[Any]]]] = [
    # NotPrincipal, and whom it exempts in each mode
    ([A], {"any": [ROOT, U, R, S, F], "chain": [ROOT], "exact": [ROOT]}),
    ([U], {"any": [U], "chain": [], "exact": [U]}),
    ([A, U], {"any": [ROOT, U, R, S, F], "chain": [ROOT, U], "exact": [ROOT, U]}),
    ([A, R], {"any": [ROOT, U, R, S, F], "chain": [ROOT], "exact": [ROOT, R, S]}),
    ([A, R, S], {"any": [ROOT, U, R, S, F], "chain": [ROOT, S], "exact": [ROOT, R, S]}),
    ([F, A], {"any": [ROOT, U, R, S, F], "chain": [ROOT, F], "exact": [ROOT, F]}),
    (["*"], {"any": EVERYBODY, "chain": EVERYBODY, "exact": EVERYBODY}),
    ([UNIQUE], {"any": [UNIQUE], "chain": [UNIQUE], "exact": [UNIQUE]}),
]


@pytest.mark.parametrize(("entries", "exempted"), EXEMPT)
@pytest.mark.parametrize("mode", ["any", "chain", "exact"])
def test_whom_not_principal_exempts(
    entries: list[str], exempted: dict[str, list[Any]], mode: str
) -> None:
    readings = {Switch(Ambiguity.NP_MODE): mode}
    deny = statement("Deny", NotPrincipal={"AWS": entries})
    allow = statement(NotPrincipal={"AWS": entries})
    for caller in EVERYBODY:
        is_exempt = caller in exempted[mode]
        denied = decided([deny], "resource", readings, principal=caller)
        allowed = decided([allow], "resource", readings, principal=caller)
        assert (denied == "ImplicitDeny", allowed == "ImplicitDeny") == (is_exempt, is_exempt)


def test_a_boundary_is_always_hit_by_a_deny_with_not_principal() -> None:
    deny = statement("Deny", NotPrincipal="*")
    both = [statement(Principal="*"), deny]
    assert decided(both, "resource", principal=U) == "Allow"
    hit = decided(both, "resource", principal=U, principalHasBoundary=True)
    assert hit == "ExplicitDeny"
