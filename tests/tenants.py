"""Tenants for tests: roles for callers of shared identity providers, and requests of other tenants."""

from __future__ import annotations

from random import Random
from typing import Any, Final

from checker.policy.model import Request
from checker.policy.requests import parse_request

ME: Final = "123456789012"
_GITHUB: Final = "token.actions.githubusercontent.com"
_GITLAB: Final = "gitlab.com"
_TERRAFORM: Final = "app.terraform.io"
_GOOGLE: Final = "accounts.google.com"
_HOSTS: Final = {
    f"arn:aws:iam::{ME}:oidc-provider/{_GITHUB}": _GITHUB,
    f"arn:aws:iam::{ME}:oidc-provider/{_GITLAB}": _GITLAB,
    f"arn:aws:iam::{ME}:oidc-provider/{_TERRAFORM}": _TERRAFORM,
    _GOOGLE: _GOOGLE,
}
_CLAIMS: Final[dict[str, tuple[str, ...]]] = {  # what a role may ask for
    f"{_GITHUB}:sub": (
        "repo:acme/x:ref:refs/heads/main",
        "repo:acme/*",
        "repo:acme*",
        "repo:*/x:*",
        "environment:prod",
        "*:environment:prod",
        "repository_owner:acme:*",
        "*",
    ),
    f"{_GITHUB}:aud": ("sts.amazonaws.com",),
    f"{_GITHUB}:repository": ("acme/x", "*/x"),
    f"{_GITHUB}:job_workflow_ref": ("acme/w/.github/workflows/a.yml@refs/heads/main",),
    f"{_GITLAB}:sub": ("project_path:acme/*", "project_path:acme*", "*"),
    f"{_TERRAFORM}:sub": ("organization:acme:project:p:*", "organization:acme*"),
    f"{_GOOGLE}:aud": ("own.apps", "*"),
    "sts:ExternalId": ("x",),
    "aws:PrincipalAccount": (ME, "*"),
    "aws:PrincipalOrgID": ("o-own", "o-*"),
}
_THEIRS: Final = {  # what tokens of other tenants hold
    f"{_GITHUB}:sub": (
        "repo:evil/x:environment:prod",
        "repo:acmevil/x:ref:refs/heads/main",
        "environment:prod",
    ),
    f"{_GITHUB}:aud": ("sts.amazonaws.com",),
    f"{_GITHUB}:repository": ("evil/x",),
    f"{_GITHUB}:job_workflow_ref": ("acme/w/.github/workflows/a.yml@refs/heads/main",),
    f"{_GITLAB}:sub": ("project_path:acmevil/x:ref_type:branch:ref:main",),
    f"{_TERRAFORM}:sub": ("organization:acmevil:project:p:x",),
    f"{_GOOGLE}:aud": ("theirs.apps",),
}
_STRANGER: Final = "arn:aws:iam::999999999999:user/mallory"


def document(random: Random) -> dict[str, Any]:
    """Return the trust policy of a role that other tenants may or may not get."""
    effects = ("Allow", *random.choices(("Allow", "Deny"), k=random.randrange(3)))
    return {"Version": "2012-10-17", "Statement": [_statement(random, each) for each in effects]}


def _statement(random: Random, effect: str) -> dict[str, Any]:
    providers = random.sample(list(_HOSTS), 1 + random.randrange(2))
    principal: Any = {"Federated": providers}
    if random.random() < 0.2:
        principal = random.choice(("*", {"AWS": "*"}, {"AWS": ME}))
    action = random.choice(("sts:AssumeRoleWithWebIdentity", "sts:*", "sts:AssumeRole"))
    found = {"Effect": effect, "Principal": principal, "Action": action}
    own = [key for key in _CLAIMS if any(key.startswith(f"{_HOSTS[p]}:") for p in providers)]
    conditions: dict[str, Any] = {}
    for _ in range(random.randrange(3)):
        key = random.choice([*own, *own, *_CLAIMS])
        head = random.choice(("", "", "", "ForAnyValue:", "ForAllValues:"))
        tail = "" if head else random.choice(("", "", "IfExists"))
        operator = random.choice(
            ("StringEquals", "StringLike", "StringLike", "StringNotLike", "StringEqualsIgnoreCase")
        )
        conditions.setdefault(f"{head}{operator}{tail}", {})[key] = random.choice(_CLAIMS[key])
    return {**found, "Condition": conditions} if conditions else found


def request(random: Random) -> Request:
    """Return a request of a tenant, or of a caller, whom none of the documents names."""
    context: dict[str, Any] = {"aws:PrincipalAccount": "999999999999", "aws:userid": "AIDAX"}
    principal: Any = _STRANGER
    action = "sts:AssumeRole"
    if random.random() < 0.8:
        name = random.choice(list(_HOSTS))
        principal, action = {"Federated": name}, "sts:AssumeRoleWithWebIdentity"
        context["aws:PrincipalAccount"] = random.choice((ME, "anonymous"))
        for key, values in _THEIRS.items():
            if key.startswith(f"{_HOSTS[name]}:"):
                context[key] = random.choice(values)
    else:
        context |= {"aws:PrincipalArn": _STRANGER, "aws:PrincipalOrgID": "o-theirs"}
        context["sts:ExternalId"] = "x"
    role = f"arn:aws:iam::{ME}:role/R"
    return parse_request(
        {"principal": principal, "action": action, "resource": role, "context": context}
    )
