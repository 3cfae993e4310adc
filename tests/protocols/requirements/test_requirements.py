"""Product requirements: which value may be compared with which limit, what is judged, and what is refused."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.conformity import GUARDED, SIMPLE, Rule
from protocols.limits import Limit, read_limits
from protocols.refusals import NotEvaluable
from protocols.requirements.requirements import (
    FULL,
    ROUNDED,
    Measured,
    ProductStandard,
    Requirement,
    Ruling,
    all_of,
    judge_requirement,
    product_standards,
)
from tests.protocols.conftest import DATA, ROOT
from tests.protocols.procedures.records import PROCEDURES

STANDARDS = product_standards(ROOT / "config" / "requirements")
EVERY = pytest.mark.parametrize("standard", STANDARDS.values(), ids=list(STANDARDS))
FLAT = "GB/T 6424-2007"
NEW = "GB/T 6424-2021"
CASES = json.loads((DATA / "requirements" / "comparison.json").read_text("utf-8"))


def table(standard: ProductStandard) -> dict[str, Limit]:
    return read_limits(ROOT / "config" / "limits" / f"{standard.limit_table}.toml")


def ruled(
    edition: str,
    value: str,
    *,
    quantity: str = "eta0",
    sure: bool = True,
    by: str = FULL,
    rule: Rule | None = None,
    **more: Any,
) -> Ruling:
    standard = STANDARDS[edition]
    requirement = next(one for one in standard.requirements_of(reflector=False) if one.quantity == quantity)
    requirement = replace(requirement, basis_confirmed=sure)
    limits = {s: replace(one, confirmed=sure and one.established) for s, one in table(standard).items()}
    measured = {"unit": requirement.unit, "area": "aperture", "temperature": "inlet", **more}
    return judge_requirement(
        requirement, Measured(quantity=quantity, value=value, **measured), limits, edition=edition, by=by, rule=rule
    )


@EVERY
def test_a_standard_names_its_limits_and_tests_in_both_languages(standard: ProductStandard) -> None:
    for requirement in standard.requirements:
        assert table(standard)[requirement.limit].unit == requirement.unit
        assert Decimal(requirement.interval) > 0
        assert requirement.name_en
        assert requirement.name_zh
    for test in standard.tests:
        assert test.procedure in ("", *PROCEDURES)
        assert test.name_en
        assert test.name_zh
        assert test.source
        assert not test.confirmed
    assert {limit.edition for limit in table(standard).values()} == {standard.edition}


@EVERY
def test_nobody_has_confirmed_any_limit_of_a_product_standard_so_that_none_passes(standard: ProductStandard) -> None:
    for requirement in standard.requirements:
        measured = Measured(
            quantity=requirement.quantity,
            value="0.9" if requirement.comparison == "at least" else "0.1",
            unit=requirement.unit,
            area="aperture",
            temperature="inlet",
        )
        ruling = judge_requirement(requirement, measured, table(standard), edition=standard.edition)
        assert ruling.verdict == "not judged"
        assert ruling.would_be == ("pass" if ruling.limit.established else "")
        assert all(note.sentence_en and note.sentence_zh for note in ruling.reasons)


def test_the_numbers_of_the_editions_are_those_of_the_dossier_and_the_new_ones_are_not_there() -> None:
    numbers = {edition: [one.limit for one in standard.requirements] for edition, standard in STANDARDS.items()}
    values = {edition: [table(STANDARDS[edition])[name].value for name in names] for edition, names in numbers.items()}
    assert values["GB/T 6424-1997"] == [0.68, 6.0]
    assert values["GB/T 6424-2007"] == [0.72, 6.0]
    assert values["GB/T 17581-1998"][:3] == [0.60, 0.50, 2.5]
    assert values["GB/T 17581-2007"] == [0.62, 0.52, 3.0, 2.5]
    assert not any(table(STANDARDS[edition])[name].established for edition in (NEW, "GB/T 17581-2021") for name in
                   numbers[edition])  # fmt: skip


def test_a_reflector_chooses_the_row() -> None:
    rows = STANDARDS["GB/T 17581-2007"].requirements_of(reflector=True)
    assert [one.limit for one in rows] == ["eta0_min_reflector", "U_max_reflector"]


@pytest.mark.parametrize(
    ("edition", "value", "more", "verdict", "would_be"),
    [
        (FLAT, "0.72", {}, "pass", "pass"),
        (FLAT, "0.7199", {}, "fail", "fail"),
        (FLAT, "0.7199", {"by": ROUNDED}, "pass", "pass"),
        (FLAT, "0.7149", {"by": ROUNDED}, "fail", "fail"),
        (FLAT, "6.04", {"quantity": "U"}, "fail", "fail"),
        (FLAT, "6.04", {"quantity": "U", "by": ROUNDED}, "pass", "pass"),
        (FLAT, "0.72", {"sure": False}, "not judged", "pass"),
        (FLAT, "0.70", {"sure": False}, "not judged", "fail"),
        (FLAT, "0.75", {"declared": "0.76"}, "fail", "fail"),
        (FLAT, "0.76", {"declared": "0.76"}, "pass", "pass"),
        (FLAT, "0.71", {"declared": "0.70"}, "fail", "fail"),
        (FLAT, "0.75", {"declared": "0.76", "sure": False}, "fail", "fail"),
        (FLAT, "0.77", {"declared": "0.76", "sure": False}, "not judged", "pass"),
        (FLAT, "4.1", {"quantity": "U", "declared": "4.0"}, "fail", "fail"),
        (NEW, "0.80", {}, "not judged", ""),
        (NEW, "0.80", {"declared": "0.78"}, "not judged", ""),
        (NEW, "0.77", {"declared": "0.78"}, "fail", ""),
        (NEW, "0.80", {"area": "gross", "temperature": "mean"}, "not judged", ""),
    ],
)
def test_the_stricter_of_limit_and_declared_value_decides_once_it_is_confirmed(
    edition: str, value: str, more: dict[str, Any], verdict: str, would_be: str
) -> None:
    ruling = ruled(edition, value, **more)
    assert (ruling.verdict, ruling.would_be) == (verdict, would_be)
    assert ruling.reasons


@pytest.mark.parametrize(
    ("quantity", "declared", "bound"),
    [("eta0", "0.76", "0.76"), ("eta0", "0.70", "0.72"), ("eta0", None, "0.72"), ("U", "4.0", "4.0"), ("U", "9", "6")],
)
def test_the_bound_of_a_ruling_is_the_stricter_one(quantity: str, declared: str | None, bound: str) -> None:
    assert ruled(FLAT, "0.5", quantity=quantity, declared=declared).bound == Decimal(bound)


def test_a_number_whose_area_and_temperature_are_unknown_judges_nothing_even_when_confirmed() -> None:
    standard = STANDARDS[NEW]
    limits = {symbol: replace(one, value=0.5, confirmed=True) for symbol, one in table(standard).items()}
    measured = Measured(quantity="eta0", value="0.8", unit="1", area="gross", temperature="mean")
    ruling = judge_requirement(standard.requirements[0], measured, limits, edition=NEW)
    assert (ruling.verdict, ruling.would_be) == ("not judged", "pass")
    assert "basis not found" in {note.code for note in ruling.reasons}


def test_a_limit_confirmed_for_another_edition_judges_nothing() -> None:
    standard = STANDARDS[FLAT]
    limits = {symbol: replace(one, confirmed=True) for symbol, one in table(standard).items()}
    measured = Measured(quantity="eta0", value="0.8", unit="1", area="aperture", temperature="inlet")
    assert judge_requirement(standard.requirements[0], measured, limits, edition="X:1").verdict == "not judged"


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"area": "gross"}, "per aperture area and the value per gross area; convert the result first"),
        ({"temperature": "mean"}, "for the inlet temperature and the value for the mean temperature; convert"),
        ({"unit": "%"}, "for eta0 in 1 and the value is eta0 in %"),
        ({"declared": "much"}, "'much' is no number"),
    ],
)
def test_a_value_on_another_basis_is_refused_and_not_compared(more: dict[str, Any], sentence: str) -> None:
    with pytest.raises(NotEvaluable, match=sentence) as refusal:
        ruled(FLAT, "0.8", **more)
    assert refusal.value.sentence_zh


@pytest.mark.parametrize("value", ["", "NaN", "Infinity", "0,72", "0_72", "\uff10.\uff17\uff12", "1e99999"])
def test_a_value_that_is_no_number_is_refused(value: str) -> None:
    with pytest.raises(NotEvaluable, match="is no number"):
        ruled(FLAT, value)


def test_floats_misspelt_comparisons_and_foreign_tables_are_refused() -> None:
    with pytest.raises(TypeError, match=r"write 0\.72 as text"):
        ruled(FLAT, 0.72)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="compared by 'roughly'"):
        ruled(FLAT, "0.72", by="roughly")
    requirement = STANDARDS[FLAT].requirements[0]
    measured = Measured(quantity="eta0", value="0.8", unit="1", area="aperture", temperature="inlet")
    with pytest.raises(NotEvaluable, match="lacks eta0_min in 1"):
        judge_requirement(requirement, measured, {}, edition=FLAT)


@pytest.mark.parametrize(
    ("value", "more", "verdict"),
    [
        ("0.741", {"rule": GUARDED}, "pass"),
        ("0.739", {"rule": GUARDED}, "conditional pass"),
        ("0.719", {"rule": GUARDED}, "conditional fail"),
        ("0.699", {"rule": GUARDED}, "fail"),
        ("0.72", {"rule": SIMPLE}, "pass"),
        ("0.7199", {"rule": SIMPLE}, "fail"),
        ("0.741", {"rule": GUARDED, "declared": "0.73"}, "conditional pass"),
        ("0.741", {"rule": GUARDED, "sure": False}, "not judged"),
        ("0.71", {"rule": GUARDED, "declared": "0.74", "sure": False}, "fail"),
        ("6.03", {"rule": GUARDED, "quantity": "U"}, "fail"),
        ("6.01", {"rule": GUARDED, "quantity": "U"}, "conditional fail"),
        ("5.97", {"rule": GUARDED, "quantity": "U"}, "pass"),
    ],
)
def test_an_agreed_decision_rule_moves_the_bound_by_its_guard_band(
    value: str, more: dict[str, Any], verdict: str
) -> None:
    assert ruled(FLAT, value, standard_uncertainty=0.01, **more).verdict == verdict


def test_a_decision_rule_needs_an_uncertainty_and_full_values() -> None:
    with pytest.raises(NotEvaluable, match="needs the standard uncertainty"):
        ruled(FLAT, "0.8", rule=GUARDED)
    with pytest.raises(ValueError, match="compares full values"):
        ruled(FLAT, "0.8", rule=GUARDED, by=ROUNDED, standard_uncertainty=0.01)


def test_verdicts_sum_up_to_the_worst() -> None:
    order = ["pass", "conditional pass", "conditional fail", "not judged", "fail"]
    for i, worse in enumerate(order):
        for better in order[: i + 1]:
            assert all_of([better, worse]) == all_of([worse, better]) == worse


# --- comparison by full and by rounded value, GB/T 8170 ---


def verdict_of(case: dict[str, Any], by: str) -> str:
    """A range is two requirements, both of which must pass."""
    sides = (
        [("at least", case["limit"][2:])] if case["limit"].startswith(">=")
        else [("at most", case["limit"][2:])] if case["limit"].startswith("<=")
        else list(zip(("at least", "at most"), case["limit"].split("~"), strict=True))
    )  # fmt: skip
    return all_of(side_verdict(comparison, digits, case["value"], by) for comparison, digits in sides)


def side_verdict(comparison: str, digits: str, value: str, by: str) -> str:
    texts = {"clause": "c", "source": "s", "note_en": "n", "note_zh": "注"}
    limit = Limit(symbol="l", value=float(digits), unit="1", confirmed=True, edition="X:1", **texts)
    requirement = Requirement(
        id="x",
        quantity="x",
        unit="1",
        name_en="x",
        name_zh="量",
        area="gross",
        temperature="mean",
        comparison=comparison,
        limit="l",
        interval=str(Decimal(1).scaleb(-len(digits.partition(".")[2]))),
        basis_confirmed=True,
    )
    measured = Measured(quantity="x", value=value, unit="1", area="gross", temperature="mean")
    return judge_requirement(requirement, measured, {"l": limit}, edition="X:1", by=by).verdict


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_full_and_rounded_values_are_compared_as_gbt8170_does(case: dict[str, Any]) -> None:
    assert (verdict_of(case, FULL) == "pass") == case["full"]
    assert (verdict_of(case, ROUNDED) == "pass") == case["rounded"]


@given(value=st.decimals(0, 2, places=4), by=st.sampled_from([FULL, ROUNDED]))
def test_at_least_and_at_most_are_mirror_images(value: Decimal, by: str) -> None:
    least, most = (side_verdict(comparison, "0.72", str(value), by) for comparison in ("at least", "at most"))
    equal = abs(value - Decimal("0.72")) <= (Decimal("0.005") if by == ROUNDED else 0)
    assert (least == most == "pass") == equal
    assert "pass" in (least, most)


# --- files ---


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('area = "aperture"', 'area = "roof"', "gbt6424-2007-eta0: area is 'roof'; known are aperture, gross"),
        ('comparison = "at least"', 'comparison = "above"', "comparison is 'above'"),
        ('limit = "eta0_min", ', "", "requirements, number 1: it lacks limit"),
        ("confirmed = false", "confirmed = 0", "tests, number 1: confirmed is 0, which is of the wrong kind"),
        ("requirements = [", "requirements = 1\nother = [", "requirements: it must be a list of tables"),
        ('product = "flat', 'colour = "blue"\nproduct = "flat', "the file: it has the key 'colour'"),
        ('product = "flat', 'product = = "flat', "x.toml is not valid TOML"),
    ],
)
def test_a_file_that_cannot_be_right_is_refused(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    text = (ROOT / "config" / "requirements" / "gbt6424_2007.toml").read_text("utf-8")
    assert old in text
    (tmp_path / "x.toml").write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(ValueError, match=sentence):
        product_standards(tmp_path)
