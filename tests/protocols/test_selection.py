"""Backward elimination, step by step beside statsmodels."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

from protocols.selection import eliminate

NAMES = ("eta0", "a1", "a2", "a3", "a4", "a6")


def made(seed: int = 7, true: tuple[float, ...] = (0.75, 3.5, -0.02, 0.0, 0.3, 0.0)) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    design = rng.uniform(0.2, 1.0, (60, len(true))) * np.array([900.0, 60.0, 3000.0, 100.0, 300.0, 2000.0])
    return design, design @ np.array(true) + rng.normal(0, 8.0, 60)


def by_statsmodels(
    design: np.ndarray, response: np.ndarray, keep: set[str], limit: float, non_negative: set[str]
) -> list[tuple[str, float, str]]:
    left, gone = list(NAMES), []
    while True:
        fit = sm.OLS(response, design[:, [NAMES.index(name) for name in left]]).fit()
        ratio = dict(zip(left, fit.tvalues, strict=True))
        free = sorted((name for name in left if name not in keep), key=lambda name: abs(ratio[name]))
        below = sorted(
            (name for name in free if name in non_negative and ratio[name] < 0), key=lambda name: ratio[name]
        )
        if below:
            gone.append((below[0], ratio[below[0]], "negative"))
        elif free and abs(ratio[free[0]]) < limit:
            gone.append((free[0], ratio[free[0]], "t-ratio"))
        else:
            return gone
        left.remove(gone[-1][0])


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("non_negative", [set(), {"a2"}, {"a1", "a2", "a3", "a6"}])
def test_terms_go_in_the_order_in_which_statsmodels_would_have_them_go(seed: int, non_negative: set[str]) -> None:
    design, response = made(seed)
    expected = by_statsmodels(design, response, {"eta0"}, 3.0, non_negative)
    fit, dropped = eliminate(
        design, response, names=NAMES, keep=("eta0",), t_ratio_min=3.0, non_negative=tuple(non_negative)
    )
    assert [(one.name, one.why) for one in dropped] == [(name, why) for name, _, why in expected]
    np.testing.assert_allclose([one.t_ratio for one in dropped], [ratio for _, ratio, _ in expected], rtol=1e-8)
    assert set(fit.names) == set(NAMES) - {one.name for one in dropped}
    assert all(abs(ratio) >= 3.0 for name, ratio in zip(fit.names, fit.t_ratios, strict=True) if name != "eta0")


def test_a_negative_term_goes_before_a_weaker_one_and_says_so() -> None:
    design, response = made()
    _, dropped = eliminate(design, response, names=NAMES, keep=("eta0",), t_ratio_min=3.0, non_negative=("a2",))
    assert (dropped[0].name, dropped[0].why) == ("a2", "negative")
    assert dropped[0].value < 0
    assert abs(dropped[0].t_ratio) > 3.0


def test_a_term_to_keep_stays_even_when_it_is_weak_or_negative() -> None:
    design, response = made()
    fit, dropped = eliminate(
        design, response, names=NAMES, keep=("eta0", "a2", "a3"), t_ratio_min=3.0, non_negative=("a2",)
    )
    assert {"eta0", "a2", "a3"} <= set(fit.names)
    assert not {"a2", "a3"} & {one.name for one in dropped}


def test_a_limit_of_zero_drops_nothing() -> None:
    design, response = made()
    fit, dropped = eliminate(design, response, names=NAMES, keep=("eta0",), t_ratio_min=0.0)
    assert fit.names == NAMES
    assert dropped == ()


@given(st.permutations(range(len(NAMES))))
def test_the_order_of_the_columns_changes_nothing(order: list[int]) -> None:
    design, response = made()
    _, plain = eliminate(design, response, names=NAMES, keep=("eta0",), t_ratio_min=3.0, non_negative=("a2",))
    names = [NAMES[place] for place in order]
    _, shuffled = eliminate(
        design[:, order], response, names=names, keep=("eta0",), t_ratio_min=3.0, non_negative=("a2",)
    )
    assert [one.name for one in shuffled] == [one.name for one in plain]
    np.testing.assert_allclose([one.value for one in shuffled], [one.value for one in plain], rtol=1e-8)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"keep": ("a9",)}, "no term called a9"),
        ({"non_negative": ("a7", "a8")}, "a7 or a8"),
        ({"keep": ()}, "at least one term that stays"),
        ({"t_ratio_min": float("nan")}, "give a number from 0"),
        ({"t_ratio_min": -1.0}, "give a number from 0"),
    ],
)
def test_what_cannot_be_eliminated_is_refused_in_a_sentence(change: dict[str, object], sentence: str) -> None:
    design, response = made()
    given_: dict[str, object] = {"names": NAMES, "keep": ("eta0",), "t_ratio_min": 3.0, **change}
    with pytest.raises(ValueError, match=sentence):
        eliminate(design, response, **given_)  # type: ignore[arg-type]
