"""What refinement costs on real policies, and how fast CloudTrail records are read.

    python -m benchmarks.refine [--policies 300] [--gigabytes 1] [--folder DIR]

The records are made, not real: files of 50,000 as CloudTrail writes them, in a folder that is
removed in the end. `jq`, where there is one, extracts the same events from the same files.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks.corpus import updates
from benchmarks.measure import peak_mebibytes, quantiles, shown
from checker.policy.load import policy_of
from checker.policy.model import PolicyType
from checker.refinement.access import granted
from checker.refinement.api import node_of, refine
from checker.refinement.minimise import minimise_document
from checker.usage_files import unused_from

MOST_BYTES: Final = 10 * 1024  # of a policy that the bar speaks of
PER_FILE: Final = 50_000  # records
_CALLS: Final = (
    ("s3.amazonaws.com", "ListBuckets"),
    ("ec2.amazonaws.com", "DescribeInstances"),
    ("lambda.amazonaws.com", "UpdateFunctionCode20150331v2"),
    ("sts.amazonaws.com", "AssumeRole"),
    ("kms.amazonaws.com", "Decrypt"),
    ("monitoring.amazonaws.com", "DescribeAlarms"),
)


def main(arguments: Sequence[str]) -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="benchmarks.refine", description=__doc__)
    parser.add_argument("--policies", type=int, default=300)
    parser.add_argument("--gigabytes", type=float, default=1.0)
    parser.add_argument("--folder", help="where the records are written; the default is temporary")
    args = parser.parse_args(arguments)
    if args.gigabytes:
        with tempfile.TemporaryDirectory(dir=args.folder) as folder:
            _measure_records(Path(folder), int(args.gigabytes * 1e9))
    _measure_policies(args.policies)
    return 0


def _measure_policies(count: int) -> None:
    what, rows = updates()
    latest = {row.name.split(" ")[0]: row.new for row in rows if isinstance(row.new, dict)}
    draw = random.Random(7)  # noqa: S311  the same policies each time
    chosen = draw.sample(sorted(latest.items()), min(count, len(latest)))
    refined: list[float] = []
    by_the_wall: list[float] = []
    minimised: list[float] = []
    sizes: list[float] = []
    for _, document in chosen:
        policy = policy_of(document, PolicyType.IDENTITY)
        share = draw.uniform(0.05, 0.95)
        drop = [action for action in sorted(granted(policy)) if draw.random() < share]
        size = len(json.dumps(document))
        started, began = time.process_time(), time.perf_counter()
        result = refine(document, _report(drop))
        done, passed = time.process_time() - started, time.perf_counter() - began
        if size <= MOST_BYTES:
            refined.append(done)
            by_the_wall.append(passed)
        if result.policy is not None:
            sizes.append(len(json.dumps(result.policy)) / size)
        started = time.process_time()
        minimise_document(node_of(document), policy)
        minimised.append(time.process_time() - started)
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"{len(chosen)} policies: {what}; 5 to 95 % of their actions unused")
    print(f"load of the machine: {load}, on {os.cpu_count()} processors")
    for name, seconds in (
        ("refine, up to 10 KB, wall time", by_the_wall),
        ("refine, up to 10 KB, CPU time", refined),
        ("minimise, all, CPU time", minimised),
    ):
        q = quantiles(seconds)
        spread = f"p90 {shown(q.p90)}, p99 {shown(q.p99)}, most {shown(q.most)}"
        print(f"{name}: {len(seconds)} policies, median {shown(q.median)}, {spread}")
    print(f"size of the refined policy: median {sorted(sizes)[len(sizes) // 2]:.0%}")


def _report(actions: Sequence[str]) -> list[dict[str, object]]:
    services: dict[str, list[str]] = {}
    for action in actions:
        service, _, name = action.partition(":")
        services.setdefault(service, []).append(name)
    return [{"serviceNamespace": s, "actions": names} for s, names in services.items()]


def _measure_records(folder: Path, most: int) -> None:
    written = _write(folder, most)
    before = peak_mebibytes()
    started = time.perf_counter()
    unused = unused_from(str(folder))
    ours = time.perf_counter() - started
    print(f"CloudTrail: {written / 1e9:.2f} GB in {len(list(folder.iterdir()))} files")
    print(f"read in {ours:.1f} s, {written / 1e6 / ours:.0f} MB/s, {unused.notes[0]}")
    print(f"most memory: {peak_mebibytes():.0f} MiB, of which {before:.0f} MiB before reading")
    if jq := shutil.which("jq"):
        _measure_jq(jq, folder, written)


def _measure_jq(jq: str, folder: Path, written: int) -> None:
    program = '.Records[] | .eventSource + " " + .eventName'
    started = time.perf_counter()
    for file in sorted(folder.iterdir()):
        subprocess.run([jq, "-r", program, str(file)], check=True, stdout=subprocess.DEVNULL)
    theirs = time.perf_counter() - started
    print(f"jq, the same events: {theirs:.1f} s, {written / 1e6 / theirs:.0f} MB/s")


def _write(folder: Path, most: int) -> int:
    written = 0
    while written < most:
        path = folder / f"{written:015}.json"
        with path.open("w", encoding="utf-8") as file:
            file.write('{"Records":[')
            for number in range(PER_FILE):
                text = json.dumps(_record(number), separators=(",", ":"))
                file.write(f",{text}" if number else text)
            file.write("]}")
        written += path.stat().st_size
    return written


def _record(number: int) -> dict[str, object]:
    source, name = _CALLS[number % len(_CALLS)]
    role = "arn:aws:iam::111122223333:role/App"
    return {
        "eventVersion": "1.10",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": f"AROAEXAMPLEID1234567:{number}",
            "arn": f"arn:aws:sts::111122223333:assumed-role/App/{number}",
            "accountId": "111122223333",
            "sessionContext": {
                "sessionIssuer": {"type": "Role", "arn": role, "userName": "App"},
                "attributes": {"creationDate": "2026-10-01T00:00:00Z", "mfaAuthenticated": "false"},
            },
        },
        "eventTime": f"2026-10-{number % 28 + 1:02}T{number % 24:02}:00:00Z",
        "eventSource": source,
        "eventName": name,
        "awsRegion": "eu-central-1",
        "sourceIPAddress": "203.0.113.7",
        "userAgent": "aws-cli/2.31.0 md/awscrt#0.27.2 ua/2.1 os/linux#6.8 lang/python#3.13",
        "requestParameters": {"name": f"thing-{number}", "tags": [{"key": "k", "value": "v" * 40}]},
        "responseElements": {"requestId": f"{number:032x}", "items": ["x" * 60] * 5},
        "requestID": f"{number:036x}",
        "eventID": f"{number + 1:036x}",
        "readOnly": True,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": "111122223333",
        "eventCategory": "Management",
        "tlsDetails": {"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256"},
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
