"""Nelson's and Westgard's rules: where each is completed, and what is just not enough."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.statistics.control_rules import NELSON, WESTGARD, nelson, westgard
from tests.protocols.conftest import DATA

TABLE: dict[str, Any] = json.loads((DATA / "laboratory_statistics" / "control_charts.json").read_text("utf-8"))[
    "rules_truth_table"
]
points = st.lists(st.floats(-4, 4), max_size=40).map(np.array)


def fired(found: Any) -> dict[str, list[int]]:
    return {rule: list(places) for rule, places in found.items() if places}


@pytest.mark.parametrize("name", TABLE)
def test_the_rules_complete_where_the_truth_table_says(name: str) -> None:
    assert fired(nelson(TABLE[name]["z"])) == TABLE[name]["nelson"]
    assert fired(westgard(TABLE[name]["z"])) == TABLE[name]["westgard"]


@given(points)
def test_the_rules_know_no_side(z: np.ndarray) -> None:
    assert nelson(-z) == nelson(z)
    assert westgard(-z) == westgard(z)


@given(points, points)
def test_what_comes_later_changes_no_earlier_signal(first: np.ndarray, later: np.ndarray) -> None:
    for rules in (nelson, westgard):
        whole = rules(np.concatenate([first, later]))
        assert {rule: tuple(p for p in places if p < first.size) for rule, places in whole.items()} == rules(first)


def test_every_rule_has_a_sentence_in_both_languages() -> None:
    assert [rule.code for rule in NELSON] == list(nelson([]))
    assert [rule.code for rule in WESTGARD] == list(westgard([]))
    assert all(rule.sentence_en.endswith(".") and rule.sentence_zh.endswith("。") for rule in (*NELSON, *WESTGARD))
    assert [rule.code for rule in WESTGARD if not rule.rejects] == ["1_2s"]


@pytest.mark.parametrize(
    ("rule", "z"),
    [
        ("1", [3.0, -3.0]),
        ("2", [0.5] * 4 + [0.0] + [0.5] * 8),
        ("3", [0.1, 0.2, 0.3, 0.3, 0.4, 0.5, 0.6]),
        ("4", [0.5, -0.5] * 6 + [0.5]),
        ("5", [2.1, -2.1, 0.0]),
        ("6", [1.5, 1.5, -1.5, 1.5, 0.0]),
        ("7", [0.5] * 14 + [1.0]),
        ("8", [1.5] * 8),
    ],
)
def test_what_just_falls_short_of_a_rule_of_nelson_does_not_complete_it(rule: str, z: list[float]) -> None:
    assert nelson(z)[rule] == ()


@pytest.mark.parametrize(
    ("rule", "z"),
    [
        ("1_2s", [2.0, -2.0]),
        ("1_3s", [3.0]),
        ("2_2s", [2.1, -2.1]),
        ("R_4s", [2.1, 0.0, -2.1]),
        ("4_1s", [1.1, 1.2, 1.3, 1.0]),
        ("10_x", [0.5] * 9 + [0.0]),
    ],
)
def test_what_just_falls_short_of_a_rule_of_westgard_does_not_complete_it(rule: str, z: list[float]) -> None:
    assert westgard(z)[rule] == ()


def test_eight_on_one_side_are_enough_where_that_form_is_chosen() -> None:
    z = [0.5] * 8
    assert nelson(z)["2"] == ()
    assert nelson(z, same_side=8)["2"] == (7,)


def test_the_last_point_can_be_asked_to_be_beyond_too() -> None:
    z = [0.4, 2.1, 2.3, 0.1]
    assert nelson(z)["5"] == (2, 3)
    assert nelson(z, last_beyond=True)["5"] == (2,)


def test_the_range_rule_has_a_form_by_difference() -> None:
    z = [3.0, -1.5]
    assert westgard(z)["R_4s"] == ()
    assert westgard(z, r_4s="difference")["R_4s"] == (1,)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: nelson([0.0, np.nan]), "points of the chart: the value at position 1"),
        (lambda: westgard([np.inf]), "position 0"),
        (lambda: westgard([0.0], r_4s="range"), "'range' of R-4s is not known"),
    ],
)
def test_what_cannot_be_judged_is_refused_in_a_sentence(call: Callable[[], object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        call()
