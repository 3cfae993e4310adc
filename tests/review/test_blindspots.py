"""What a reviewer could overlook is told, each by its own cause, and nothing is told of a result without one."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from lims.review.blindspots import Basis, blind_spots
from lims.review.changes import changes

DAY = date(2026, 6, 30)


def coefficient(symbol: str = "a1", **changed: Any) -> dict[str, Any]:
    return {"symbol": symbol, "value": 3.5, "expanded_uncertainty": 0.2, "t_ratio": 30.0} | changed


def outcome(**changed: Any) -> dict[str, Any]:
    plain = {
        "coefficients": [coefficient()],
        "limits": [{"symbol": "G_min", "confirmed": True}],
        "points": {"used": [True, True, True, False], "time": [0, 1, 2, 3]},
        "refusals": [{"code": "flow", "count": 1, "sentence_en": "Flow.", "sentence_zh": "流量。"}],
        "notes": [],
    }
    return plain | changed


def calibration(due: date) -> dict[str, Any]:
    return {"equipment": "HB-EQ-0001", "symbol": "G", "certificate": "C-1", "due_on": due.isoformat()}


def basis(**changed: Any) -> Basis:
    plain: dict[str, Any] = {
        "outcome": outcome(), "inputs": {"item_uncertainties": []}, "calibrations": [calibration(date(2027, 1, 1))],
        "last_day": DAY, "scans": 1000, "faults": 0, "tester_until": date(2027, 6, 30), "today": DAY,
    }  # fmt: skip
    return Basis(**plain | changed)


def test_a_result_without_a_blind_spot_has_none() -> None:
    assert blind_spots(basis()) == []


@pytest.mark.parametrize(
    ("changed", "tone", "line", "told"),
    [
        ({"outcome": outcome(limits=[{"symbol": "x", "confirmed": False}])}, "wait", "limits", "1 limits"),
        ({"outcome": outcome(points={"used": [True, False, False]})}, "wait", "points", "2 of 3 data points"),
        ({"faults": 11}, "wait", "faults", "11 readings are missing in 1000 scans"),
        ({"calibrations": [calibration(date(2026, 6, 29))]}, "stop", "HB-EQ-0001 G", "ended during the test"),
        ({"calibrations": [calibration(date(2026, 7, 30))]}, "wait", "HB-EQ-0001 G", "shortly after the test"),
        (
            {"calibrations": [calibration(date(2026, 9, 1))], "today": date(2026, 9, 2)},
            "quiet", "calibrations", "have ended since (HB-EQ-0001)",
        ),
        ({"outcome": outcome(coefficients=[coefficient(t_ratio=-2.9)])}, "wait", "a1", "T-ratio -2.9"),
        (
            {"outcome": outcome(coefficients=[coefficient(value=-0.3, t_ratio=None)])},
            "quiet", "a1", "67 % of its value",
        ),
        (
            {"inputs": {"item_uncertainties": [{"symbol": "A_G", "source": "YP-1 company"}]}},
            "quiet", "A_G", "supplied by the company",
        ),
        ({"tester_until": None}, "wait", "tester", "has ended"),
        ({"tester_until": date(2026, 7, 1)}, "wait", "tester", "ends on 2026-07-01"),
        (
            {"outcome": outcome(notes=[{"code": "far", "sentence_en": "Extrapolated.", "sentence_zh": "外推。"}])},
            "quiet", "far", "Extrapolated",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and " " not in value else "",
)  # fmt: skip
def test_each_blind_spot_is_told_by_its_own_cause(changed: dict[str, Any], tone: str, line: str, told: str) -> None:
    (found,) = blind_spots(basis(**changed))
    assert (found.tone, found.line) == (tone, line)
    assert told in found.sentence.en
    assert found.sentence.zh


def test_the_gravest_stand_first() -> None:
    told = {"item_uncertainties": [{"symbol": "A_G", "source": "YP-1 company"}]}
    found = blind_spots(basis(calibrations=[calibration(date(2026, 6, 1))], tester_until=None, inputs=told))
    assert [one.tone for one in found] == ["stop", "wait", "quiet"]


def inputs(**changed: Any) -> dict[str, Any]:
    plain = {
        "item": {"A_G": 2.51}, "calibrations": [], "limits": {}, "run": "YX-1", "segments": ["a" * 64],
        "method": "m", "software": "heliobench 1", "program_sha256": "b" * 64,
    }  # fmt: skip
    return plain | changed


def test_equal_results_differ_in_nothing() -> None:
    assert changes(before=outcome(), before_inputs=inputs(), after=outcome(), inputs=inputs()) == []


def test_every_difference_is_told_with_before_and_after_the_values_first() -> None:
    one = {"equipment": "E", "symbol": "G", "certificate": "C-1", "c0": 0.0, "c1": 1.0, "calibrated_on": "x",
           "due_on": "y"}  # fmt: skip
    limit = {"value": 100.0, "unit": "W/m2", "confirmed": False}
    found = changes(
        before=outcome(),
        before_inputs=inputs(calibrations=[one], limits={"G_min": limit}),
        after=outcome(coefficients=[coefficient(value=3.7)], points={"used": [True, True, True, True]}),
        inputs=inputs(
            item={"A_G": 2.52, "fluid": "water"}, calibrations=[one | {"certificate": "C-2"}],
            limits={"G_min": limit | {"confirmed": True}}, software="heliobench 2",
        ),
    )  # fmt: skip
    told = {change.what.en: (change.before, change.after) for change in found}
    assert next(iter(told)) == "Value of a1"
    assert told["Value of a1"] == ("3.50 ± 0.20", "3.70 ± 0.20")
    assert told["Data points used"] == ("3", "4")
    assert told["Property A_G of the item"] == ("2.51", "2.52")
    assert told["Property fluid of the item"] == ("–", "water")
    assert told["Calibration of E G"][1].startswith("C-2")
    assert told["Limit G_min"] == ("100.0 W/m2 (unconfirmed 未核对)", "100.0 W/m2")
    assert told["Software 软件"] == ("heliobench 1", "heliobench 2")
    assert len(told) == 7
