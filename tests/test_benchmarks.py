"""What the benchmarks measure is what they say: never how long it takes."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from benchmarks import baseline, growth, plot, repositories
from benchmarks.corpus import Update, sample, updates
from benchmarks.measure import asked, quantiles
from checker.policy.model import PolicyType
from checker.symbolic.question import Holds, Violated
from checker.symbolic.solver import answer
from checker.template.value import TemplateDocument
from checker.terraform.read import documents_of_module
from tests.terraform_modules import Memory


class TestGrowth:
    @pytest.mark.parametrize("size", [1, 5, 10, 60])
    def test_narrower_statements_give_no_access(self, size: int) -> None:
        update = growth.version(size, wider=False)
        assert update.old != update.new
        assert isinstance(answer(asked(update)), Holds)

    @pytest.mark.parametrize("size", [1, 10, 60])
    def test_one_wider_statement_gives_access(self, size: int) -> None:
        found = answer(asked(growth.version(size, wider=True)))
        assert isinstance(found, Violated)
        assert [r.statement.index for r in found.responsible] == [5 % size]

    def test_each_policy_of_several_is_another(self) -> None:
        documents = [str(update.old) for update in growth.several(20, 0) + growth.several(20, 1)]
        assert len(set(documents)) == 40

    def test_the_exponent_is_the_slope(self) -> None:
        assert growth.exponent([(n, 3 * n**1.5) for n in (10.0, 100.0, 1000.0)]) == pytest.approx(
            1.5
        )


class TestBaseline:
    @pytest.mark.parametrize(
        ("old", "new"),
        [("s3:Get*", "s3:GetObject"), ("s3:GetObject", "s3:Get*"), ("s3:*", "s3:GetObject")],
    )
    def test_it_comes_to_our_verdicts(self, old: str, new: str) -> None:
        update = Update("", PolicyType.IDENTITY, _document(old), _document(new))
        ours = "unsat" if isinstance(answer(asked(update)), Holds) else "sat"
        assert baseline.decide(asked(update)).verdict == ours


def _document(action: str) -> object:
    statement = {"Effect": "Allow", "Action": action, "Resource": "arn:aws:s3:::b/*"}
    return {"Version": "2012-10-17", "Statement": statement}


class TestFigures:
    def test_a_quantile_is_a_value_that_was_measured(self) -> None:
        found = quantiles([float(n) for n in range(101)])
        assert (found.median, found.p90, found.p99, found.most) == (50, 90, 99, 100)
        assert quantiles([7.0]).p99 == 7

    def test_a_sample_is_spread_over_all_updates(self) -> None:
        _, every = updates()
        chosen = sample(every, 10)
        assert len(chosen) == 10
        assert every.index(chosen[-1]) > len(every) * 0.8
        assert sample(every, 0) == every

    def test_what_is_not_decided_is_within_no_time(self) -> None:
        assert plot._shares([2.0, None, 1.0, None]) == [(1.0, 25.0), (2.0, 50.0)]

    def test_plots_are_well_formed(self) -> None:
        lines = {"a & b": [(1.0, 0.001), (100.0, 0.5)]}
        for text in (plot.growth("t", "n", lines), plot.shares("<t>", {"a": [0.1, None, 3.0]})):
            assert ET.fromstring(text).tag.endswith("svg")  # noqa: S314


class TestRootModule:
    def test_all_of_it_is_understood_and_one_policy_changes(self, tmp_path: Path) -> None:
        path = repositories.root_module(tmp_path, 10)
        old = self.documents(tmp_path)
        repositories.changed(tmp_path, path)
        new = self.documents(tmp_path)
        assert len(old) == 3 * 3 + 3 * 2 + 2 * 5, "of workers, functions and stores"
        assert [n.address for o, n in zip(old, new, strict=True) if o.value != n.value] == [
            "aws_iam_role_policy.worker_003.policy"
        ]

    def documents(self, folder: Path) -> list[TemplateDocument]:
        paths = [path for path in folder.rglob("*") if path.is_file()]
        files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
        found = documents_of_module(repositories.MODULE, Memory(files))
        documents = [each for each in found if isinstance(each, TemplateDocument)]
        assert len(documents) == len(found), [each for each in found if each not in documents]
        return documents
