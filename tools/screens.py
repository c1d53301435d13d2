"""Draw what a pull request shows, for the documentation: `docs/images/*.png`.

    python -m tools.screens

A real run of the gate answers a pull request of a fake GitHub; GitHub's own Markdown renders what it posted,
and a headless Chromium draws that in styles like GitHub's. `pngquant`, where there is one, makes the
images small. Only the frame around the comments is imitated.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.markdown import rendered
from tests.repository import Repository
from tests.steps import Job, Json, in_process, job

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "images"
EXAMPLES = ROOT / "tests" / "cases" / "examples.json"
BUILD, BUCKET, WORKER = "iam/build-agent.json", "policies/bucket.json", "iam/worker.json"
MOST_LINES = 9  # of the diff above a comment
WIDTH = 860  # pixels of the page; the image has twice as many

STYLE = """
body { margin: 0; padding: 16px; background: #fff; color: #1f2328; width: 828px;
  font: 14px/1.5 "Noto Sans", "Liberation Sans", sans-serif; }
.box { border: 1px solid #d1d9e0; border-radius: 6px; overflow: hidden; }
.head { background: #f6f8fa; border-bottom: 1px solid #d1d9e0; padding: 8px 16px; color: #59636e; }
.head b { color: #1f2328; }
.bot { border: 1px solid #d1d9e0; border-radius: 2em; font-size: 12px; padding: 0 6px; margin: 0 4px; }
.body { padding: 16px; }
.body > :first-child { margin-top: 0; }
.body > :last-child { margin-bottom: 0; }
p, table, ul, details, .suggestion { margin: 0 0 14px; }
h3 { font-size: 20px; margin: 0 0 14px; }
code { background: #eff1f3; border-radius: 6px; padding: 2px 5px; font: 12px "Liberation Mono", monospace; }
pre { background: #f6f8fa; border-radius: 6px; padding: 12px; margin: 0 0 14px; }
pre code { background: none; padding: 0; }
table { border-collapse: collapse; }
td, th { border: 1px solid #d1d9e0; padding: 5px 12px; text-align: left; }
tr:nth-child(even) td { background: #f6f8fa; }
a { color: #0969da; text-decoration: none; }
summary { cursor: pointer; }
sub { font-size: 12px; color: #59636e; vertical-align: baseline; }
ul { padding-left: 28px; }
.diff { font: 12px/20px "Liberation Mono", monospace; border-bottom: 1px solid #d1d9e0; }
.diff div { white-space: pre; padding: 0 10px; }
.plus { background: #dafbe1; }
.minus { background: #ffebe9; }
.suggestion { border: 1px solid #d1d9e0; border-radius: 6px; overflow: hidden; }
.suggestion .diff { border: 0; }
"""


def main() -> int:
    """Write the images; return the exit code."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        print("error: there is no `chromium` to draw with", file=sys.stderr)
        return 2
    TARGET.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="access-gate-screens-") as name:
        folder = Path(name)
        repository = Repository(folder / "repository")
        repository.folder.mkdir()
        repository.git("init", "--quiet", "--initial-branch=main")
        with job(repository, folder) as step:
            step.begin = in_process
            pages = _pages(step)
        for title, page in pages.items():
            _draw(browser, folder, TARGET / f"{title}.png", page)
    return 0


def _pages(step: Job) -> dict[str, str]:
    """Return the pages by the names of their images."""
    _open(step)
    step.run()
    remark = next(each for each in step.pull.remarks if each["path"] == BUILD)
    return {
        "finding": _box(_place(step, remark) + _comment(step, remark)),
        "summary": _box(_comment(step, step.pull.said[0])),
    }


def _open(step: Job) -> None:
    """Open a pull request with three changed policies, one of which is waived on the base branch."""
    examples = json.loads(EXAMPLES.read_text())["policies"]
    before = {
        BUILD: _role("arn:aws:s3:::build-artifacts/*", "s3:PutObject"),
        BUCKET: _text(examples["open_bucket"]),
        WORKER: _role("arn:aws:sqs:eu-west-1:111122223333:jobs", "sqs:ReceiveMessage"),
        ".github/access-gate.yml": "approvers: [ann, carol]\n",
    }
    after = {
        BUILD: _role("arn:aws:s3:::*", "s3:PutObject"),
        BUCKET: _text(examples["bucket_own_account"]),
        WORKER: _role(
            "arn:aws:sqs:eu-west-1:111122223333:jobs", "sqs:ReceiveMessage", "sqs:SendMessage"
        ),
    }
    step.open(before, after)
    step.run()
    worker = next(each for each in step.pull.remarks if each["path"] == WORKER)
    marker = re.search("fp=([0-9a-f]+)", worker["body"])
    if marker is None:
        raise SystemExit("error: the comment has no marker")
    waiver = f"- fingerprint: {marker[1]}\n  owner: ann\n  reason: retries go back to the queue\n"
    head = step.pull.head
    step.repository.git("switch", "--quiet", "main")
    base = step.repository.commit(
        {".github/access-gate-waivers.yml": f"{waiver}  expires: {_soon()}\n"}
    )
    step.meet(base, head)


def _soon() -> str:
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415

    return (datetime.now(UTC).date() + timedelta(days=40)).isoformat()


def _role(resource: str, *actions: str) -> str:
    logs = {"Sid": "Logs", "Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*"}
    main = {"Sid": "Main", "Effect": "Allow", "Action": list(actions), "Resource": resource}
    return _text({"Version": "2012-10-17", "Statement": [logs, main]})


def _text(policy: object) -> str:
    return json.dumps(policy, indent=2) + "\n"


def _box(inner: str) -> str:
    return (
        f'<!doctype html><meta charset="utf-8"><style>{STYLE}</style><div class="box">{inner}</div>'
    )


def _comment(step: Job, comment: Json) -> str:
    body = comment["body"].partition("\n")[2]
    page = rendered(body)
    page = re.sub(
        r'<pre lang="suggestion"><code>(.*?)</code></pre>',
        lambda match: _suggestion(step, comment, html.unescape(match[1])),
        page,
        flags=re.DOTALL,
    )
    who = '<b>github-actions</b><span class="bot">bot</span> commented'
    return f'<div class="head">{who}</div><div class="body">{page}</div>'


def _suggestion(step: Job, comment: Json, new: str) -> str:
    """Return the lines that a suggestion replaces, and those that it puts there, as GitHub shows them."""
    lines = (step.repository.git("show", f"{step.pull.head}:{comment['path']}") + "\n").split("\n")
    old = lines[(comment.get("start_line") or comment["line"]) - 1 : comment["line"]]
    rows = [_row(f"- {line}", "minus") for line in old]
    rows += [_row(f"+ {line}", "plus") for line in new.rstrip("\n").split("\n")]
    title = '<div class="head">Suggested change</div>'
    return f'<div class="suggestion">{title}<div class="diff">{"".join(rows)}</div></div>'


def _place(step: Job, remark: Json) -> str:
    """Return the part of the diff that a comment stands on."""
    patch = next(f["patch"] for f in step.pull.files if f["filename"] == remark["path"])
    rows: list[str] = []
    number = 0
    for line in patch.split("\n"):
        if header := re.match(r"@@ -\d+(?:,\d+)? \+(\d+)", line):
            number = int(header[1]) - 1
            continue
        number += not line.startswith("-")
        rows.append(_row(line, {"+": "plus", "-": "minus"}.get(line[:1], "")))
        if number == remark["line"] and not line.startswith("-"):
            break
    title = f'<div class="head"><b>{html.escape(remark["path"])}</b></div>'
    return f'{title}<div class="diff">{"".join(rows[-MOST_LINES:])}</div>'


def _row(text: str, kind: str) -> str:
    return f'<div class="{kind}">{html.escape(text)}</div>'


def _draw(browser: str, folder: Path, target: Path, page: str) -> None:
    """Draw a page as high as it is."""
    source = folder / "page.html"
    measure = "<script>document.title = document.documentElement.scrollHeight</script>"
    source.write_text(page + measure, encoding="utf-8")
    usual = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    usual += ["--force-device-scale-factor=2"]
    seen = _ran([*usual, f"--window-size={WIDTH},200", "--dump-dom", source.as_uri()])
    height = re.search(r"<title>(\d+)</title>", seen)
    if height is None:
        raise SystemExit(f"error: the page has no height: {seen[-200:]}")
    size = f"--window-size={WIDTH},{height[1]}"
    _ran([*usual, size, f"--screenshot={target}", source.as_uri()])
    if quantiser := shutil.which("pngquant"):
        _ran([quantiser, "--force", "--strip", "--ext", ".png", "48", str(target)])
    print(f"{target.relative_to(ROOT)}: {target.stat().st_size // 1024} KiB")


def _ran(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    if done.returncode:
        raise SystemExit(f"error: {command[0]} failed: {done.stderr[-500:]}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
