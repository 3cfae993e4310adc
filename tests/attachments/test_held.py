"""Files that wait for a form: for days, not for ever; a record's own file is never among them."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from lims.attachments import held, operations
from lims.demonstration import journey
from lims.errors import Damaged
from lims.laboratory import Laboratory
from lims.notices.courier import deliver

DATA = "接管螺纹 G 3/4".encode()
pytestmark = pytest.mark.parametrize("kind", ["sqlite"])


def later(laboratory: Laboratory, days: float) -> None:
    now = laboratory.clock() + timedelta(days=days)
    laboratory.clock = lambda: now


def test_a_file_waits_three_days_and_is_then_taken_away_by_the_courier_with_a_line_in_the_log(
    laboratory: Laboratory, caplog: pytest.LogCaptureFixture
) -> None:
    digest = held.hold(laboratory, DATA)
    later(laboratory, 2.9)
    deliver(laboratory)
    assert held.held(laboratory, digest) == DATA
    later(laboratory, 0.2)
    with caplog.at_level(logging.WARNING, "lims.attachments.held"):
        deliver(laboratory)
    assert not held.is_held(laboratory, digest)
    assert [one.getMessage() for one in caplog.records] == [
        "1 files of forms that nobody came back to for 3 days are taken away"
    ]
    with pytest.raises(Damaged):
        held.held(laboratory, digest)


def test_a_file_sent_once_more_waits_anew(laboratory: Laboratory) -> None:
    held.hold(laboratory, DATA)
    later(laboratory, 2)
    digest = held.hold(laboratory, DATA)
    later(laboratory, 2)
    assert held.clear(laboratory) == 0
    assert held.is_held(laboratory, digest)


def test_the_file_of_a_record_stays_when_the_same_bytes_waited_for_another_form(laboratory: Laboratory) -> None:
    digest = held.hold(laboratory, DATA)
    with laboratory.work(journey.actor(laboratory, "shen")) as work:
        operations.add(work, kind="request", subject="WT-1", name="接管.txt", data=held.held(laboratory, digest))
    later(laboratory, 4)
    assert held.clear(laboratory) == 1
    assert laboratory.store.get(digest) == DATA
