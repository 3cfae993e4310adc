"""Whatever a method gives is read on its page and printed on a report: every method, by its own example."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import pytest

from lims.certificates.document import computed, printed_digits
from lims.results import reading
from protocols.method import methods, outcome_to_dict
from tests.protocols.conftest import examples

EVERY = pytest.mark.parametrize("method_id", methods())


@cache
def _evaluated(method_id: str) -> Mapping[str, Any]:
    return dict(json.loads(json.dumps(outcome_to_dict(examples()[method_id]().evaluate()))))


@pytest.fixture
def outcome() -> Callable[[str], Mapping[str, Any]]:
    """The outcome of a method's example as it lies in the store."""
    return _evaluated


@EVERY
def test_the_page_and_the_report_print_the_same_digits_of_every_value(
    outcome: Callable[[str], Mapping[str, Any]], method_id: str
) -> None:
    told = outcome(method_id)
    content = computed(told, zone="Asia/Shanghai")
    shown = {row.symbol: (row.value, row.expanded) for row in reading.coefficients(told)}
    assert shown == {row["key"]: (row["value"], row["U"]) for row in content["results"]}
    assert set(shown) <= set(methods()[method_id].outputs)
    digits = printed_digits(content)
    assert all(digits.values())
    unlike = [row["key"] for row in content["results"] if row["U"] == "–" and len(row["value"].strip("-0.")) > 7]
    assert unlike == []


@EVERY
def test_every_data_point_is_listed_with_something_telling_and_has_a_length(
    outcome: Callable[[str], Mapping[str, Any]], method_id: str
) -> None:
    told = outcome(method_id)
    counts, columns = reading.counts(told), reading.telling_columns(told)
    used, refused = reading.windows(told, show="used"), reading.windows(told, show="refused")
    assert (len(used), len(refused)) == (counts["used"], counts["refused"])
    assert 1 <= len(columns) <= 6
    reasons = [one.refusal for one in refused if one.refusal is not None]
    assert len(reasons) <= sum(one["count"] for one in told["refusals"])
    assert all(one["sentence_en"] and one["sentence_zh"] for one in reasons)
    assert all(one.seconds >= 0.0 and set(columns) <= set(one.values) for one in used)
