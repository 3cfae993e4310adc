"""A limit's number is confirmed by the quality manager, with clause and source, and never silently exchanged."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from lims.audit import Event
from lims.demonstration import journey
from lims.errors import BadInput, Forbidden, NotFound, Refused
from lims.laboratory import Laboratory
from lims.limits import operations, queries, tables
from lims.limits.models import LimitConfirmation

TABLE, SYMBOL, EDITION = "gbt19141_2011", "U_sl_max", "GB/T 19141-2011"
GOOD: dict[str, Any] = {"edition": EDITION, "value": 15.5, "clause": "6.3, table 2", "source": "controlled copy 12"}
ONE_KIND = pytest.mark.parametrize("kind", ["sqlite"])  # the rule does not depend on the database


def _confirm(laboratory: Laboratory, by: str = "quality", **changes: Any) -> LimitConfirmation:
    told = {"table": TABLE, "symbol": SYMBOL, **GOOD, **changes}
    with laboratory.work(journey.actor(laboratory, by)) as work:
        return operations.confirm(work, told.pop("table"), told.pop("symbol"), **told)


def _limit(laboratory: Laboratory, table: str = TABLE, symbol: str = SYMBOL, edition: str = "") -> Any:
    with laboratory.database.read() as session:
        return tables.table(session, table, edition)[symbol]


def test_a_confirmed_number_counts_until_it_is_taken_back_and_all_of_it_stays(laboratory: Laboratory) -> None:
    assert (_limit(laboratory).value, _limit(laboratory).confirmed) == (16.0, False)
    _confirm(laboratory)
    counts = _limit(laboratory)
    assert (counts.value, counts.clause, counts.confirmed, counts.edition) == (15.5, "6.3, table 2", True, EDITION)
    assert counts.source.startswith("controlled copy 12; ")
    with laboratory.work(journey.actor(laboratory, "quality")) as work:
        operations.take_back(work, TABLE, SYMBOL, edition=EDITION, reason="amendment 1 changes it")
    assert (_limit(laboratory).value, _limit(laboratory).confirmed) == (16.0, False)
    with laboratory.database.read() as session:
        kept = session.scalars(sa.select(LimitConfirmation).order_by(LimitConfirmation.id)).all()
        assert [one.withdrawn for one in kept] == [False, True]
        told = session.scalars(sa.select(Event).where(Event.kind == "limit").order_by(Event.position)).all()
        assert [one.action for one in told] == ["confirm", "take_back"]
    with pytest.raises(Exception, match="append-only"), laboratory.database.write() as session:
        session.execute(sa.text("update limit_confirmation set value = 99"))


@ONE_KIND
@pytest.mark.parametrize("by", ["technician", "reviewer", "signatory", "office", "admin", "shen"])
def test_only_the_quality_manager_confirms(laboratory: Laboratory, by: str) -> None:
    with pytest.raises(Forbidden):
        _confirm(laboratory, by)


@ONE_KIND
@pytest.mark.parametrize(
    ("changes", "error", "sentence"),
    [
        ({"value": None}, BadInput, "Give the number"),
        ({"value": float("inf")}, BadInput, "Give the number"),
        ({"clause": " "}, BadInput, "Say the clause"),
        ({"clause": "thermal performance [clause number unconfirmed]"}, BadInput, "Say the clause"),
        ({"source": ""}, BadInput, "which copy"),
        ({"edition": "GB/T 1-2000"}, BadInput, "is not used for"),
        ({"symbol": "no_such"}, NotFound, "has no no_such"),
        ({"table": "../../etc/passwd"}, NotFound, "no limit table"),
        ({"table": "gbt17049_2005", "symbol": "stagnation_t_tube", "edition": "GB/T 17049-2005"}, Refused, "our own"),
    ],
)
def test_what_is_no_confirmation_is_refused_and_nothing_changes(
    laboratory: Laboratory, changes: dict[str, Any], error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        _confirm(laboratory, **changes)
    with laboratory.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(LimitConfirmation)) == 0


@ONE_KIND
def test_another_number_needs_a_reason_and_the_same_one_is_no_change(laboratory: Laboratory) -> None:
    _confirm(laboratory)
    with pytest.raises(Refused, match="confirmed so already"):
        _confirm(laboratory)
    with pytest.raises(Refused, match="say why"):
        _confirm(laboratory, value=16.5)
    _confirm(laboratory, value=16.5, reason="misread")
    assert _limit(laboratory).value == 16.5


FLAT: dict[str, Any] = {"table": "gbt6424_2021", "symbol": "U_max", "edition": "GB/T 6424-2021", "value": 6.0}


@ONE_KIND
@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (FLAT, "which area and which temperature"),
        ({**FLAT, "area": "aperture"}, "which area and which temperature"),
        ({**FLAT, "area": "not found", "temperature": "inlet"}, "which area and which temperature"),
        ({"area": "gross", "temperature": "mean"}, "rests on no area"),
    ],
)
def test_a_limit_of_a_collector_is_read_with_its_area_and_temperature_and_no_other_limit_is(
    laboratory: Laboratory, told: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(BadInput, match=sentence):
        _confirm(laboratory, **told)


def test_the_area_and_temperature_of_a_limit_count_until_they_are_read_otherwise(laboratory: Laboratory) -> None:
    def bases() -> dict[str, tuple[str, str]]:
        with laboratory.database.read() as session:
            return queries.bases(session, FLAT["table"], FLAT["edition"])

    _confirm(laboratory, **FLAT, area="gross", temperature="mean")
    assert bases() == {"U_max": ("gross", "mean")}
    with pytest.raises(Refused, match="say why"):
        _confirm(laboratory, **FLAT, area="aperture", temperature="mean")
    _confirm(laboratory, **FLAT, area="aperture", temperature="mean", reason="misread")
    assert bases() == {"U_max": ("aperture", "mean")}
    with laboratory.work(journey.actor(laboratory, "quality")) as work:
        operations.take_back(work, FLAT["table"], "U_max", edition=FLAT["edition"], reason="amended")
    assert bases() == {}


@ONE_KIND
def test_a_limit_that_another_edition_takes_over_is_confirmed_for_that_edition_alone(laboratory: Laboratory) -> None:
    """GB/T 4271-2021 uses the durability tests of ISO 9806:2017; who has read the one has not read the other."""
    table, symbol, chinese = "iso9806_2017_durability", "pressure_duration", "GB/T 4271-2021"
    assert chinese in operations.editions(table)
    _confirm(laboratory, table=table, symbol=symbol, edition=chinese, value=15.0)
    assert _limit(laboratory, table, symbol, chinese).confirmed
    assert not _limit(laboratory, table, symbol).confirmed
