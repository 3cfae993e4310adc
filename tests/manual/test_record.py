"""Entries fold into one record, whatever the order they were made in; nothing that was written is ever lost."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.errors import BadInput
from lims.manual.record import current, folded, read, spot_of, superseded
from lims.repertoire import procedures
from protocols.procedures.entries import checked
from protocols.procedures.procedure import Procedure
from tests.protocols.procedures.records import OFFERED, good_record

PRESSURE = procedures()["gbt6424-2007-pressure"]


@dataclass(frozen=True)
class Entry:
    """An entry as the folding reads it."""

    place: tuple[str, int, int]
    text: str


def written(procedure: Procedure) -> list[Entry]:
    """A good record, entry by entry, as people would write it."""
    record, found = good_record(procedure), []
    for entry in procedure.entries:
        rows = enumerate(record[entry.each], start=1) if entry.each else [(0, record)]
        for row, values in rows:
            texts = values[entry.symbol] if entry.double else [values[entry.symbol]]
            found += [Entry((entry.symbol, row, n), _text(text)) for n, text in enumerate(texts, start=1)]
    return found


def _text(value: object) -> str:
    if isinstance(value, list):
        return "\n".join(" ".join(map(str, pair)) for pair in value)
    return repr(value) if isinstance(value, float) else str(value)


@pytest.mark.parametrize("name", OFFERED)
def test_every_procedures_good_record_can_be_written_entry_by_entry(name: str) -> None:
    procedure = OFFERED[name]
    for entry in written(procedure):
        spot = spot_of(procedure, *entry.place)
        assert spot.entry is not None
        read(spot.entry, entry.text)
    record = folded(procedure, written(procedure))
    assert checked(procedure, record) == checked(procedure, good_record(procedure))


@given(st.permutations(written(PRESSURE)))
def test_the_order_of_writing_makes_no_difference(entries: list[Entry]) -> None:
    assert folded(PRESSURE, entries) == folded(PRESSURE, written(PRESSURE))


PLACES = st.sampled_from([("pressure", 0, 1), ("pressure", 0, 2), ("held", 0, 1), ("remark", 0, 1)])


@given(st.lists(st.builds(Entry, PLACES, st.sampled_from(["", "600.0", "15.0"]))))
def test_every_entry_ever_made_counts_or_stands_among_the_changed_ones(entries: list[Entry]) -> None:
    replaced = superseded(entries)
    last = {entry.place: entry for entry in entries}
    assert len(replaced) + len(last) == len(entries)
    assert set(current(entries)) == {place for place, entry in last.items() if entry.text}
    for place in last:
        chain = [entry for entry in entries if entry.place == place]
        assert [pair for pair in replaced if pair[0].place == place] == list(pairwise(chain))


def test_one_reading_of_two_is_no_value_yet() -> None:
    once = [Entry(("pressure", 0, 1), "600")]
    assert "pressure" not in folded(PRESSURE, once)
    assert folded(PRESSURE, [*once, Entry(("pressure", 0, 2), "605")])["pressure"] == [600.0, 605.0]


@pytest.mark.parametrize(
    ("symbol", "text", "told"),
    [
        ("pressure", "6,5", "a number with a decimal point"),
        ("pressure", "nan", "a number with a decimal point"),
        ("pressure", "-1", "between 0 and 20000 kPa"),
        ("leak", "maybe", "choose one of yes, no"),
        ("system", "OPEN", "choose one of open, closed"),
    ],
)
def test_what_cannot_be_is_refused_by_name(symbol: str, text: str, told: str) -> None:
    entry = next(one for one in PRESSURE.entries if one.symbol == symbol)
    with pytest.raises(BadInput, match=told) as refused:
        read(entry, text)
    assert entry.name_zh in refused.value.sentence_zh


@pytest.mark.parametrize(
    "place",
    [("pressure", 1, 1), ("pressure", 0, 3), ("held", 0, 2), ("nothing", 0, 1), ("equipment", 0, 1), ("env.G", 0, 1)],
)
def test_a_place_the_procedure_does_not_have_is_refused(place: tuple[str, int, int]) -> None:
    with pytest.raises(BadInput, match="no place"):
        spot_of(PRESSURE, *place)
    assert spot_of(PRESSURE, "env.t_amb", 0, 1).entry is None
