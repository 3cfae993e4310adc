"""Records, item descriptions and limit tables: what is accepted and what is refused in a sentence."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from protocols.limits import read_limits
from protocols.method import ItemField, NotEvaluable, complete_item, methods
from protocols.record import Common, Record
from protocols.symbols import QUANTITIES, quantity
from tests.protocols.conftest import ROOT

TIMES = np.array([0.0, 60.0, 120.0])


def record(time: np.ndarray, **columns: np.ndarray) -> Record:
    return Record(time=time, columns=columns or {"G": np.ones_like(time)})


def test_rows_of_any_order_are_sorted_by_time() -> None:
    made = Record.from_rows(time=[120.0, 0.0, 60.0], columns={"G": [3.0, 1.0, 2.0]})
    np.testing.assert_array_equal(made.time, TIMES)
    np.testing.assert_array_equal(made.columns["G"], [1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("time", "sentence"),
    [
        ([], "no rows"),
        ([0.0, np.nan, 120.0], "time of row 2 is missing"),
        ([0.0, 60.0, 60.0], "1970-01-01T00:01:00.* occurs twice"),
        ([0.0, 120.0, 60.0], "not in order of time at 1970-01-01T00:01:00"),
    ],
)
def test_times_that_cannot_be_right_are_refused(time: list[float], sentence: str) -> None:
    with pytest.raises(NotEvaluable, match=sentence) as refusal:
        record(np.array(time))
    assert refusal.value.sentence_zh


def test_sorting_does_not_hide_a_duplicate() -> None:
    with pytest.raises(NotEvaluable, match="occurs twice"):
        Record.from_rows(time=[60.0, 0.0, 60.0], columns={"G": [1.0, 2.0, 3.0]})


def test_a_column_of_another_length_is_refused_by_name() -> None:
    with pytest.raises(NotEvaluable, match="Column Gd has 2 values but there are 3 times"):
        Record.from_rows(time=TIMES, columns={"Gd": [1.0, 2.0]})


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"symbol": "Gx"}, "no symbol of the glossary"),
        ({"symbol": "G", "absolute": -1.0}, "not negative"),
        ({"symbol": "G", "relative": float("nan")}, "not negative"),
    ],
)
def test_an_uncertainty_that_means_nothing_is_refused(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(NotEvaluable, match=sentence):
        Common(**given)


def test_every_symbol_has_a_unit_and_two_names() -> None:
    for symbol, entry in QUANTITIES.items():
        assert quantity(symbol) is entry
        assert entry.unit
        assert entry.name_en
        assert entry.name_zh
        assert entry.definition


def test_an_unknown_symbol_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(KeyError, match="'Gx' is not a symbol of the glossary; known are G, Gd"):
        quantity("Gx")


FIELDS = (
    ItemField(symbol="A_G", unit="m2", name_en="gross area", name_zh="总面积", least=0.1, most=10.0),
    ItemField(
        symbol="place",
        kind="text",
        default="inlet",
        choices=("inlet", "outlet"),
        choices_en=("at the inlet", "at the outlet"),
        choices_zh=("进口", "出口"),
        name_en="place",
        name_zh="位置",
    ),
    ItemField(symbol="horizon", kind="pairs", required=False, name_en="horizon", name_zh="地平线"),
)


def test_an_item_is_completed_with_defaults_and_tuples() -> None:
    assert complete_item(FIELDS, {"A_G": 2, "horizon": [[0, 1], [90, 2]]}) == {
        "A_G": 2.0,
        "place": "inlet",
        "horizon": ((0.0, 1.0), (90.0, 2.0)),
    }


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "lacks A_G \\(gross area\\)"),
        ({"A_G": 2.0, "colour": "blue"}, "'colour', which this method does not know"),
        ({"A_G": "2"}, "A_G .* is '2'; give a number from 0.1 to 10 m2"),
        ({"A_G": True}, "is True"),
        ({"A_G": 11.0}, "from 0.1 to 10 m2"),
        ({"A_G": float("nan")}, "is nan"),
        ({"A_G": 2.0, "place": "middle"}, "give 'inlet' .at the inlet. or 'outlet' .at the outlet."),
        ({"A_G": 2.0, "place": 3.0}, "give 'inlet' .at the inlet. or 'outlet' .at the outlet."),
        ({"A_G": 2.0, "horizon": [1.0, 2.0]}, "pairs of numbers"),
        ({"A_G": 2.0, "horizon": [["a", "b"]]}, "pairs of numbers"),
        ({"A_G": 2.0, "horizon": [[0.0, float("inf")]]}, "pairs of numbers"),
    ],
)
def test_an_item_that_cannot_be_right_is_refused_by_name(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(NotEvaluable, match=sentence):
        complete_item(FIELDS, given)


def test_every_choice_of_an_item_is_told_in_words_of_both_languages() -> None:
    fields = {(id(field), field) for method in methods().values() for field in method.item if field.choices}
    assert len({field.symbol for _, field in fields}) > 5
    for _, field in fields:
        words = [field.in_words(choice) for choice in field.choices]
        assert len(words) == len(field.choices_en) == len(field.choices_zh) == len(set(words))
        assert all(re.search("[\u4e00-\u9fff]", chinese) for _, chinese in words), field.symbol


def test_the_shipped_limits_are_confirmed_only_where_they_are_our_own() -> None:
    for limit in read_limits(ROOT / "config" / "limits" / "iso9806_2017.toml").values():
        assert limit.confirmed == (limit.source == "Heliobench")
        assert limit.note_en
        assert limit.note_zh
        assert limit.clause


GOOD = {
    "value": "1.0",
    "unit": '"K"',
    "clause": '"c"',
    "source": '"s"',
    "confirmed": "false",
    "note_en": '"n"',
    "note_zh": '"n"',
}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"value": '"1"'}, "table.toml: the value of limit t is '1'; give a number"),
        ({"value": "true"}, "give a number"),
        ({"confirmed": '"no"'}, "give true or false"),
        ({"unit": "3"}, "unit of limit t must be a text"),
        ({"colour": '"blue"'}, "needs exactly the keys"),
        ({"note_zh": None}, "needs exactly the keys"),
        ({"value": "= ="}, "not valid TOML"),
        ({"value": "nan", "confirmed": "true"}, "can only be nan with confirmed = false"),
        ({"value": "inf"}, "can only be nan"),
    ],
)
def test_a_limit_table_that_cannot_be_right_is_refused(
    tmp_path: Path, change: dict[str, str | None], sentence: str
) -> None:
    lines = [f"{key} = {value}" for key, value in {**GOOD, **change}.items() if value is not None]
    file = tmp_path / "table.toml"
    file.write_text('edition = "X:1"\n[t]\n' + "\n".join(lines), "utf-8")
    with pytest.raises(ValueError, match=sentence):
        read_limits(file)


def test_a_limit_whose_number_nobody_has_found_is_listed_without_one(tmp_path: Path) -> None:
    file = tmp_path / "table.toml"
    lines = [f"{key} = {value}" for key, value in {**GOOD, "value": "nan"}.items()]
    file.write_text('edition = "X:1"\n[t]\n' + "\n".join(lines), "utf-8")
    assert not read_limits(file)["t"].established
    assert read_limits(file)["t"].edition == "X:1"


def test_a_limit_table_without_an_edition_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "table.toml"
    file.write_text("[t]\n" + "\n".join(f"{key} = {value}" for key, value in GOOD.items()), "utf-8")
    with pytest.raises(ValueError, match="must begin with its edition"):
        read_limits(file)


def test_a_number_out_of_range_is_repeated_as_it_was_written() -> None:
    field = ItemField(symbol="f_p", unit="1", name_en="safety factor", name_zh="安全系数", least=0.01, most=1.0)
    with pytest.raises(NotEvaluable) as refused:
        complete_item([field], {"f_p": 1.5})
    assert refused.value.sentence_en == "The entry f_p (safety factor) is 1.5; give a number from 0.01 to 1."
    assert refused.value.sentence_zh == "f_p（安全系数）为 1.5；请给出 0.01 至 1 之间的数。"
