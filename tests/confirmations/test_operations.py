"""Holidays and retention periods are confirmed by name and day; a confirmation counts for the data that were read."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from lims.confirmations import operations, queries
from lims.confirmations.operations import SiteData
from lims.demonstration.journey import actor
from lims.errors import BadInput, Forbidden, Refused, Sentence
from lims.labels import Label
from lims.laboratory import Laboratory
from lims.workdays import digest_of

DAYS = {"first": date(2027, 3, 1), "last": date(2027, 3, 2)}


def data(digest: str = "") -> SiteData:
    return SiteData(
        subject="holidays.2027", title=Label("2027 年节假日", "Holidays of 2027"), digest=digest or digest_of(2027),
        filed=False, source=Sentence("the notice", "通知"), lines=(),
    )  # fmt: skip


def confirm(laboratory: Laboratory, by: str = "office", source: str = "国办发明电〔2026〕1 号") -> None:
    with laboratory.work(actor(laboratory, by)) as work:
        operations.confirm(work, data(), digest=digest_of(2027), source=source)


def unsure(laboratory: Laboratory) -> tuple[int, ...]:
    with laboratory.database.read() as session:
        return queries.unsure(session, **DAYS)


def test_a_year_is_sure_while_its_confirmation_stands_and_the_record_is_kept(laboratory: Laboratory) -> None:
    assert unsure(laboratory) == (2027,)
    with pytest.raises(Forbidden):
        confirm(laboratory, by="technician")
    with pytest.raises(BadInput, match="which notice"):
        confirm(laboratory, source=" ")
    confirm(laboratory)
    assert unsure(laboratory) == ()
    with pytest.raises(Refused, match="confirmed already"):
        confirm(laboratory, by="quality")
    with laboratory.database.read() as session:  # of the file as it was then, of no other
        assert queries.standing(session, "holidays.2027", "0" * 64) is None
    with laboratory.work(actor(laboratory, "quality")) as work:
        with pytest.raises(BadInput, match="reason"):
            operations.take_back(work, data(), reason="")
        operations.take_back(work, data(), reason="通知有更正")
    assert unsure(laboratory) == (2027,)
    with laboratory.database.read() as session:
        kept = [(one.withdrawn, one.person.username, one.reason) for one in queries.history(session, "holidays.2027")]
    assert kept == [(False, "office", ""), (True, "quality", "通知有更正")]
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), laboratory.database.write() as session:
        session.execute(sa.text("update data_confirmation set source = 'x'"))


@pytest.mark.parametrize("kind", ["sqlite"])
def test_data_that_changed_under_the_page_are_not_confirmed(laboratory: Laboratory) -> None:
    with laboratory.work(actor(laboratory, "office")) as work, pytest.raises(Refused, match="changed since") as error:
        operations.confirm(work, data("1" * 64), digest=digest_of(2027), source="通知")
    assert error.value.sentence_zh.endswith("。")
