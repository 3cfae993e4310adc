"""Clauses are read in Chinese: numbers and editions stay, every name that stands anywhere has its Chinese one."""

from __future__ import annotations

import re

import pytest

from protocols.clauses import clause_zh
from protocols.limits import read_limits
from protocols.method import methods
from tests.protocols.conftest import ROOT
from tests.protocols.procedures.records import PROCEDURES

KEPT = re.compile(r"ISO|GB|Heliobench|\ba2\b")


@pytest.mark.parametrize(
    ("clause", "chinese"),
    [
        ("internal pressure [clause number unconfirmed]", "耐压［条款号未确认］"),
        ("mechanical load, positive pressure [clause number unconfirmed]", "机械荷载（正压）［条款号未确认］"),
        ("6.2, stagnation parameter [conditions unconfirmed]", "6.2，空晒性能参数［试验条件未确认］"),
        ("5.4, Table 1 [clause number unconfirmed]", "5.4，表 1［条款号未确认］"),
        ("5 and 6, power check [clause numbers unconfirmed]", "5、6，功率核查［条款号未确认］"),
        ("ISO 24194:2022, formula 3", "ISO 24194:2022，公式 3"),
        ("6.3.2, table 4", "6.3.2，表 4"),
        ("", ""),
        ("a clause of nobody's", "a clause of nobody's"),
    ],
)
def test_a_clause_keeps_its_numbers_and_says_the_rest_in_chinese(clause: str, chinese: str) -> None:
    assert clause_zh(clause) == chinese


def test_every_clause_of_a_limit_a_manual_test_and_a_method_is_read_in_chinese() -> None:
    tables = [read_limits(path) for path in (ROOT / "config" / "limits").glob("*.toml")]
    every = {limit.clause for table in tables for limit in table.values()}
    every |= {one.clause for one in PROCEDURES.values()} | {one.clause for one in methods().values()}
    assert len(every) > 50
    assert {clause for clause in every if re.search("[A-Za-z]{2,}", KEPT.sub("", clause_zh(clause)))} == set()
