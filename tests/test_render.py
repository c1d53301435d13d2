from __future__ import annotations

from inline_snapshot import snapshot

from checker.findings import Shown, Shows
from checker.render import review, summary, terminal
from checker.render.annotations import commands
from tests.reports import (
    AMBIGUOUS,
    EMPTY,
    REPORT,
    RUN,
    SOURCES,
    UNDECIDED,
    WITH_EVIDENCE,
)

SHOWS = Shows(
    places={WITH_EVIDENCE.fingerprint: Shown.ON_LINES, UNDECIDED.fingerprint: Shown.HERE},
    problems=("GitHub refused a comment on `a|b.json`: Validation Failed",),
)


def test_review_comment_with_a_witness() -> None:
    assert review.body(WITH_EVIDENCE, REPORT, RUN, SOURCES) == snapshot("""\
**New access: `s3:PutObject` on `arn:aws:s3:::prod-audit-logs/*`**

With this change the following request is allowed. On `main` it is refused.

| Part | Request |
|---|---|
| Principal | `arn:aws:iam::111122223333:role/build-agent` |
| Action | `s3:PutObject` |
| Resource | `arn:aws:s3:::prod-audit-logs/a` |
| Condition keys | `aws:SourceIp` = `203.0.113.7`, `aws:TagKeys` = `a`, `b` |
| On `main` | refused: `KeepAuditLogs` denied it |
| With this change | **allowed** by statement `WriteArtifacts`, lines 3-8 |

**What used to stop it:** [`policies/build.json` lines 3-8](https://github.com/acme/infra/blob/a1b2c3d000000000000000000000000000000000/policies/build.json#L3-L8) (`KeepAuditLogs`).

```
{
  "Sid": "KeepAuditLogs",
  "Effect": "Deny",
  "Action": "s3:*",
  "Resource": "arn:aws:s3:::prod-audit-logs/*"
},
```

**Fix:** put `KeepAuditLogs` back

<details><summary>If this access is wanted</summary>

The gate stays closed until one of these happens.

- Set this check to `warn` for everyone: `fail-on: {no-new-access: warn}` in `.github/access-gate.yml` on the base branch, which takes a pull request of its own.
- Someone who may bypass the required check merges.

</details>

<details><summary>What was found, and what it rests on</summary>

| Newly allowed action | Resource | Actions of today by access level |
|---|---|---|
| `s3:Put*` | `arn:aws:s3:::prod-audit-logs/*` | Permissions management: `s3:PutObjectAcl`; Write: `s3:PutObject` |

Assumed:

- an account number has twelve digits

Compared `policies/build.json`: `main` with `#7 merged`.

Each policy is judged by itself. Other policies, permission boundaries and SCPs of the account are not looked at; they can take this access away.

</details>

<sub>access-gate 1.2.0 · check `no-new-access` · fingerprint `3f9c2a7be1d04c58`</sub>
""")


def test_review_comment_under_one_reading_only() -> None:
    assert review.body(AMBIGUOUS, REPORT, RUN) == snapshot("""\
**New access, under one reading: `sts:AssumeRole` on `DeployRole`**

quote the ARN in full to settle it

AWS does not say how it reads this. Under one reading the change allows more than before, so the check fails; the open question is below.

<details><summary>What was found, and what it rests on</summary>

No action that AWS has today is newly allowed: only names that it may add later.

Open questions that the verdict depends on:

- whether a `*` inside the value of a policy variable is a wildcard

Compared `template.yaml`, document `/Resources/DeployRole`: `main` with `#7 merged`.

Each policy is judged by itself. Other policies, permission boundaries and SCPs of the account are not looked at; they can take this access away.

</details>

<sub>access-gate 1.2.0 · check `no-new-access` · fingerprint `a07714d0c2f9be31`</sub>
""")


def test_review_comment_without_an_answer() -> None:
    assert review.body(UNDECIDED, REPORT, RUN) == snapshot("""\
**Not decided: may a stranger use `queue`**

the question took longer than its budget of 30 seconds

No answer is not a yes: an open question closes the gate.

<details><summary>How the gate opens</summary>

The gate stays closed until one of these happens.

- Change the policy so that the check passes.
- Set this check to `warn` for everyone: `fail-on: {no-public-access: warn}` in `.github/access-gate.yml` on the base branch, which takes a pull request of its own.
- Someone who may bypass the required check merges.

</details>

<details><summary>What was found, and what it rests on</summary>

Compared `policies/queue.json`: `main` with `#7 merged`.

Each policy is judged by itself. Other policies, permission boundaries and SCPs of the account are not looked at; they can take this access away.

</details>

<sub>access-gate 1.2.0 · check `no-public-access` · fingerprint `00112233445566ff`</sub>
""")


def test_summary_comment() -> None:
    assert summary.comment(REPORT, RUN, SHOWS) == snapshot("""\
### IAM check: 3 findings closed the gate

| # | Finding | Where | Status |
|---|---|---|---|
| 1 | New access: `s3:PutObject` on `arn:aws:s3:::prod-audit-logs/*` | [`policies/build.json` lines 3-8](https://github.com/acme/infra/blob/e4f5a6b000000000000000000000000000000000/policies/build.json#L3-L8) | blocks, comment on its lines |
| 2 | unknown statement element `Acton` (did you mean `Action`?) | [`policies/a,b:c.json` line 1](https://github.com/acme/infra/blob/e4f5a6b000000000000000000000000000000000/policies/a%2Cb%3Ac.json#L1-L1) | blocks |
| 3 | Not decided: may a stranger use `queue` | [`policies/queue.json` line 2](https://github.com/acme/infra/blob/e4f5a6b000000000000000000000000000000000/policies/queue.json#L2-L2) | blocks |
| 4 | New access, under one reading: `sts:AssumeRole` on `DeployRole` | [`template.yaml` line 3](https://github.com/acme/infra/blob/e4f5a6b000000000000000000000000000000000/template.yaml#L3-L3), `/Resources/DeployRole` | warning |

**The gate stays closed** until one of these happens.

- Change the policy so that the check passes.
- Set these checks to `warn` for everyone: `fail-on: {no-new-access: warn, no-public-access: warn, readable: warn}` in `.github/access-gate.yml` on the base branch, which takes a pull request of its own.
- Someone who may bypass the required check merges.

- Not posted: GitHub refused a comment on `a|b.json`: Validation Failed

- this pull request changes `.github/access-gate.yml`

<details><summary>6 policies found in 7 changed files, 2 proved, 1 with findings, 1 not decided, 1 not understood, 1 with nothing to ask, 1 not looked at</summary>

| Policy | Check | Result |
|---|---|---|
| `policies/reader.json` | `no-new-access` | holds |
| `template.yaml` `/Resources/A` | `no-new-access` | holds, assuming an ARN holds no blanks |
| `template.yaml → /Resources/DeployRole` | `no-new-access` | fails |
| `policies/queue.json` | `no-public-access` | **not decided** |
| `policies/build.json` | `no-new-access` | fails |
| `policies/a,b:c.json` | `readable` | **not understood** |
| `policies/old.json` | | nothing to ask: it is gone |
| `policies/link.json` | | not looked at: is a symbolic link |

Each policy is judged by itself. Other policies, permission boundaries and SCPs of the account are not looked at; they can take this access away.

</details>

<sub>Compared `main` with `#7 merged` (`a1b2c3d` with `e4f5a6b`) · access-gate 1.2.0 · [run 987654321](https://github.com/acme/infra/actions/runs/987654321) · edited on every push</sub>
""")


def test_summary_comment_when_all_is_well() -> None:
    assert summary.comment(EMPTY, RUN, Shows()) == snapshot("""\
### IAM check: no findings, gate open

0 policies found in 2 changed files.

<sub>Compared `main` with `#7 merged` (`a1b2c3d` with `e4f5a6b`) · access-gate 1.2.0 · [run 987654321](https://github.com/acme/infra/actions/runs/987654321) · edited on every push</sub>
""")


def test_summary_of_the_job_holds_every_finding_in_full() -> None:
    text = summary.job(REPORT, RUN, SHOWS, SOURCES)
    comment = summary.comment(REPORT, RUN, SHOWS).rstrip()
    assert text.startswith(comment.removesuffix(" \u00b7 edited on every push</sub>"))
    assert all(review.body(each, REPORT, RUN, SOURCES).rstrip() in text for each in REPORT.findings)


def test_annotations() -> None:
    assert commands(REPORT, SHOWS) == snapshot("""\
::error title=no-new-access,file=policies/build.json,line=3,endLine=8::New access: `s3:PutObject` on `arn:aws:s3:::prod-audit-logs/*`%0ANewly allowed: arn:aws:iam::111122223333:role/build-agent may s3:PutObject on arn:aws:s3:::prod-audit-logs/a%0ABefore, it was refused: `KeepAuditLogs` denied it%0AFix: put `KeepAuditLogs` back
::error title=readable,file=policies/a%2Cb%3Ac.json,line=1,col=1,endColumn=1::unknown statement element `Acton` (did you mean `Action`?)
::error title=no-public-access,file=policies/queue.json,line=2,col=5,endColumn=6::Not decided: may a stranger use `queue`%0Athe question took longer than its budget of 30 seconds
::warning title=access-gate::GitHub refused a comment on `a|b.json`: Validation Failed
::warning title=no-new-access,file=template.yaml,line=3,col=3,endColumn=7::New access, under one reading: `sts:AssumeRole` on `DeployRole`%0Aquote the ARN in full to settle it
""")


def test_terminal() -> None:
    assert terminal.text(REPORT, SOURCES, RUN.config) == snapshot("""\
BLOCKED  policies/build.json:3:5  [no-new-access]
  New access: `s3:PutObject` on `arn:aws:s3:::prod-audit-logs/*`
  3 │     {
  4 │       "Sid": "WriteArtifacts",
  5 │       "Effect": "Allow",
  6 │       "Action": "s3:Put*",
  7 │       "Resource": "arn:aws:s3:::*"
  8 │     }
  who             arn:aws:iam::111122223333:role/build-agent
  may now         s3:PutObject
  on              arn:aws:s3:::prod-audit-logs/a
  with            aws:SourceIp = 203.0.113.7
                  aws:TagKeys = a, b
  before          refused on main: `KeepAuditLogs` denied it
  now             allowed by statement `WriteArtifacts`, lines 3-8
  stopped by      policies/build.json lines 3-8 `KeepAuditLogs`, as it was
  3 │     {
  4 │       "Sid": "KeepAuditLogs",
  5 │       "Effect": "Deny",
  6 │       "Action": "s3:*",
  7 │       "Resource": "arn:aws:s3:::prod-audit-logs/*"
  8 │     },
  new access      s3:Put* on arn:aws:s3:::prod-audit-logs/* (Permissions management:
                  s3:PutObjectAcl; Write: s3:PutObject)
  assumed         an account number has twelve digits
  fix             put `KeepAuditLogs` back

BLOCKED  policies/a,b:c.json:1:1  [readable]
  unknown statement element `Acton` (did you mean `Action`?)

BLOCKED  policies/queue.json:2:5  [no-public-access]
  Not decided: may a stranger use `queue`
  the question took longer than its budget of 30 seconds
  No answer is not a yes: an open question closes the gate.

WARNING  template.yaml:3:3 /Resources/DeployRole  [no-new-access]
  New access, under one reading: `sts:AssumeRole` on `DeployRole`
  quote the ARN in full to settle it
  3 │   C: 1
  open question   whether a `*` inside the value of a policy variable is a wildcard

not looked at: policies/link.json: is a symbolic link
nothing to ask: policies/old.json: it is gone
note: this pull request changes `.github/access-gate.yml`
gate closed: 6 policies found in 7 changed files, 2 proved, 1 with findings, 1 not decided, 1 not
understood, 1 with nothing to ask, 1 not looked at; 4 findings; 2 checks hold
To open it:
  - Change the policy so that the check passes.
  - Set these checks to `warn` for everyone: `fail-on: {no-new-access: warn, no-public-access: warn,
    readable: warn}` in `.github/access-gate.yml` on the base branch, which takes a pull request of
    its own.
  - Someone who may bypass the required check merges.
""")


def test_terminal_when_all_is_well() -> None:
    assert terminal.text(EMPTY, SOURCES, RUN.config) == snapshot(
        "gate open: 0 policies found in 2 changed files; 0 findings\n"
    )


def test_terminal_has_colours_only_when_asked() -> None:
    assert "\x1b" not in terminal.text(REPORT, SOURCES, RUN.config)
    assert "\x1b[1;31mBLOCKED\x1b[0m" in terminal.text(REPORT, SOURCES, RUN.config, colour=True)
