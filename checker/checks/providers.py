"""OIDC providers that many tenants share, and the claim that tells whose token it is.

Trusting such a provider alone trusts everyone who can open an account there. Most of the table is
AWS's own list of shared providers and the claims it demands for each:
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html
The shapes of the subjects are from each provider's documentation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Form:
    """How the text of a claim begins: `opening`, the tenant's name, `end`."""

    opening: str
    end: str

    def begins(self, text: str) -> bool:
        """Whether `text` begins so; then all that follows up to `end` is the tenant's name."""
        return text.startswith(self.opening) and len(text) > len(self.opening)

    def tenant(self, text: str) -> str | None:
        """Return the start of `text` up to the end of the tenant's name, if it has one."""
        if not self.begins(text):
            return None
        name, end, _ = text.removeprefix(self.opening).partition(self.end)
        return f"{self.opening}{name}{end}" if name and end else None


Claims = Mapping[str, tuple[Form, ...]]
"""The claims that name the tenant: by a beginning of one of these forms, or, without any, whole."""

_WHOLE: Final[tuple[Form, ...]] = ()
_ORGANIZATION: Final = (Form("organization:", ":"),)
_ACCOUNT: Final = (Form("account:", ":"),)
_PATH: Final = (Form("", "/"),)
_SUBJECT: Final[Claims] = {"sub": _WHOLE}
_AUDIENCE: Final[Claims] = {"aud": _WHOLE}

_GITHUB: Final[Claims] = {
    "sub": (
        Form("repo:", "/"),
        Form("repository:", "/"),
        Form("repository_owner:", ":"),
        Form("repository_owner_id:", ":"),
        Form("repository_id:", ":"),
        Form("enterprise:", ":"),
    ),
    "repository": _PATH,
    "repository_id": _WHOLE,
    "repository_owner": _WHOLE,
    "repository_owner_id": _WHOLE,
    "enterprise_id": _WHOLE,
}
_GITLAB: Final[Claims] = {
    "sub": (Form("project_path:", "/"),),
    "namespace_id": _WHOLE,
    "namespace_path": _PATH,
    "project_id": _WHOLE,
    "project_path": _PATH,
}
_TERRAFORM: Final[Claims] = {
    "sub": _ORGANIZATION,
    "terraform_organization_id": _WHOLE,
    "terraform_organization_name": _WHOLE,
    "terraform_project_id": _WHOLE,
    "terraform_workspace_id": _WHOLE,
}
_BUILDKITE: Final[Claims] = {
    "sub": _ORGANIZATION,
    "organization_id": _WHOLE,
    "organization_slug": _WHOLE,
    "pipeline_id": _WHOLE,
}
_PULUMI: Final = (Form("pulumi:deploy:org:", ":"), Form("pulumi:environments:org:", ":"))
_TURBONOMIC: Final = (
    "rh-oidc.s3.us-east-1.amazonaws.com/22ejnvnnturfmt6km08idd0nt4hekbn7",
    "rh-oidc.s3.us-east-1.amazonaws.com/23e3sd27sju1hoou6ohfs68vbno607tr",
    "rh-oidc.s3.us-east-1.amazonaws.com/23ne21h005qjl3n33d8dui5dlrmv2tmg",
    "rh-oidc.s3.us-east-1.amazonaws.com/24jrf12m5dj7ljlfb4ta2frhrcoadm26",
    "oidc.op1.openshiftapps.com/2f785sojlpb85i7402pk3qogugim5nfb",
    "oidc.op1.openshiftapps.com/2c51blsaqa9gkjt0o9rt11mle8mmropu",
)

SHARED: Final[Mapping[str, Claims]] = {
    # AWS's list.
    "agent.buildkite.com": _BUILDKITE,
    "api.pulumi.com/oidc": {"aud": _WHOLE, "sub": _PULUMI},
    "app.terraform.io": _TERRAFORM,
    "cognito-identity.amazonaws.com": {"aud": _WHOLE, "sub": _WHOLE},
    "gitlab.com": _GITLAB,
    "oidc-configuration.audit-log.githubusercontent.com": _SUBJECT,
    "oidc.codefresh.io": {"sub": _ACCOUNT},
    "oidc.vercel.com": {"aud": _WHOLE, "sub": (Form("owner:", ":"),)},
    "proidc.upbound.io": _SUBJECT,
    "sandboxes.cloud": _AUDIENCE,
    "scalr.io": {"sub": _ACCOUNT},
    "studio.datachain.ai/api": _SUBJECT,
    "token.actions.githubusercontent.com": _GITHUB,
    "tokens.cloud.shisho.dev": _SUBJECT,
    "vstoken.actions.githubusercontent.com": _SUBJECT,
    **dict.fromkeys(_TURBONOMIC, _SUBJECT),
    # Built into AWS: the audience is the application that AWS was told of.
    "accounts.google.com": {"aud": _WHOLE, "oaud": _WHOLE, "sub": _WHOLE},
    "graph.facebook.com": {"app_id": _WHOLE, "id": _WHOLE},
    "www.amazon.com": {"app_id": _WHOLE, "user_id": _WHOLE},
    # Here the tenant is part of the issuer's address (`oidc.circleci.com/org/...`), and a provider
    # with it is the tenant's own; the bare host is everybody's.
    "api.bitbucket.org": _SUBJECT,
    "oidc.circleci.com": {"sub": (Form("org/", "/"),)},
}


def address(provider: str) -> str:
    """Return the address of a provider, in lower case: what follows `oidc-provider/`, or all."""
    _, marker, rest = provider.partition(":oidc-provider/")
    return (rest if marker else provider).lower().rstrip("/")


def is_shared(provider: str) -> bool:
    """Whether the provider also vouches for strangers."""
    return address(provider) in SHARED


def tenant_forms(key: str) -> tuple[Form, ...] | None:
    """Return how a context key names a tenant of a shared provider; None if it names none."""
    host, _, claim = key.rpartition(":")
    return SHARED.get(host, {}).get(claim)
