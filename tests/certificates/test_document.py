"""What a report states, as strings, and what must be stated before it is issued."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from lims.certificates import facts as f
from lims.certificates.document import compose, printed_digits, results_attachment
from lims.certificates.requirements import missing

Changed = Callable[..., f.ReportFacts]
NOTHING = f.Text("")


def test_printed_digits_are_the_value_rounded_to_the_place_of_its_uncertainty(facts: f.ReportFacts) -> None:
    # By hand from the file: eta0b 0.73029… with U 0.02942…; a5 8038.10… with U 696.33…
    digits = printed_digits(compose(facts))
    assert (digits["eta0b.value"], digits["eta0b.U"], digits["eta0b.k"]) == ("0.730", "0.029", "2")
    assert (digits["a5.value"], digits["a5.U"]) == ("8040", "700")
    assert (digits["windows.total"], digits["windows.used"], digits["windows.refused"]) == ("200", "91", "109")
    assert digits["r.a1.a2"] == "-0.90"


def test_every_number_printed_is_text_made_here(facts: f.ReportFacts) -> None:
    def numbers(value: object) -> list[object]:
        if isinstance(value, dict):
            return [n for v in value.values() for n in numbers(v)]
        if isinstance(value, list):
            return [n for v in value for n in numbers(v)]
        return [value] if isinstance(value, int | float) and not isinstance(value, bool) else []

    assert numbers(compose(facts)) == []


def test_a_dropped_coefficient_is_printed_as_set_and_without_uncertainty(
    outcome: dict[str, Any], changed: Changed
) -> None:
    dropped = {"value": 0.0, "standard_uncertainty": 0.0, "expanded_uncertainty": 0.0, "t_ratio": None}
    coefficients = [{**c, **dropped} if c["symbol"] == "a2" else c for c in outcome["coefficients"]]
    digits = printed_digits(compose(changed(outcome={**outcome, "coefficients": coefficients})))
    assert (digits["a2.value"], digits["a2.U"], digits["a2.k"], digits["a2.t"]) == ("0", "–", "–", "–")


def test_the_attachment_holds_the_printed_digits_and_the_outcome_unrounded(
    facts: f.ReportFacts, outcome: dict[str, Any]
) -> None:
    content = compose(facts)
    attached = json.loads(results_attachment(content, outcome))
    assert attached["printed"] == printed_digits(content)
    assert attached["outcome"] == outcome
    assert attached["runs"] == [{"number": "R-2026-00001", "segments": ["11" * 32, "22" * 32], "head": "ab" * 32}]


def test_complete_facts_miss_nothing(facts: f.ReportFacts) -> None:
    assert missing(facts) == []


LETTERS: dict[str, dict[str, Any]] = {
    "a": {"title": NOTHING},
    "b": {"laboratory__address": NOTHING},
    "c": {"laboratory__location": NOTHING},
    "d": {"number": " "},
    "e": {"customer__contact": ""},
    "f": {"method__edition": ""},
    "g": {"item__condition": NOTHING},
    "h": {"dates__received": None},
    "i": {"dates__performed_to": None},
    "j": {"dates__issued": None},
    "k": {"sampling": NOTHING},
    "m": {"outcome": {"coefficients": [], "covariance": []}},
    "n": {"deviations": NOTHING},
    "p": {"external_results": (f.ExternalResult(provider=NOTHING, scope=f.Text("流量", "flow")),)},
}


@pytest.mark.parametrize("letter", LETTERS)
def test_a_report_without_a_letter_of_7_8_2_1_is_refused_by_its_letter(letter: str, changed: Changed) -> None:
    sentences = missing(changed(**LETTERS[letter]))
    assert any(f"7.8.2.1 {letter})" in s.en and f"7.8.2.1 {letter})" in s.zh for s in sentences)


@pytest.mark.parametrize("letter", LETTERS)
def test_a_recorded_reason_excuses_a_letter_and_is_printed(letter: str, changed: Changed) -> None:
    facts = changed(**LETTERS[letter], reasons={letter: f.Text("不适用", "Not applicable here")})
    assert not any("7.8.2.1" in s.en for s in missing(facts))
    assert compose(facts)["statements"]["reasons"] == [{"letter": letter, "zh": "不适用", "en": "Not applicable here"}]


def test_a_report_that_nobody_authorises_is_refused(facts: f.ReportFacts, changed: Changed) -> None:
    assert any("7.8.2.1 o)" in s.en for s in missing(changed(persons=facts.persons[:2])))


@pytest.mark.parametrize("absent", [0, 1])
def test_a_report_needs_a_tester_and_a_reviewer(absent: int, facts: f.ReportFacts, changed: Changed) -> None:
    persons = tuple(p for i, p in enumerate(facts.persons) if i != absent)
    assert len(missing(changed(persons=persons))) == 1


def test_dates_that_contradict_each_other_are_refused(changed: Changed) -> None:
    (sentence,) = missing(changed(dates__received=date(2017, 7, 4)))
    assert "2017-07-03" in sentence.en
    assert "2017-07-04" in sentence.en


def test_equipment_out_of_calibration_during_the_test_is_refused(facts: f.ReportFacts, changed: Changed) -> None:
    late = f.Equipment(
        number="E-009",
        name=f.Text("流量计", "Flow meter"),
        serial="1",
        certificate="C-1",
        calibrated_on=date(2017, 3, 1),
        due_on=date(2017, 8, 24),
    )
    (sentence,) = missing(changed(equipment=(*facts.equipment, late)))
    assert "E-009" in sentence.en


def test_a_second_version_must_say_what_it_replaces(changed: Changed) -> None:
    amendment = f.Amendment(replaces="HB-2026-00001 v1", reason=f.Text("型号更正", "Model corrected"))
    assert len(missing(changed(version=2))) == 1
    assert missing(changed(version=2, amendment=amendment)) == []


def test_unconfirmed_limits_are_refused_outside_the_demonstration_laboratory(
    changed: Changed, outcome: dict[str, Any]
) -> None:
    unconfirmed = [limit for limit in outcome["limits"] if not limit["confirmed"]]
    sentences = missing(changed(laboratory__demonstration=False))
    assert len(sentences) == len(unconfirmed) > 0
    assert all("not confirmed" in s.en for s in sentences)
