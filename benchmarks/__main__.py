"""The short form of the benchmarks: some minutes, on a part of the corpus."""

from __future__ import annotations

import sys

from benchmarks import growth, root_module, verdicts

SAMPLE = 40


def main() -> int:
    """Print the tables of `docs/performance.md` for a part of the questions."""
    print("# Verdicts, all updates\n")
    failed = verdicts.main(["--only", "ours"])
    print("\n# Beside z3's strings, a few updates\n")
    failed |= verdicts.main(["--sample", str(SAMPLE), "--limit", "5"])
    print("\n# Growth\n")
    failed |= growth.main([])
    print("\n# Large repositories\n")
    return failed | root_module.main(["--runs", "3"])


if __name__ == "__main__":
    sys.exit(main())
