"""What every manual test keeps, however many there are: a new one joins by existing."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from lims.units import convert
from protocols.limits import Limit
from protocols.procedures.judging import judge
from protocols.procedures.procedure import Bound, Entry, Procedure, instructions, lacking_before, limit_symbols
from protocols.refusals import NotEvaluable
from tests.protocols.procedures.records import OFFERED, PROCEDURES, confirmed, good_record, shipped

EVERY = pytest.mark.parametrize("procedure", PROCEDURES.values(), ids=list(PROCEDURES))
UNITS = {"deg", "degC", "kPa", "Pa", "MJ", "kg", "min", "mm", "MPa", "m2"}  # as they are written in both languages
EACH = pytest.mark.parametrize("procedure", OFFERED.values(), ids=list(OFFERED))


def chinese(text: str) -> bool:
    return any("一" <= sign <= "鿿" for sign in text)


def test_the_tests_of_the_scope_are_there() -> None:
    wanted = (
        "internal-pressure stagnation exposure external-shock internal-shock rain freeze load-positive impact-steel"
    )
    for edition in ("iso9806-2017", "gbt4271-2021"):
        assert {f"{edition}-{name}" for name in wanted.split()} <= set(OFFERED)
    assert set(PROCEDURES) - set(OFFERED) == {"iso9806-2017-leakage", "iso9806-2017-rupture"}


@EVERY
def test_every_text_is_there_in_both_languages(procedure: Procedure) -> None:
    named = [*procedure.entries, *procedure.derived, *procedure.repetitions]
    assert procedure.clause
    assert all(chinese(zh) for zh in [procedure.title_zh, *(one.name_zh for one in named)])
    assert all(en and not chinese(en) for en in [procedure.title_en, *(one.name_en for one in named)])
    assert bool(procedure.scope_en) == chinese(procedure.scope_zh)
    assert bool(procedure.same_as) == bool(procedure.differs_en) == chinese(procedure.differs_zh)
    for step in instructions(procedure, shipped(procedure)):
        assert step.en
        assert chinese(step.zh)


@EVERY
def test_its_limits_exist_and_its_units_are_units(procedure: Procedure) -> None:
    assert set(limit_symbols(procedure)) <= set(shipped(procedure))
    for one in (*procedure.entries, *procedure.derived):
        if one.unit:
            assert convert([1.0], one.unit, one.unit).tolist() == [1.0]


@EVERY
def test_what_comes_before_it_does_so_in_the_sequence(procedure: Procedure) -> None:
    for earlier in procedure.after:
        assert PROCEDURES[earlier].order < procedure.order
    assert lacking_before(procedure, ()) == procedure.after
    assert lacking_before(procedure, procedure.after) == ()


@pytest.mark.parametrize("id_", sorted(set(PROCEDURES) - set(OFFERED)))
def test_a_test_outside_our_scope_is_refused_in_words(id_: str) -> None:
    with pytest.raises(NotEvaluable, match="is not offered here"):
        judge(PROCEDURES[id_], {}, {})


@EACH
def test_a_good_record_passes_once_the_limits_are_confirmed(procedure: Procedure) -> None:
    judgement = judge(procedure, good_record(procedure), confirmed(procedure))
    assert (judgement.verdict, judgement.would_be, judgement.reasons) == ("pass", "pass", ())
    assert judgement.missing == judgement.unmet == judgement.unconfirmed == ()


@EACH
def test_a_good_record_is_not_judged_by_limits_nobody_has_confirmed(procedure: Procedure) -> None:
    judgement = judge(procedure, good_record(procedure), shipped(procedure))
    used = [shipped(procedure)[limit.symbol] for limit in judgement.limits]
    if not used:
        assert judgement.verdict == "pass"
        return
    assert judgement.verdict == "not judged"
    assert judgement.would_be == ("pass" if all(limit.established for limit in used) else "")
    assert set(judgement.unconfirmed) == {limit.symbol for limit in used}
    assert {note.code for note in judgement.reasons} <= {"limit not confirmed", "limit not found"}


@EACH
def test_limits_confirmed_for_another_edition_do_not_judge(procedure: Procedure) -> None:
    foreign = {symbol: replace(limit, edition="X:1") for symbol, limit in confirmed(procedure).items()}
    judgement = judge(procedure, good_record(procedure), foreign)
    assert judgement.verdict == ("not judged" if judgement.limits else "pass")


@EACH
def test_each_failing_observation_fails_whatever_is_known_of_the_limits(procedure: Procedure) -> None:
    for observation in procedure.observations:
        for value in observation.fails:
            record = _changed(procedure, good_record(procedure), observation.entry, value)
            judgement = judge(procedure, record, shipped(procedure))
            assert judgement.verdict == "fail", observation.entry
            assert judgement.reasons[0].code == "failed"
            assert chinese(judgement.reasons[0].sentence_zh)


@EACH
def test_no_chinese_sentence_of_a_judgement_speaks_english(procedure: Procedure) -> None:
    """Whatever is seen or not kept: beside symbols, units and the edition no English word stands in it."""
    decided = {one.entry for one in (*procedure.conditions, *procedure.bounds)}
    bad: list[tuple[str, Any]] = [
        (entry.symbol, value)
        for entry in procedure.entries
        for value in (entry.least, entry.most)
        if entry.symbol in decided
    ]
    bad += [(one.entry, value) for one in procedure.observations for value in one.fails]
    words = {entry.symbol for entry in procedure.entries} | set(shipped(procedure)) | {procedure.edition}
    for symbol, value in bad:
        for note in judge(
            procedure, _changed(procedure, good_record(procedure), symbol, value), shipped(procedure)
        ).reasons:
            sentence = note.sentence_zh
            for word in sorted(words, key=len, reverse=True):
                sentence = sentence.replace(word, "")
            assert not set(re.findall("[A-Za-z]{2,}", sentence)) - UNITS, note.sentence_zh


@EACH
def test_a_rating_that_could_not_be_established_is_not_judged(procedure: Procedure) -> None:
    for observation in procedure.observations:
        for value in observation.undecided:
            record = _changed(procedure, good_record(procedure), observation.entry, value)
            judgement = judge(procedure, record, confirmed(procedure))
            assert (judgement.verdict, judgement.would_be) == ("not judged", "")
            assert [note.code for note in judgement.reasons] == ["undecided"]


@EACH
def test_each_missing_entry_is_named_and_prevents_a_verdict(procedure: Procedure) -> None:
    for entry in procedure.entries:
        for missing in (None, float("nan"), ""):
            record = _changed(procedure, good_record(procedure), entry.symbol, missing)
            judgement = judge(procedure, record, confirmed(procedure))
            expected = f"{entry.symbol} 1" if entry.each else entry.symbol
            assert judgement.missing == ((expected,) if entry.required else ())
            assert judgement.verdict == ("not judged" if entry.required else "pass")


@EACH
def test_two_readings_that_differ_prevent_a_verdict(procedure: Procedure) -> None:
    for entry in procedure.entries:
        if entry.double:
            record = good_record(procedure)
            first = record[entry.symbol][0]
            record[entry.symbol] = [first, first * 0.999]
            judgement = judge(procedure, record, confirmed(procedure))
            assert (judgement.verdict, judgement.missing) == ("not judged", (entry.symbol,))
            assert "readings differ" in {note.code for note in judgement.reasons}


@EACH
def test_each_condition_that_is_not_kept_is_named_and_gives_what_the_procedure_says(procedure: Procedure) -> None:
    for bound in procedure.conditions:
        outside = list(_outside(procedure, bound))
        assert outside or not isinstance(procedure.entry(bound.entry), Entry)
        for entry, value in outside:
            record = _changed(procedure, good_record(procedure), entry.symbol, value)
            judgement = judge(procedure, record, confirmed(procedure))
            assert bound.entry in judgement.unmet
            assert judgement.verdict == bound.otherwise
            assert any(note.code == "not kept" for note in judgement.reasons)


@EACH
def test_too_few_rows_prevent_a_verdict(procedure: Procedure) -> None:
    for repetition in procedure.repetitions:
        record = good_record(procedure)
        record[repetition.symbol] = record[repetition.symbol][:-1] if repetition.least else []
        judgement = judge(procedure, record, confirmed(procedure))
        assert judgement.verdict in ("not judged", "fail")
        assert (repetition.symbol in judgement.unmet) == bool(repetition.least)


@EACH
def test_an_unknown_entry_is_refused_by_name(procedure: Procedure) -> None:
    with pytest.raises(NotEvaluable, match="'colour'"):
        judge(procedure, {**good_record(procedure), "colour": "blue"}, shipped(procedure))


def _changed(procedure: Procedure, record: dict[str, Any], symbol: str, value: object) -> dict[str, Any]:
    """The record with another value of one entry, in its first row where it has rows."""
    entry = procedure.entry(symbol)
    assert isinstance(entry, Entry)
    given = [value, value] if entry.double and value not in (None, "") else value
    (record[entry.each][0] if entry.each else record)[symbol] = given
    return record


def _outside(procedure: Procedure, bound: Bound) -> Iterator[tuple[Entry, float]]:
    """Entries and values that can be true and do not keep the bound."""
    entry = procedure.entry(bound.entry)
    if isinstance(entry, Entry):
        value = good_record(procedure)
        kept = value[entry.each][0][entry.symbol] if entry.each else value[entry.symbol]
        kept = kept[0] if isinstance(kept, list) else kept
        for far in _far(bound, confirmed(procedure), kept):
            if entry.least <= far <= entry.most:
                yield entry, far


def _far(bound: Bound, limits: Mapping[str, Limit], kept: float) -> tuple[float, ...]:
    beyond = 0.01 * max(abs(kept), 1.0)
    if bound.comparison == "at least":
        return (kept - beyond,)
    if bound.comparison == "at most":
        return (limits[bound.limit].value + beyond,)
    width = limits[bound.tolerance].value * (abs(kept) if bound.comparison == "within fraction" else 1.0)
    return (kept - width - beyond, kept + width + beyond)
