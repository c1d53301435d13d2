"""Wrong answers that were found once, each with the smallest policies that showed it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from checker import (
    PolicySyntaxError,
    check_access_not_granted,
    check_no_new_access,
    evaluate,
)

CASES: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("cases").joinpath("regressions.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_answers_as_it_should(case: dict[str, Any]) -> None:
    kind = case.get("type", "identity")
    if case["expected"] == "REFUSED":
        with pytest.raises(PolicySyntaxError):
            check_no_new_access(case["existing"], case["new"], kind)
        return
    if "existing" in case:
        result = check_no_new_access(case["existing"], case["new"], kind)
    else:
        listed = case.get("actions", []), case.get("resources", [])
        result = check_access_not_granted(case["new"], *listed, kind)
    assert result.result == case["expected"], case["why"]
    if result.witness:
        assert evaluate(case["new"], result.witness, kind) == "Allow"
        assert evaluate(case.get("existing", case["new"]), result.witness, kind) != "Allow" or (
            "existing" not in case
        )
