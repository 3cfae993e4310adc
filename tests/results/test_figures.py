"""Figures: right numbers, well-formed and inert SVG, equal bytes for equal input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from lims.results.figures import ALT, figures
from lims.results.reduction import beam_modifier, column, fit_of, measured_modifier, reduced_efficiency
from protocols.method import outcome_to_dict
from tests.protocols.conftest import examples

OUTCOME = Path(__file__).parents[1] / "data" / "outcome" / "graz_ten_days.json"
ALL = {"efficiency", "modifier", "coverage", "power", "residuals", "refusals"}
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def outcome() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(OUTCOME.read_text("utf-8"))
    return loaded


@pytest.fixture(scope="module")
def drawn(outcome: dict[str, Any]) -> dict[str, bytes]:
    return figures(outcome)


@pytest.fixture(scope="module")
def used(outcome: dict[str, Any]) -> dict[str, Any]:
    points = {name: column(values) for name, values in outcome["points"].items()}
    return {name: values[points["used"] > 0] for name, values in points.items()}


def test_all_figures_are_drawn_and_each_has_a_text_alternative(drawn: dict[str, bytes]) -> None:
    assert set(drawn) == ALL <= set(ALT)
    assert all(texts["zh"] and texts["en"] for texts in ALT.values())


def test_equal_input_gives_equal_bytes(outcome: dict[str, Any], drawn: dict[str, bytes]) -> None:
    assert figures(outcome) == drawn


def test_figures_are_bare_svg_without_script_link_or_date(drawn: dict[str, bytes]) -> None:
    for svg in drawn.values():
        assert b"<!DOCTYPE" not in svg
        assert b"<dc:date>" not in svg
        tags = {element.tag for element in ElementTree.fromstring(svg).iter()}
        assert not tags & {f"{SVG}script", f"{SVG}foreignObject", f"{SVG}image", f"{SVG}a", f"{SVG}text"}


def test_each_language_has_its_own_labels(outcome: dict[str, Any], drawn: dict[str, bytes]) -> None:
    chinese, english = figures(outcome, language="zh"), figures(outcome, language="en")
    for name in ALL:
        assert len({chinese[name], english[name], drawn[name]}) == 3
    assert "温差" not in english["coverage"].decode()


def test_figures_whose_columns_are_missing_are_left_out(outcome: dict[str, Any]) -> None:
    kept = {name: values for name, values in outcome["points"].items() if name in ("used", "G", "tm_minus_ta")}
    assert set(figures({**outcome, "points": kept, "refusals": []})) == {"coverage"}


def test_a_record_in_which_every_window_was_used_has_no_figure_of_refusals(outcome: dict[str, Any]) -> None:
    kept = {name: outcome["points"][name] for name in ("used", "G", "tm_minus_ta")}
    none = [{**refusal, "count": 0} for refusal in outcome["refusals"]]
    assert "refusals" not in figures({**outcome, "points": kept, "refusals": none})


def test_a_reduced_point_lies_off_the_curve_by_its_residual_over_the_effective_irradiance(
    outcome: dict[str, Any], used: dict[str, Any]
) -> None:
    fit = fit_of(outcome)
    reduced = reduced_efficiency(used, fit)
    x = reduced.reduced_difference
    curve = fit["eta0b"] - fit["a1"] * x - fit["a2"] * reduced.irradiance * x**2
    effective = used["tm_minus_ta"] / x
    np.testing.assert_allclose(reduced.efficiency - curve, used["residual"] / effective, rtol=0, atol=1e-6)


def test_the_modifier_of_a_point_explains_its_power(outcome: dict[str, Any], used: dict[str, Any]) -> None:
    # Solved from the model for K_b; 30-minute means bend the modifier within a window, hence 2 %.
    fit = fit_of(outcome)
    losses = fit["a1"] * used["tm_minus_ta"] + fit["a2"] * used["tm_minus_ta"] ** 2 + fit["a5"] * used["dtm_dt"]
    beam = used["q_measured"] + losses - fit["eta0b"] * fit["Kd"] * used["Gd"]
    strong = used["Gb"] > 300.0
    expected = (beam / (fit["eta0b"] * used["Gb"]))[strong]
    np.testing.assert_allclose(measured_modifier(used, fit)[strong], expected, rtol=0, atol=0.02)


def test_the_effective_irradiance_is_beam_and_diffuse_by_their_modifiers(
    outcome: dict[str, Any], used: dict[str, Any]
) -> None:
    fit = fit_of(outcome)
    effective = used["tm_minus_ta"] / reduced_efficiency(used, fit).reduced_difference
    expected = beam_modifier(used["theta"], fit["b0"]) * used["Gb"] + fit["Kd"] * used["Gd"]
    np.testing.assert_allclose(effective, expected, rtol=0.02)


def test_the_modifier_at_sixty_degrees_is_one_minus_b0() -> None:
    # 1/cos 60° - 1 = 1, by hand
    assert beam_modifier(np.array([0.0, 60.0]), 0.2) == pytest.approx([1.0, 0.8])


def test_the_band_at_zero_difference_is_the_printed_uncertainty_of_eta0b(outcome: dict[str, Any]) -> None:
    ones, zeros = np.ones(1), np.zeros(1)
    band = fit_of(outcome).band({"eta0b": ones, "a1": zeros, "a2": zeros})
    assert band[0] == pytest.approx(outcome["coefficients"][0]["expanded_uncertainty"])


def test_a_fit_without_a_coefficient_draws_the_others(outcome: dict[str, Any]) -> None:
    keep = [i for i, c in enumerate(outcome["coefficients"]) if c["symbol"] != "a2"]
    smaller = {
        **outcome,
        "coefficients": [outcome["coefficients"][i] for i in keep],
        "covariance": [[outcome["covariance"][i][j] for j in keep] for i in keep],
    }
    assert set(figures(smaller)) == ALL


def test_nothing_used_draws_only_what_was_refused(outcome: dict[str, Any]) -> None:
    points = {**outcome["points"], "used": [0] * len(outcome["points"]["used"])}
    assert set(figures({**outcome, "points": points})) == {"coverage", "refusals"}


OTHERS = {
    "iso9806-2017-qdt-bins": "modifier_table",
    "iso9806-2017-qdt-wisc": "modifier",
    "iso9806-2017-sst-points": "efficiency",
    "iso9806-2017-iam-steady": "modifier_table",
    "iso9806-2017-thermal-capacity": "course",
    "iso9806-2017-time-constant": "response",
    "iso9806-2017-stagnation": "course",
    "iso9806-2017-pressure-drop": "pressure_drop",
    "iso24194-2022": "power_check",
}


@pytest.mark.parametrize(("method", "figure"), OTHERS.items())
def test_each_kind_of_method_has_a_figure_of_its_own(method: str, figure: str) -> None:
    drawn = figures(outcome_to_dict(examples()[method]().evaluate()))
    assert figure in drawn
    for svg in drawn.values():
        ElementTree.fromstring(svg)


def test_a_collector_that_feels_the_wind_has_no_efficiency_curve_of_one_variable() -> None:
    assert "efficiency" not in figures(outcome_to_dict(examples()["iso9806-2017-qdt-wisc"]().evaluate()))
