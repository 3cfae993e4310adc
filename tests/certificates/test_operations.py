"""Reports: drafted once, issued once, signed by three people, and known again for ever."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa

from lims.audit import Event
from lims.audit import verify as verify_trail
from lims.certificates import operations, queries
from lims.certificates.models import Report, ReportIssue
from lims.demonstration import journey
from lims.errors import BadInput, Forbidden, Refused
from lims.items import operations as items
from lims.laboratory import Laboratory

Number = Callable[[str], str]
ONE_KIND = pytest.mark.parametrize("kind", ["sqlite"])  # the rule does not depend on the database


def _draft(laboratory: Laboratory, result: str, by: str = "technician") -> Report:
    with laboratory.work(journey.actor(laboratory, by)) as work:
        return operations.draft(work, result)


def _act(laboratory: Laboratory, username: str, number: str, action: str, reason: str = "") -> Report:
    with laboratory.work(journey.actor(laboratory, username)) as work:
        return operations.act(work, number, action, reason)


def _report(laboratory: Laboratory, number: str) -> Report:
    with laboratory.database.read() as session:
        return queries.by_number(session, number, journey.actor(laboratory, "office"))


@pytest.fixture
def ready(authorised: Laboratory, number: Number) -> Laboratory:
    """A laboratory with a report that only needs issuing."""
    _draft(authorised, number("JG"))
    _act(authorised, "reviewer", number("BG"), "check")
    _act(authorised, "signatory", number("BG"), "authorise")
    return authorised


@ONE_KIND
@pytest.mark.parametrize("state", ["recorded", "submitted", "reviewed", "void"])
def test_a_report_is_drafted_only_from_an_authorised(recorded: Laboratory, number: Number, state: str) -> None:
    with recorded.database.write() as session:
        session.execute(sa.text("update result set state = :state"), {"state": state})
    with pytest.raises(Refused, match=f"is '{state}'; a report is drafted from an authorised result"):
        _draft(recorded, number("JG"))


@ONE_KIND
@pytest.mark.parametrize("by", ["reviewer", "signatory", "admin", "quality", "shen"])
def test_only_a_technician_or_the_office_drafts(authorised: Laboratory, number: Number, by: str) -> None:
    with pytest.raises(Forbidden):
        _draft(authorised, number("JG"), by)


def test_two_drafts_at_once_make_one_report(authorised: Laboratory, number: Number) -> None:
    together = Barrier(2)

    def draft(_: int) -> str:
        together.wait()
        try:
            return _draft(authorised, number("JG")).number
        except Refused as refused:
            return refused.sentence.en

    with ThreadPoolExecutor(2) as pool:
        answers = set(pool.map(draft, range(2)))
    assert answers == {number("BG"), f"{number('JG')} already has the report {number('BG')}."}


@ONE_KIND
def test_after_a_discarded_draft_a_new_report_gets_a_new_number(authorised: Laboratory, number: Number) -> None:
    _draft(authorised, number("JG"))
    _act(authorised, "reviewer", number("BG"), "send_back", "the wrong address")
    assert _draft(authorised, number("JG")).number == number("BG").replace("00001", "00002")


@ONE_KIND
def test_a_report_is_printed_in_the_language_of_its_order_unless_its_draft_says_otherwise(
    authorised: Laboratory, number: Number
) -> None:
    with authorised.database.write() as session:
        session.execute(sa.text("update request set report_language = 'en'"))
    assert _draft(authorised, number("JG")).language == "en"
    with authorised.work(journey.actor(authorised, "technician")) as work:
        operations.set_language(work, number("BG"), "zh")
        with pytest.raises(BadInput, match="no report in 'fr'"):
            operations.set_language(work, number("BG"), "fr")
    with (
        authorised.work(journey.actor(authorised, "reviewer")) as work,
        pytest.raises(Forbidden),
    ):
        operations.set_language(work, number("BG"), "en")
    _act(authorised, "reviewer", number("BG"), "check")
    with (
        authorised.work(journey.actor(authorised, "technician")) as work,
        pytest.raises(Refused, match="chosen before it is checked"),
    ):
        operations.set_language(work, number("BG"), "en")
    _act(authorised, "signatory", number("BG"), "authorise")
    issued = _act(authorised, "signatory", number("BG"), "issue")
    assert issued.language == "zh"
    assert operations.verify_file(authorised, operations.pdf_of(authorised, issued)).valid


@ONE_KIND
def test_a_report_cannot_leave_out_a_step(authorised: Laboratory, number: Number) -> None:
    _draft(authorised, number("JG"))
    for username, action in (("signatory", "authorise"), ("signatory", "issue"), ("quality", "withdraw")):
        with pytest.raises(Refused, match="is 'drafted'"):
            _act(authorised, username, number("BG"), action, "because")
    with pytest.raises(BadInput, match="is not issued yet"):
        operations.pdf_of(authorised, _report(authorised, number("BG")))


def test_of_two_clicks_at_once_one_issues_and_there_is_one_report(ready: Laboratory, number: Number) -> None:
    together = Barrier(2)

    def click(_: int) -> str:
        together.wait()
        try:
            return _act(ready, "signatory", number("BG"), "issue").state
        except Refused as refused:
            return refused.sentence.en

    with ThreadPoolExecutor(2) as pool:
        answers = set(pool.map(click, range(2)))
    assert answers == {"issued", f"{number('BG')} is 'issued'; 'issue' needs it to be 'authorised'."}
    with ready.database.read() as session:
        issued = session.scalars(sa.select(Event).where(Event.subject == number("BG"), Event.action == "issue")).all()
        assert len(issued) == 1
        assert len(session.scalars(sa.select(ReportIssue)).all()) == 1


@ONE_KIND
def test_unconfirmed_limits_stop_every_report_but_the_demonstrations(authorised: Laboratory, number: Number) -> None:
    _draft(authorised, number("JG"))
    _act(authorised, "reviewer", number("BG"), "check")
    real = Laboratory(replace(authorised.settings, demonstration=False))
    with pytest.raises(Refused, match="is not confirmed against the text of the standard"):
        _act(real, "signatory", number("BG"), "authorise")
    real.close()
    assert _act(authorised, "signatory", number("BG"), "authorise").state == "authorised"
    real = Laboratory(replace(authorised.settings, demonstration=False))
    with pytest.raises(Refused, match="is not confirmed against the text of the standard"):
        _act(real, "signatory", number("BG"), "issue")
    real.close()
    assert _report(authorised, number("BG")).state == "authorised"


@ONE_KIND
@pytest.mark.parametrize(("change", "again"), [({"A_G": 516.0}, {"A_G": 515.66})])
def test_an_item_described_otherwise_since_its_evaluation_stops_the_report(
    authorised: Laboratory, number: Number, change: dict[str, float], again: dict[str, float]
) -> None:
    """The report would print properties its digits were not computed from."""

    def state(values: dict[str, float]) -> None:
        with authorised.work(journey.actor(authorised, "technician")) as work:
            items.state_properties(work, number("YP"), values)

    state(change)
    state(again)  # the laboratory's own from now on: whose value it is, is printed too
    _draft(authorised, number("JG"))
    _act(authorised, "reviewer", number("BG"), "check")
    state(change)
    with pytest.raises(Refused, match=r"A_G of .* was changed after the evaluation"):
        _act(authorised, "signatory", number("BG"), "authorise")
    state(again)
    assert _act(authorised, "signatory", number("BG"), "authorise").state == "authorised"


KILLED = """
import os, signal, sys
from lims.certificates import operations
from lims.demonstration import journey, people
from lims.laboratory import Laboratory
from lims.settings import load_settings
def die(*_, **__): os.kill(os.getpid(), signal.SIGKILL)
instance, url, number, moment = sys.argv[1:]
setattr(operations, moment, die)
laboratory = Laboratory(load_settings({}, instance=instance, database_url=url, demonstration=True))
with laboratory.work(journey.actor(laboratory, "signatory")) as work:
    operations.act(work, number, "issue")
    die()
"""


@pytest.mark.parametrize(
    ("kind", "moment"),
    [
        ("sqlite", "render"),
        ("sqlite", "write_bundle"),
        ("sqlite", "after everything but the commit"),
        ("postgresql", "after everything but the commit"),
    ],
)
def test_a_server_killed_while_issuing_leaves_the_report_as_it_was(
    ready: Laboratory, number: Number, moment: str
) -> None:
    settings = ready.settings
    told = [settings.instance, settings.database_url, number("BG"), moment]
    killed = subprocess.run([sys.executable, "-c", KILLED, *told], check=False)
    assert killed.returncode == -signal.SIGKILL
    report = _report(ready, number("BG"))
    assert (report.state, report.issue) == ("authorised", None)
    with ready.database.read() as session:
        assert verify_trail(session).wrong_at is None
    assert _act(ready, "signatory", number("BG"), "issue").state == "issued"


# --- what was issued ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shared(templates: Callable[[str, str], Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    """An issued report on SQLite, only read here."""
    with templates("sqlite", "issued").copied(tmp_path_factory.mktemp("shared") / "instance") as made:
        yield made


@pytest.fixture
def pdf(shared: Laboratory, number: Number) -> bytes:
    return operations.pdf_of(shared, _report(shared, number("BG")))


def test_the_issued_file_is_valid_and_found_in_the_register(shared: Laboratory, pdf: bytes, number: Number) -> None:
    found = operations.verify_file(shared, pdf)
    assert found.valid
    assert found.report is not None
    assert found.report.number == number("BG")
    for name in ("陈立", "周正"):
        assert name in found.sentence.en


@pytest.mark.parametrize("place", range(6))
def test_one_changed_byte_anywhere_makes_the_file_invalid(shared: Laboratory, pdf: bytes, place: int) -> None:
    changed = bytearray(pdf)
    changed[(2 * place + 1) * len(pdf) // 12] ^= 1
    assert not operations.verify_file(shared, bytes(changed)).valid


@pytest.mark.parametrize("other", [b"", b"hello", b"%PDF-1.7\n%%EOF\n"], ids=["empty", "text", "another PDF"])
def test_what_is_no_report_is_invalid_with_a_sentence(shared: Laboratory, other: bytes) -> None:
    found = operations.verify_file(shared, other)
    assert not found.valid
    assert found.sentence.en
    assert found.sentence.zh


def test_an_appended_byte_makes_the_file_invalid(shared: Laboratory, pdf: bytes) -> None:
    for more in (b"\n", b"x", b" "):
        assert not operations.verify_file(shared, pdf + more).valid


@ONE_KIND
def test_another_laboratorys_report_is_not_ours(shared: Laboratory, pdf: bytes, laboratory: Laboratory) -> None:
    assert not operations.verify_file(laboratory, pdf).valid


@ONE_KIND
def test_a_withdrawn_report_is_genuine_but_no_longer_valid(issued: Laboratory, number: Number) -> None:
    data = operations.pdf_of(issued, _report(issued, number("BG")))
    _act(issued, "quality", number("BG"), "withdraw", "the pyranometer was dirty")
    found = operations.verify_file(issued, data)
    assert found.verdict.valid
    assert not found.valid
    assert found.sentence.en == f"The file is genuine, but report {number('BG')} was withdrawn."
    assert "撤回" in found.sentence.zh
    assert operations.pdf_of(issued, _report(issued, number("BG"))) == data


@ONE_KIND
def test_a_withdrawn_report_may_be_followed_by_another(issued: Laboratory, number: Number) -> None:
    with pytest.raises(Refused, match="already has the report"):
        _draft(issued, number("JG"))
    _act(issued, "quality", number("BG"), "withdraw", "the pyranometer was dirty")
    assert _draft(issued, number("JG")).number != number("BG")


@ONE_KIND
def test_the_verification_code_leads_to_the_issued_report_alone(ready: Laboratory, number: Number) -> None:
    code = _report(ready, number("BG")).code
    assert len(code) >= 22  # 128 bits
    with ready.database.read() as session:
        assert queries.by_code(session, code) is None
        assert queries.published(session, number("BG")) is None
    _act(ready, "signatory", number("BG"), "issue")
    with ready.database.read() as session:
        found = queries.by_code(session, code)
        assert found is not None
        assert found.number == number("BG")
        assert queries.by_code(session, code[:-1]) is None
