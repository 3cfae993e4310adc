"""Statements of conformity: specific risk, guard bands and verdicts, against JCGM 106, ILAC-G8 and GB/T 8170."""

import json
import math
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from protocols.conformity import (
    GUARDED,
    SIMPLE,
    Rule,
    capability,
    conformance_probability,
    decide,
    guard_for_risk,
    nonconformance_probability,
    posterior,
)
from protocols.limits import Limit
from protocols.metrology.comparison import FULL, ROUNDED, compare
from protocols.rounding import Marked, marked, round_marked
from tests.protocols.conftest import DATA

CASES = json.loads((DATA / "conformity" / "cases.json").read_text("utf-8"))

LIMIT = Limit(
    symbol="U_SL_max",
    value=16.0,
    unit="W/(m3 K)",
    clause="Heliobench",
    source="Heliobench",
    confirmed=True,
    note_en="",
    note_zh="",
    edition="an edition",
)


@pytest.mark.parametrize("case", CASES["jcgm106_specific_conformance_probability"]["cases"], ids=lambda c: c["desc"])
def test_the_probability_of_conformance_is_the_published_one(case: dict[str, float]) -> None:
    found = conformance_probability(case["y"], case["u"], lower=case["T_L"], upper=case["T_U"])
    assert found == pytest.approx(case["p_conform"], rel=1e-12)
    assert isinstance(found, float)


@pytest.mark.parametrize("case", CASES["specific_risk_cpk"]["cases"], ids=lambda c: str(c["mean"]))
def test_capability_and_its_risk_are_the_published_ones(case: dict[str, float]) -> None:
    limits = {"lower": case["LL"], "upper": case["UL"]}
    assert capability(case["mean"], case["sd"], **limits) == pytest.approx(case["cpk"], rel=1e-12)
    assert nonconformance_probability(case["mean"], case["sd"], **limits) == pytest.approx(
        case["specific_risk"], rel=1e-12
    )


@pytest.mark.parametrize("row", CASES["ilac_g8_guard_bands"]["expected_recomputed"], ids=lambda row: row["rule"])
def test_the_risk_at_the_acceptance_limit_is_that_of_the_guard_band(row: dict[str, float]) -> None:
    rule = Rule(name_en="a rule", name_zh="规则", guard=row["w_over_U"], coverage_factor=row["k"])
    assert rule.risk_at_limit == pytest.approx(row["max_specific_PFA"], rel=1e-7, abs=0.0)
    if row["w_over_U"]:
        assert guard_for_risk(row["max_specific_PFA"]) == pytest.approx(row["w_over_U"], rel=1e-8)
    acceptance = 10.0 - row["w_over_U"] * 2.0 * 0.1
    assert nonconformance_probability(acceptance, 0.1, upper=10.0) == pytest.approx(
        row["max_specific_PFA"], rel=1e-6, abs=0.0
    )


def test_a_certain_value_conforms_within_not_outside_and_by_half_on_the_limit() -> None:
    assert conformance_probability(9.9, 0.0, upper=10.0) == 1.0
    assert conformance_probability(10.1, 0.0, upper=10.0) == 0.0
    assert conformance_probability(10.0, 0.0, upper=10.0) == 0.5
    assert conformance_probability(10.0, 1e-12, upper=10.0) == 0.5  # of which that is the limit
    assert conformance_probability(5.0, 0.0, lower=4.0, upper=6.0) == 1.0
    assert conformance_probability(5.0, 1.0, lower=5.0, upper=5.0) == 0.0
    assert nonconformance_probability(5.0, 1.0, lower=5.0, upper=5.0) == 1.0


@settings(deadline=None)
@given(st.floats(-100, 100), st.floats(0.01, 100), st.floats(-100, 100), st.floats(0.01, 100), st.floats(0.001, 1000.0))
def test_the_probability_is_that_of_scipy_in_every_unit(
    y: float, u: float, low: float, width: float, unit: float
) -> None:
    limits = {"lower": low, "upper": low + width}
    found = conformance_probability(y, u, **limits)
    expected = stats.norm.cdf((low + width - y) / u) - stats.norm.cdf((low - y) / u)
    assert found == pytest.approx(expected, abs=1e-14)
    assert found + nonconformance_probability(y, u, **limits) == pytest.approx(1.0, abs=1e-14)
    mirrored = conformance_probability(-y, u, lower=-low - width, upper=-low)
    assert found == pytest.approx(mirrored, rel=1e-9, abs=1e-300)
    scaled = conformance_probability(y * unit, u * unit, lower=low * unit, upper=(low + width) * unit)
    assert scaled == pytest.approx(found, rel=1e-6, abs=1e-300)


def test_a_small_probability_keeps_its_digits_on_either_side() -> None:
    expected = stats.norm.sf(10.0) - stats.norm.sf(11.0)
    assert conformance_probability(-10.0, 1.0, lower=0.0, upper=1.0) == pytest.approx(expected, rel=1e-12, abs=0.0)
    assert conformance_probability(11.0, 1.0, lower=0.0, upper=1.0) == pytest.approx(expected, rel=1e-12, abs=0.0)
    assert nonconformance_probability(0.0, 1.0, upper=10.0) == pytest.approx(stats.norm.sf(10.0), rel=1e-12, abs=0.0)


@pytest.mark.parametrize(
    ("given_", "sentence"),
    [
        ((1.0, 0.1, None, None), "no limit"),
        ((1.0, 0.1, -math.inf, math.inf), "no limit"),
        ((1.0, 0.1, 2.0, 1.0), "above the upper"),
        ((1.0, -0.1, 0.0, None), "zero or a positive"),
        ((math.nan, 0.1, 0.0, None), "finite numbers"),
        ((1.0, math.nan, 0.0, None), "finite numbers"),
        ((1.0, 0.1, math.nan, None), "limit is NaN"),
        ((1.0, math.inf, 0.0, None), "finite numbers"),
    ],
)
def test_what_has_no_probability_of_conformance_is_refused_in_a_sentence(
    given_: tuple[float, float, float | None, float | None], sentence: str
) -> None:
    y, u, lower, upper = given_
    for function in (conformance_probability, nonconformance_probability, capability):
        with pytest.raises(ValueError, match=sentence):
            function(y, u, lower=lower, upper=upper)


def test_what_was_known_before_pulls_the_value_by_its_weight() -> None:
    y, u = posterior(prior_mean=10.0, prior_uncertainty=0.1, value=11.0, standard_uncertainty=0.2)
    assert (y, u) == (pytest.approx(10.2), pytest.approx(math.sqrt(0.008)))
    assert posterior(prior_mean=0.0, prior_uncertainty=1e9, value=5.0, standard_uncertainty=0.1)[0] == pytest.approx(
        5.0
    )
    with pytest.raises(ValueError, match="above zero"):
        posterior(prior_mean=0.0, prior_uncertainty=0.0, value=5.0, standard_uncertainty=0.1)


@pytest.mark.parametrize(
    ("value", "rule", "verdict"),
    [
        (15.79, GUARDED, "pass"),
        (15.8, GUARDED, "pass"),  # on the acceptance limit
        (15.81, GUARDED, "conditional pass"),
        (16.0, GUARDED, "conditional pass"),
        (16.01, GUARDED, "conditional fail"),
        (16.2, GUARDED, "conditional fail"),
        (16.21, GUARDED, "fail"),
        (16.0, SIMPLE, "pass"),
        (16.01, SIMPLE, "fail"),
        (16.2, Rule(name_en="uncritical", name_zh="宽松接受", guard=-1.0), "pass"),
        (16.21, Rule(name_en="uncritical", name_zh="宽松接受", guard=-1.0), "fail"),
    ],
)
def test_the_verdict_follows_the_guard_band(value: float, rule: Rule, verdict: str) -> None:
    found = decide(value, 0.1, rule=rule, upper=LIMIT)
    assert found.verdict == verdict
    assert found.upper_acceptance == pytest.approx(16.0 - 0.2 * rule.guard)
    assert found.lower_acceptance == -math.inf
    outside = stats.norm.sf((16.0 - value) / 0.1)
    assert found.risk == pytest.approx(outside if verdict.endswith("pass") else 1.0 - outside, rel=1e-6)
    assert rule.name_en in found.sentence_en
    assert rule.name_zh in found.sentence_zh
    mirrored = decide(-value, 0.1, rule=rule, lower=replace(LIMIT, value=-16.0))
    assert (mirrored.verdict, mirrored.risk) == (verdict, pytest.approx(found.risk, rel=1e-9))


def test_a_value_between_two_limits_is_judged_against_both() -> None:
    lower = replace(LIMIT, symbol="U_SL_min", value=15.0)
    assert decide(15.5, 0.1, rule=GUARDED, lower=lower, upper=LIMIT).verdict == "pass"
    assert decide(15.1, 0.1, rule=GUARDED, lower=lower, upper=LIMIT).verdict == "conditional pass"
    assert decide(14.7, 0.1, rule=GUARDED, lower=lower, upper=LIMIT).verdict == "fail"
    with pytest.raises(ValueError, match="nothing between"):
        decide(15.5, 0.3, rule=GUARDED, lower=lower, upper=LIMIT)
    with pytest.raises(ValueError, match="one unit"):
        decide(15.5, 0.1, rule=GUARDED, lower=replace(lower, unit="W"), upper=LIMIT)


@pytest.mark.parametrize("limit", [replace(LIMIT, confirmed=False), replace(LIMIT, value=math.nan, confirmed=False)])
def test_a_limit_that_nobody_has_confirmed_gives_no_verdict(limit: Limit) -> None:
    found = decide(1.0, 0.1, rule=GUARDED, upper=limit)
    assert found.verdict == "not judged"
    assert math.isnan(found.risk)
    assert "U_SL_max" in found.sentence_en
    assert "不作判定" in found.sentence_zh


@pytest.mark.parametrize(
    ("value", "u", "rule", "printed"),
    [
        (0.65, 0.05, Rule(name_en="lenient", name_zh="宽松", guard=-2.0), "> 99 %"),  # Phi(3) = 99.87 %
        (0.55, 0.05, Rule(name_en="lenient", name_zh="宽松", guard=-2.0), "84 %"),  # Phi(1)
        (0.50, 0.00, SIMPLE, "< 0.0001 %"),  # the limit belongs to what it allows, and nothing is uncertain
        (0.50, 0.05, SIMPLE, "50 %"),
    ],
)
def test_the_risk_is_printed_as_a_plain_percentage(value: float, u: float, rule: Rule, printed: str) -> None:
    decision = decide(value, u, rule=rule, upper=replace(LIMIT, value=0.5))
    assert decision.verdict == "pass"
    assert decision.sentence_en.endswith(f"the probability that this is wrong is {printed}.")
    assert decision.sentence_zh.endswith(f"误判概率为 {printed}。")


@pytest.mark.parametrize(("value", "below"), [("-0.004", True), ("0.004", False), ("-0.006", True), ("0.0", False)])
def test_what_was_rounded_to_zero_is_still_on_its_side_of_zero(value: str, below: bool) -> None:
    printed = str(marked(value, "0.01"))
    assert compare(printed, most="0", most_allowed=False).within is below
    assert compare(printed, least="0").within is not below
    again = str(round_marked(printed, "0.1"))
    assert compare(again, least="0").within is not below


def test_rounded_values_are_judged_as_they_were_printed() -> None:
    digits = conformance_probability(Decimal("1.0"), Decimal("0.1"), upper=Decimal("1.2"))  # type: ignore[arg-type]
    assert digits == conformance_probability(1.0, 0.1, upper=1.2)


def test_a_rule_and_a_risk_that_mean_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="above zero"):
        Rule(name_en="a rule", name_zh="规则", guard=1.0, coverage_factor=0.0)
    with pytest.raises(ValueError, match="finite numbers"):
        posterior(prior_mean=1.0, prior_uncertainty=0.1, value=math.nan, standard_uncertainty=0.1)
    with pytest.raises(ValueError, match="no guard band"):
        guard_for_risk(1.0)
    with pytest.raises(ValueError, match="no capability"):
        capability(1.0, 0.0, upper=2.0)


def bounds(text: str) -> dict[str, str]:
    if text[0] in "<>":
        return {"least" if text[0] == ">" else "most": text[2:]}
    least, most = text.split("~")
    return {"least": least, "most": most}


@pytest.mark.parametrize("case", CASES["judgements"], ids=lambda case: case["id"])
def test_a_value_is_judged_by_full_and_by_rounded_value(case: dict[str, dict[str, str]]) -> None:
    limits = bounds(case["inputs"]["limit"])
    assert compare(case["inputs"]["x"], **limits, way=FULL).within == case["published"]["full"]
    found = compare(case["inputs"]["x"], **limits, way=ROUNDED)
    assert found.within == case["published"]["rounded"]
    assert str(found.compared) == case["recomputed"]["rounded_value"]


@pytest.mark.parametrize(
    ("value", "limits", "within"),
    [
        ("16.5(+)", {"most": "16.5"}, False),
        ("16.5(-)", {"most": "16.5"}, True),
        ("16.5(-)", {"least": "16.5"}, False),
        ("16.5", {"most": "16.5", "most_allowed": False}, False),
        ("16.5(-)", {"most": "16.5", "most_allowed": False}, True),
        ("-16.5(+)", {"least": "-16.5"}, False),  # the mark speaks of the size: -16.5(+) is below -16.5
        ("-16.5(-)", {"least": "-16.5"}, True),
        ("0.05(-)", {"least": "0.1", "way": ROUNDED}, False),
        ("0.05(+)", {"least": "0.1", "way": ROUNDED}, True),
        ("0.50", {"least": "0.5", "least_allowed": False}, False),
    ],
)
def test_marks_decide_where_the_digits_are_those_of_the_limit(value: str, limits: dict[str, str], within: bool) -> None:
    assert compare(value, **limits).within is within


def test_the_digits_of_the_limit_say_how_far_to_round() -> None:
    assert compare("0.54", most="0.5", way=ROUNDED).within
    assert not compare("0.54", most="0.50", way=ROUNDED).within
    assert compare(Marked(value=Decimal("1249")), most="1000", way=ROUNDED).within is False


@pytest.mark.parametrize(
    ("value", "limits", "sentence"),
    [
        ("1.0", {}, "no limit"),
        ("1,0", {"most": "2.0"}, "one plain number"),
        ("< 1.0", {"most": "2.0"}, "one plain number"),
        ("1.0", {"most": "2.0 %"}, "one plain number"),
        ("1.0", {"least": "2.0", "most": "1.0"}, "exchange"),
        ("1.0", {"most": "2.0", "way": "by eye"}, "not known"),
        ("1.0", {"least": "1", "most": "2.0", "way": ROUNDED}, "different numbers of decimals"),
    ],
)
def test_a_comparison_that_is_ambiguous_is_refused(value: str, limits: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        compare(value, **limits)
