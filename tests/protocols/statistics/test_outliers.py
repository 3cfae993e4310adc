"""Grubbs and Cochran: flags at two levels, never a removal, whatever the unit, the order and the end."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocols.statistics import order_statistics, outliers
from protocols.statistics.outliers import (
    cochran,
    cochran_critical,
    grubbs,
    grubbs_critical,
    grubbs_pair,
    grubbs_pair_critical,
)

samples = (
    st.lists(st.integers(-1000, 1000), min_size=5, max_size=15, unique=True)
    .map(lambda values: np.array(values, dtype=float))
)  # fmt: skip


def made(*suspects: float) -> np.ndarray:
    return np.array([*suspects, 10.1, 9.9, 10.0, 10.2, 9.8, 10.05, 9.95, 10.15])


@pytest.mark.parametrize(
    ("suspect", "flag", "chinese"),
    [
        (10.3, "none", "无异常"),
        (10.75, "straggler", "歧离值（超出5 %临界值）"),
        (12.0, "outlier", "统计离群值（超出1 %临界值）"),
    ],
)
def test_a_suspect_is_flagged_by_the_level_that_it_is_beyond(suspect: float, flag: str, chinese: str) -> None:
    found = grubbs(made(suspect), end="largest")
    assert (found.flag, found.word_zh, found.suspects) == (flag, chinese, (0,))
    assert (found.statistic > found.critical_5, found.statistic > found.critical_1) == (
        flag != "none",
        flag == "outlier",
    )


def test_two_outliers_that_hide_each_other_are_found_as_a_pair() -> None:
    x = made(12.0, 12.05)
    assert grubbs(x, end="largest").flag == "none"
    found = grubbs_pair(x, end="largest")
    assert (found.flag, found.suspects) == ("outlier", (0, 1))


def test_a_pair_is_tested_by_the_sum_of_squares_without_it() -> None:
    x = np.array([1.0, 2.0, 4.0, 7.0, 11.0])
    kept = np.array([1.0, 2.0, 4.0])
    found = grubbs_pair(x, end="largest")
    assert found.statistic == pytest.approx(kept.var() * 3 / (x.var() * 5))
    assert found.suspects == (3, 4)


@settings(max_examples=8, deadline=None)
@given(samples, st.floats(0.01, 100), st.floats(-100, 100))
def test_unit_and_zero_of_the_values_do_not_matter_and_the_ends_mirror(x: np.ndarray, a: float, b: float) -> None:
    for test in (grubbs, grubbs_pair):
        plain = test(x, end="largest")
        assert test(a * x + b, end="largest").statistic == pytest.approx(plain.statistic, rel=1e-6, abs=1e-9)
        mirrored = test(-x, end="smallest")
        assert (mirrored.statistic, mirrored.flag) == (pytest.approx(plain.statistic), plain.flag)


def test_cochran_looks_at_the_largest_deviation() -> None:
    found = cochran([1.0, 2.0, 3.0, 6.0], replicates=2)
    assert (found.statistic, found.suspects, found.flag) == (pytest.approx(36 / 50), (3,), "none")
    assert cochran([0.1, 0.1, 0.1, 9.0], replicates=3).flag == "outlier"


def test_the_one_sided_value_is_lower_than_the_two_sided() -> None:
    assert grubbs_critical(10, level=0.05, sides=1) == pytest.approx(2.1761, abs=1e-4)  # R outliers::qgrubbs(0.95, 10)
    assert grubbs_critical(10, level=0.1) == grubbs_critical(10, level=0.05, sides=1)


@pytest.mark.parametrize(("count", "level"), [(5, 0.05), (10, 0.05), (10, 0.01), (25, 0.05)])
def test_a_straggler_is_found_in_normal_data_as_often_as_the_level_says(count: int, level: float) -> None:
    x = np.sort(np.random.default_rng(count).normal(size=(60_000, count)), axis=1)
    squares = (count - 1) * np.var(x, axis=1, ddof=1)
    G = (x[:, -1] - x.mean(axis=1)) / x.std(axis=1, ddof=1)
    pair = (count - 2) * np.var(x[:, :-2], axis=1) / squares
    noise = 4 * np.sqrt(level / 2 / len(x))
    assert np.mean(grubbs_critical(count, level=level) < G) == pytest.approx(level / 2, abs=noise)
    assert np.mean(pair < grubbs_pair_critical(count, level=level)) == pytest.approx(level / 2, abs=noise)


@pytest.mark.parametrize("count", [3, 8, 15, 30, 40])
@pytest.mark.parametrize("level", [0.05, 0.01])
def test_the_value_for_one_suspect_is_on_the_safe_side_of_the_exact_one(count: int, level: float) -> None:
    T, below = order_statistics.largest_distribution(count)
    excess = grubbs_critical(count, level=level) - np.interp(1 - level / 2, below, T)
    assert -1e-5 < excess < 3e-4


def test_the_critical_value_of_a_pair_is_undercut_with_its_probability() -> None:
    G = order_statistics.pair_critical(count=12, probability=0.025)
    assert order_statistics.pair_probability(count=12, ratio=G) == pytest.approx(0.025, rel=1e-8)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: grubbs([1.0, 2.0], end="largest"), "2 values are too few; give at least 3"),
        (lambda: grubbs([1.0, 2.0, np.nan], end="largest"), "position 2"),
        (lambda: grubbs([0.1 + 0.2, 0.3, 0.3], end="largest"), "all values are the same"),
        (lambda: grubbs([1.0, 2.0, 3.0], end="upper"), "'upper' is not known"),
        (lambda: grubbs_pair([1.0, 2.0, 3.0], end="largest"), "give at least 4"),
        (lambda: grubbs_critical(10, level=5.0), "level 5.0"),
        (lambda: grubbs_critical(10, level=0.05, sides=3), "not 3"),
        (lambda: grubbs_pair_critical(3, level=0.05), "give at least 4"),
        (lambda: cochran([0.0, 0.0], replicates=2), "one at least must be above"),
        (lambda: cochran([1.0, -1.0], replicates=2), "must not be below zero"),
        (lambda: cochran_critical(5, replicates=1, level=0.05), "at least 2 replicates"),
    ],
)
def test_what_cannot_be_tested_is_refused_in_a_sentence(call: Callable[[], object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        call()


def test_every_flag_has_its_words() -> None:
    assert {outliers.grubbs(made(x), end="largest").word_en.split()[0] for x in (10.3, 10.75, 12.0)} == {
        "no",
        "straggler",
        "outlier",
    }
