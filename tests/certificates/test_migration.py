"""The migration by which a report rests on a result or a record: down and up again with an issued report."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from lims import migrate
from lims.certificates import operations, queries
from lims.demonstration import journey
from lims.laboratory import Laboratory


def test_an_issued_report_keeps_its_result_its_job_and_its_file(
    issued: Laboratory, number: Callable[[str], str]
) -> None:
    def told() -> tuple[str, str, str, bytes]:
        with issued.database.read() as session:
            report = queries.by_number(session, number("BG"), journey.actor(issued, "office"))
            return report.state, report.basis.number, report.job.number, operations.pdf_of(issued, report)

    before = told()
    assert before[1:3] == (number("JG"), number("RW"))
    migrate.downgrade(issued.database, "rl02")
    assert "job_id" not in {one["name"] for one in sa.inspect(issued.database.engine).get_columns("report")}
    migrate.upgrade(issued.database)
    assert told() == before
    copied = (
        "insert into report (id, number, state, version, language, job_id, result_id, company_id, code, drafted_at, "
        "tested_by_id) select 99, 'X', state, version, language, job_id, result_id, company_id, 'x', drafted_at, "
        "tested_by_id from report"
    )
    with pytest.raises(sa.exc.IntegrityError), issued.database.write() as session:
        session.execute(sa.text(copied))  # two reports of one result in force
