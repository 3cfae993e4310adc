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
from lims.certificates.document import compose, computed, printed_digits
from lims.certificates.reproduction import reproduce
from lims.certificates.verify import verify_pdf
from lims.demonstration import journey
from lims.items import operations as items
from lims.items import queries as item_queries
from lims.laboratory import Laboratory
from lims.limits import operations as limits
from lims.results import conformity
from protocols.method import outcome_to_dict
from protocols.requirements.products import requirement
from protocols.requirements.sets import RequirementSet
from tests.protocols.examples import steady as steady_examples

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
            area="aperture", temperature="inlet",
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
            area="aperture", temperature="inlet", reason="misread",
        )  # fmt: skip
    with agreed.database.read() as session:
        report = queries.by_number(session, number("BG"), journey.actor(agreed, "office"))
    kept = queries.issued_content(agreed.store, report)
    assert kept == content


@pytest.mark.parametrize(("rule", "by", "told"), [
    ("none", "own", "This report makes no statement of conformity."),
    ("simple", "", "the order names no requirement to judge by"),
    ("simple", "gbt17049-2024-58", "has no requirement on what was measured"),
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


# --- a collector, whose limits rest on an area and a temperature ---

FLAT = "gbt6424-2007"


def _confirm_both(laboratory: Laboratory) -> None:
    with laboratory.work(journey.actor(laboratory, "quality")) as work:
        for symbol, value in (("eta0_min", 0.72), ("U_max", 6.0)):
            limits.confirm(
                work, "gbt6424_2007", symbol, edition="GB/T 6424-2007", value=value, clause="6.2", source="copy 7",
                area="aperture", temperature="inlet",
            )  # fmt: skip


def _agreed(laboratory: Laboratory, number: Number, **areas: Any) -> dict[str, Any]:
    """What the order agreed on, as it stands beside a result that was evaluated with 2 m2 of gross area."""
    with laboratory.work(journey.actor(laboratory, "technician")) as work:
        work.session.execute(sa.text("update request set decision_rule = 'simple', judged_by = :by"), {"by": FLAT})
        items.state_properties(work, number("YP"), areas, {"A_a": 0.009}, dict.fromkeys(areas, "company"))
        item = item_queries.by_number(work.session, number("YP"), work.actor)
        found = conformity.agreed(work.session, item.request, item=item, inputs={"item": {"A_G": 2.0}})
    assert found is not None
    return found


@pytest.fixture(scope="module")
def steady() -> dict[str, Any]:
    """A steady-state result of a collector of 2 m2: 0.74, 3.6, 0.014 per gross area."""
    told: dict[str, Any] = json.loads(json.dumps(outcome_to_dict(steady_examples.case("iso9806-2017-sst").evaluate())))
    return told


def test_a_collector_is_judged_per_aperture_area_with_the_source_of_the_area_and_again_by_who_holds_the_bundle(
    authorised: Laboratory, number: Number, steady: dict[str, Any]
) -> None:
    """2.0/1.8 = 1.11111; the line over the inlet temperature is tested in tests/protocols/requirements."""
    _confirm_both(authorised)
    agreed = json.loads(json.dumps(_agreed(authorised, number, A_a=1.8)))
    rows = {row["id"]: row for row in conformity.statement(agreed, steady)}
    assert {row["verdict"] for row in rows.values()} == {"pass"}
    row = rows["gbt6424-2007-U"]
    assert (row["factor"], row["basis"]["en"]) == ("1.11111", "aperture area, inlet temperature")
    assert "A_a = 1.8 m² (stated by the company, standard uncertainty 0.009 m²)" in row["told"][0]["en"]
    digits = printed_digits(computed(steady, zone="Asia/Shanghai", agreed=agreed))
    assert digits["conformity.gbt6424-2007-U.factor"] == "1.11111"
    agreed["item"]["A_a"]["value"] = 1.0
    other = printed_digits(computed(steady, zone="Asia/Shanghai", agreed=agreed))
    assert other["conformity.gbt6424-2007-U.verdict"] == "fail"  # 4.4 W/(m2 K) per 2 m2 are 8.8 per 1 m2


def test_without_a_confirmed_basis_or_an_aperture_area_a_collector_is_not_judged(
    authorised: Laboratory, number: Number, steady: dict[str, Any]
) -> None:
    def reasons(agreed: dict[str, Any]) -> list[str]:
        (row,) = [one for one in conformity.statement(agreed, steady) if one["id"] == "gbt6424-2007-eta0"]
        assert row["verdict"] == "not judged"
        return [one["en"] for one in row["reasons"]]

    unread = reasons(_agreed(authorised, number, A_a=1.8))
    assert any("aperture area and the inlet temperature has not been confirmed" in one for one in unread)
    _confirm_both(authorised)
    with authorised.database.write() as session:
        session.execute(sa.text("delete from item_property where symbol = 'A_a'"))
    assert "which is not stated" in reasons(_agreed(authorised, number))[0]


def test_a_report_of_a_quasi_dynamic_test_says_why_no_straight_line_is_judged(
    authorised: Laboratory, number: Number
) -> None:
    _confirm_both(authorised)
    _agreed(authorised, number, A_a=500.0)
    content, data = _issued(authorised, number)
    assert [row["verdict"] for row in content["conformity"]] == ["not judged"] * 2
    assert "over which a quasi-dynamic test gives no curve" in content["conformity"][0]["reasons"][0]["en"]
    assert reproduce(parse_bundle(data)).same


def test_declared_values_and_the_grade_are_stated_by_what_the_company_says_and_kept_for_who_judges_again(
    authorised: Laboratory, number: Number
) -> None:
    loss = {
        "symbol": "U_sl", "value": 15.0, "unit": "W/(m3 K)", "standard_uncertainty": 0.1, "coverage_factor": 2.0,
        "expanded_uncertainty": 0.2,
    }  # fmt: skip
    with authorised.work(journey.actor(authorised, "technician")) as work:
        work.session.execute(sa.text("update request set decision_rule = 'simple', judged_by = 'gb26969-2011-compact'"))
        items.state_properties(work, number("YP"), {"declared_U_sl": 16.0, "declared_CTP": 0.55})
        item = item_queries.by_number(work.session, number("YP"), work.actor)
        assert {one.supplied_by for one in item.properties if one.symbol.startswith("declared")} == {"company"}
        agreed = conformity.agreed(work.session, item.request, item=item, inputs={"item": {}})
    agreed = json.loads(json.dumps(agreed))
    rows = conformity.statement(agreed, {"coefficients": [loss]})
    assert [(row["sign"], row["limit"], row["value"], row["verdict"]) for row in rows] == [
        ("≤", "16", "15.00", "pass"),
        ("≥", "0.1", "0.55", "not judged"),  # nobody has confirmed the thresholds
    ]
    for limit in agreed["by"]["limits"].values():
        limit["confirmed"] = True
    assert conformity.statement(agreed, {"coefficients": [loss]})[1]["grade"] == "1"
