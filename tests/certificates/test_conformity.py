"""The statement of conformity of a report: only by confirmed limits, printed, and computed again from the bundle."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from lims.certificates import operations, queries
from lims.certificates.assembly import facts_of
from lims.certificates.bundle import parse_bundle, write_bundle
from lims.certificates.document import compose
from lims.certificates.reproduction import reproduce
from lims.certificates.verify import verify_pdf
from lims.demonstration import journey
from lims.laboratory import Laboratory
from lims.limits import operations as limits
from lims.results import conformity
from protocols.requirements.products import requirement
from protocols.requirements.sets import RequirementSet

Number = Callable[[str], str]
pytestmark = pytest.mark.parametrize("kind", ["sqlite"])  # nothing here depends on the database

# A requirement on a quantity that the demonstration's collector has: eta0b at least the number of GB/T 6424-2007.
OWN = RequirementSet(
    id="own",
    edition="GB/T 6424-2007",
    name_en="collector",
    name_zh="集热器",
    limit_table="gbt6424_2007",
    requirements=(
        requirement(
            id="own-eta0b", quantity="eta0b", unit="1", names=("peak efficiency", "峰值效率"), comparison="at least",
            limit="eta0_min", interval="0.01",
        ),
    ),
)  # fmt: skip


@pytest.fixture
def agreed(authorised: Laboratory, number: Number, monkeypatch: pytest.MonkeyPatch) -> Laboratory:
    """An authorised result whose order names the rule and those requirements."""
    monkeypatch.setattr(conformity, "requirement_sets", lambda: {OWN.id: OWN})
    with authorised.database.write() as session:
        session.execute(sa.text("update request set decision_rule = 'guarded', judged_by = 'own'"))
    return authorised


def _confirm(laboratory: Laboratory, value: float) -> None:
    with laboratory.work(journey.actor(laboratory, "quality")) as work:
        limits.confirm(
            work, OWN.limit_table, "eta0_min", edition=OWN.edition, value=value, clause="6.2", source="copy 7",
        )  # fmt: skip


def _issued(laboratory: Laboratory, number: Number) -> tuple[dict[str, Any], bytes]:
    """What is printed on the report, and its bundle."""
    journey.report(laboratory, number("JG"))
    with laboratory.database.read() as session:
        report = queries.by_number(session, number("BG"), journey.actor(laboratory, "office"))
        content = queries.issued_content(laboratory.store, report)
    assert content is not None
    return content, operations.bundle_of(laboratory, report)


def test_an_unconfirmed_limit_is_shown_and_never_judged_by(agreed: Laboratory, number: Number) -> None:
    content, data = _issued(agreed, number)
    (row,) = content["conformity"]
    assert (row["verdict"], row["limit"], row["confirmed"], row["risk"]) == ("not judged", "0.72", False, "–")
    assert row["reasons"][0]["en"] == "Not judged: the limit has not been confirmed by the laboratory."
    assert "No statement of conformity could be made" in content["statements"]["decision_rule"]["en"]
    assert reproduce(parse_bundle(data)).digits["conformity.own-eta0b.verdict"] == "not judged"


def test_a_confirmed_limit_is_judged_printed_and_judged_again_from_the_bundle(
    agreed: Laboratory, number: Number
) -> None:
    _confirm(agreed, 0.5)
    content, data = _issued(agreed, number)
    (row,) = content["conformity"]
    value = next(one["value"] for one in content["results"] if one["key"] == "eta0b")
    assert float(value) > 0.6
    assert (row["verdict"], row["limit"], row["value"], row["clause"]) == ("pass", "0.5", value, "6.2")
    assert row["source"].startswith("copy 7; ")
    bundle = parse_bundle(data)
    verdict = verify_pdf(bundle.report, [bundle.root])
    assert verdict.printed["conformity.own-eta0b.verdict"] == "pass"
    found = reproduce(bundle)
    assert found.same
    assert found.digits["conformity.own-eta0b.limit"] == "0.5"

    assert bundle.conformity is not None
    forged = json.loads(json.dumps(bundle.conformity))
    forged["by"]["limits"]["eta0_min"]["value"] = 0.9
    other = reproduce(parse_bundle(write_bundle(replace(bundle, conformity=forged))))
    assert {one.key for one in other.differences} >= {"conformity.own-eta0b.limit", "conformity.own-eta0b.verdict"}
    unconfirmed = json.loads(json.dumps(bundle.conformity))
    unconfirmed["by"]["limits"]["eta0_min"]["confirmed"] = False
    assert not reproduce(replace(bundle, conformity=unconfirmed)).same
    assert not reproduce(replace(bundle, conformity=None)).same


def test_what_is_issued_stays_when_the_limit_is_confirmed_otherwise_later(agreed: Laboratory, number: Number) -> None:
    _confirm(agreed, 0.9)
    content, _ = _issued(agreed, number)
    assert content["conformity"][0]["verdict"] == "fail"
    with agreed.work(journey.actor(agreed, "quality")) as work:
        limits.confirm(
            work, OWN.limit_table, "eta0_min", edition=OWN.edition, value=0.1, clause="6.2", source="copy 7",
            reason="misread",
        )  # fmt: skip
    with agreed.database.read() as session:
        report = queries.by_number(session, number("BG"), journey.actor(agreed, "office"))
    kept = queries.issued_content(agreed.store, report)
    assert kept == content


@pytest.mark.parametrize(("rule", "by", "told"), [
    ("none", "own", "This report makes no statement of conformity."),
    ("simple", "", "the order names no requirement to judge by"),
    ("simple", "gbt6424-2021", "has no requirement on what was measured"),
])  # fmt: skip
def test_without_rule_requirements_or_a_quantity_they_concern_nothing_is_stated(
    authorised: Laboratory, number: Number, rule: str, by: str, told: str
) -> None:
    with authorised.database.write() as session:
        session.execute(sa.text("update request set decision_rule = :rule, judged_by = :by"), {"rule": rule, "by": by})
    with authorised.work(journey.actor(authorised, "technician")) as work:
        content = compose(facts_of(work.session, work.laboratory, operations.draft(work, number("JG")), issued=None))
    assert content["conformity"] == []
    assert told in content["statements"]["decision_rule"]["en"]
