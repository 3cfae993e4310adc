"""Files of records: kept once, never lost, out of account only with a reason."""

from __future__ import annotations

import pytest

from lims import audit
from lims.attachments import operations, queries
from lims.demonstration import journey
from lims.errors import BadInput, NotFound, Refused
from lims.laboratory import Laboratory
from lims.permissions import Actor

TEXT = "接管螺纹 G 3/4".encode()


def add(
    laboratory: Laboratory, who: Actor, *, name: str = "接管.txt", data: bytes = TEXT, internal: bool = False
) -> int:
    with laboratory.work(who) as work:
        return operations.add(work, kind="request", subject="WT-1", name=name, data=data, internal=internal).id


def names(laboratory: Laboratory, who: Actor) -> list[str]:
    with laboratory.database.read() as session:
        return [one.name for one in queries.of(session, "request", "WT-1", reader=who)]


def test_a_file_is_kept_once_and_removed_only_with_a_reason_and_never_lost(laboratory: Laboratory) -> None:
    shen, office = (journey.actor(laboratory, one) for one in ("shen", "office"))
    first = add(laboratory, shen)
    assert add(laboratory, shen, name="again.txt") == first
    assert names(laboratory, shen) == ["接管.txt"]
    with pytest.raises(BadInput, match="reason"), laboratory.work(office) as work:
        operations.remove(work, queries.by_id(work.session, first, office), " ")
    with laboratory.work(office) as work:
        operations.remove(work, queries.by_id(work.session, first, office), "错误的文件")
    with pytest.raises(Refused, match="already"), laboratory.work(office) as work:
        operations.remove(work, queries.by_id(work.session, first, office), "once more")
    assert names(laboratory, office) == []
    with laboratory.database.read() as session:
        gone = queries.by_id(session, first, office)
        assert laboratory.store.get(gone.sha256) == TEXT
        assert gone.removal is not None
        assert gone.removal.reason == "错误的文件"
        assert audit.verify(session).wrong_at is None


def test_what_is_internal_is_hidden_from_the_company_and_only_staff_can_make_it_so(laboratory: Laboratory) -> None:
    shen, office = (journey.actor(laboratory, one) for one in ("shen", "office"))
    hidden = add(laboratory, office, internal=True)
    add(laboratory, shen, name="own.txt", data=b"own", internal=True)
    assert names(laboratory, shen) == ["own.txt"]
    assert names(laboratory, office) == ["接管.txt", "own.txt"]
    with laboratory.database.read() as session, pytest.raises(NotFound):
        queries.by_id(session, hidden, shen)


def test_a_record_takes_no_endless_number_of_files(laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "MOST", 1)
    shen = journey.actor(laboratory, "shen")
    add(laboratory, shen)
    with pytest.raises(Refused, match="1 files already"):
        add(laboratory, shen, name="b.txt", data=b"b")
