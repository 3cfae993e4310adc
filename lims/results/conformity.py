"""The statement of conformity of a result under what its order agreed on (ISO/IEC 17025:2017, 7.1.3 and 7.8.6).

`agreed` writes down everything it rests on beside the outcome (`heliobench.conformity/1`): the rule, the requirements,
their limits as the laboratory has confirmed them, each with the area and temperature it rests on, and what is known of
the item's areas. `statement` is pure: the pages, the report and whoever holds its bundle compute the same rows from the
same two documents.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy.orm import Session

from lims.errors import BadInput, Sentence
from lims.items.models import Item
from lims.items.operations import GROSS_AREA
from lims.labels import STATEMENTS
from lims.limits import queries as limit_queries
from lims.limits import tables
from lims.manual import sealed
from lims.notation import plain_number, unit_text
from lims.orders.models import Request
from lims.orders.rules import RULES
from lims.repertoire import requirement_sets
from lims.results.reading import printed
from protocols.clauses import clause_zh
from protocols.conformity import Rule
from protocols.limits import limit_as_dict, limit_from_dict
from protocols.method import Note
from protocols.requirements.declared import ITEM as DECLARED
from protocols.requirements.requirements import AREAS_ZH, TEMPERATURES_ZH, Requirement
from protocols.requirements.sets import APERTURE_AREA
from protocols.requirements.statement import Measured, Stated, state
from protocols.requirements.straight_line import Areas, curve_of

SCHEMA = "heliobench.conformity/1"
OWN_CRITERIA = Sentence(
    "its own criteria, which take no uncertainty into account", "试验方法自身的判据（不考虑不确定度）"
)
BY_DECLARED = Sentence("declared value", "标注值")  # a grade rests on it alone, without uncertainty
SIGNS = {"at least": "≥", "at most": "≤"}


def agreed(
    session: Session, request: Request, *, item: Item | None = None, inputs: Mapping[str, Any] | None = None
) -> dict[str, Any] | None:
    """What an order agreed on, with the limits as they count now; None where no statement was asked for.

    item, inputs: of the evaluation that is to be judged; without them nothing is known of its areas.
    """
    found = RULES.get(request.decision_rule)
    if found is None or found.rule is None:
        return None
    rule = found.rule
    told = {"name": found.name, "name_en": rule.name_en, "name_zh": rule.name_zh, "guard": rule.guard}
    known = _known(item, inputs["item"]) if item is not None and inputs is not None else {}
    by = _requirements(session, request.judged_by)
    return {"schema": SCHEMA, "rule": told, "by": by} | ({"item": known} if known and by else {})


def _known(item: Item, evaluated: Mapping[str, Any]) -> dict[str, Any]:
    """The gross area that was evaluated with; the aperture area, m2, and what the company declares as stated now."""
    stated = {one.symbol: one for one in item.properties}
    gross, aperture = evaluated.get(GROSS_AREA), stated.get(APERTURE_AREA.symbol)
    known: dict[str, Any] = {}
    declared = {one.symbol: stated[one.symbol].number for one in DECLARED if one.symbol in stated}
    if declared:
        known["declared"] = declared
    if gross is not None:
        known["A_G"] = {"value": gross}
    if aperture is not None and aperture.number is not None:
        known["A_a"] = {
            "value": aperture.number, "standard_uncertainty": aperture.standard_uncertainty,
            "supplied_by": aperture.supplied_by,
        }  # fmt: skip
    return known


def _requirements(session: Session, name: str) -> dict[str, Any] | None:
    found = requirement_sets().get(name)
    if found is None:
        return None
    limits = tables.table(session, found.limit_table, found.edition)
    read = limit_queries.bases(session, found.limit_table, found.edition)
    return {
        "id": found.id,
        "edition": found.edition,
        "name_en": found.name_en,
        "name_zh": found.name_zh,
        "requirements": [asdict(_on_basis(one, read.get(one.limit))) for one in found.requirements],
        "limits": {symbol: limit_as_dict(limits[symbol]) for one in found.requirements for symbol in one.limits_used},
    }


def _on_basis(requirement: Requirement, read: tuple[str, str] | None) -> Requirement:
    """A requirement with area and temperature as they were read in the text; as its file has them where nobody has."""
    if read is None or not requirement.needs_basis:
        return requirement
    return replace(requirement, area=read[0], temperature=read[1], basis_confirmed=True)


def statement(given: Mapping[str, Any] | None, outcome: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One row for each requirement on a quantity of the outcome, as text; none where nothing was agreed.

    Raises `BadInput` for a document that is none of ours.
    """
    if given is None or given.get("by") is None:
        return []
    try:
        by, rule = given["by"], given["rule"]
        stated = state(
            [Requirement(**one) for one in by["requirements"]],
            [_value(one) for one in outcome["coefficients"]],
            {symbol: limit_from_dict(one) for symbol, one in by["limits"].items()},
            edition=by["edition"],
            rule=Rule(name_en=rule["name_en"], name_zh=rule["name_zh"], guard=rule["guard"]),
            curve=curve_of(outcome),
            areas=_areas(given.get("item", {})),
            declared=given.get("item", {}).get("declared"),
        )
        expanded = {one["symbol"]: one["expanded_uncertainty"] for one in outcome["coefficients"]}
        return [
            _row(one, by["edition"], rule, expanded.get(one.measured.symbol, _expanded(one.measured)))
            for one in stated
        ]  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadInput(
            f"The requirements of the statement of conformity cannot be used ({type(error).__name__}: {error}).",
            f"符合性声明所依据的要求无法使用（{type(error).__name__}：{error}）。",
        ) from error


def manual_statement(
    given: Mapping[str, Any] | None, record: Mapping[str, Any], judgement: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The one row of a manual test: its standard's own criteria are the requirement, and its judgement the outcome."""
    if given is None:
        return []
    procedure, outcome = sealed.procedure_of(record), STATEMENTS[judgement["verdict"]]
    return [
        {
            "id": procedure.id,
            "name": {"zh": procedure.title_zh, "en": procedure.title_en},
            "edition": procedure.edition,
            "clause": procedure.clause,
            "clause_zh": clause_zh(procedure.clause),
            "source": "",
            "confirmed": False,
            "sign": "",
            "limit": "–",
            "unit": "",
            "value": "–",
            "U": "–",
            "rule": {"zh": OWN_CRITERIA.zh, "en": OWN_CRITERIA.en},
            "verdict": judgement["verdict"],
            "outcome": {"zh": outcome.zh, "en": outcome.en},
            "risk": "–",
            "reasons": [],  # they stand with the judgement
            "basis": None,
            "told": [],
            "factor": "–",
            "declared": False,
            "grade": "–",
        }
    ]


def manual_summary(given: Mapping[str, Any] | None) -> Sentence | None:
    """Which rule was agreed, and that a manual test has its own; None where no statement was asked for."""
    if given is None:
        return None
    rule = given["rule"]
    return Sentence(
        f"Agreed decision rule: {rule['name_en']}. This test is judged by {OWN_CRITERIA.en}.",
        f"约定的判定规则：{rule['name_zh']}。本试验按{OWN_CRITERIA.zh}判定。",
    )


def summary(given: Mapping[str, Any] | None, rows: list[dict[str, Any]]) -> Sentence | None:
    """In one sentence which rule was agreed and what came of it; None where no statement was asked for."""
    if given is None:
        return None
    rule, by = given["rule"], given["by"]
    english, chinese = f"Agreed decision rule: {rule['name_en']}.", f"约定的判定规则：{rule['name_zh']}。"
    if by is None:
        return Sentence(
            f"{english} No statement of conformity is made: the order names no requirement to judge by.",
            f"{chinese}未作符合性判定：委托未约定判定所依据的产品要求。",
        )
    reference = (f"{by['edition']} ({by['name_en']})", f"{by['edition']}（{by['name_zh']}）")
    if not rows:
        return Sentence(
            f"{english} No statement of conformity is made: {reference[0]} has no requirement on what was measured.",
            f"{chinese}未作符合性判定：{reference[1]}对所测的量没有要求。",
        )
    if all(one["verdict"] == "not judged" for one in rows):
        return Sentence(
            f"{english} Requirements: {reference[0]}. No statement of conformity could be made; the reasons stand "
            "beside each requirement.",
            f"{chinese}判定依据：{reference[1]}。未能作出符合性判定，理由列于各项要求旁。",
        )
    return Sentence(
        f"{english} Requirements: {reference[0]}; see the statement of conformity.",
        f"{chinese}判定依据：{reference[1]}；见“符合性声明”。",
    )


def _areas(known: Mapping[str, Any]) -> Areas | None:
    if "A_G" not in known:
        return None
    aperture = known.get("A_a")
    if aperture is None:
        return Areas(gross=known["A_G"]["value"])
    return Areas(
        gross=known["A_G"]["value"], aperture=aperture["value"], u_aperture=aperture["standard_uncertainty"],
        aperture_by=aperture["supplied_by"],
    )  # fmt: skip


def _expanded(measured: Measured) -> float | None:
    u, k = measured.standard_uncertainty, measured.coverage_factor
    return u * k if u and k else None


def _value(one: Mapping[str, Any]) -> Measured:
    return Measured(
        symbol=one["symbol"],
        value=one["value"],
        unit=one["unit"],
        standard_uncertainty=one["standard_uncertainty"],
        coverage_factor=one["coverage_factor"],
    )


def _row(one: Stated, edition: str, rule: Mapping[str, Any], expanded: float | None) -> dict[str, Any]:
    value, uncertainty = printed(one.measured.value, expanded)
    outcome = STATEMENTS[one.verdict]
    return {
        "id": one.requirement.id,
        "name": {"zh": one.requirement.name_zh, "en": one.requirement.name_en},
        "edition": edition,
        "clause": one.limit.clause,
        "clause_zh": clause_zh(one.limit.clause),
        "source": one.limit.source,
        "confirmed": one.limit.confirmed and one.limit.edition == edition,
        "sign": SIGNS[one.requirement.comparison],
        "limit": plain_number(one.limit.value) if one.limit.established else "–",
        "unit": "" if one.requirement.unit == "1" else unit_text(one.requirement.unit),
        "value": value,
        "U": uncertainty,
        "declared": bool(one.requirement.declared) and not one.requirement.heater,
        "rule": {"zh": BY_DECLARED.zh, "en": BY_DECLARED.en}
        if one.requirement.heater
        else {"zh": rule["name_zh"], "en": rule["name_en"]},
        "grade": str(one.grade or "–"),
        "verdict": one.verdict,
        "outcome": {"zh": outcome.zh, "en": outcome.en},
        "risk": _percent(one.decision.risk) if one.decision else "–",
        "reasons": _sentences(one.reasons),
        "basis": _basis(one.requirement),
        "told": _sentences(one.measured.told),
        "factor": f"{one.measured.factor:.6g}" if one.measured.factor is not None else "–",
    }


def _sentences(notes: Iterable[Note]) -> list[dict[str, str]]:
    return [{"zh": note.sentence_zh, "en": note.sentence_en} for note in notes]


def _basis(requirement: Requirement) -> dict[str, str] | None:
    """On which area and temperature the limit rests, in words; None for one that rests on neither or was not found."""
    if not requirement.needs_basis or not requirement.basis_found:
        return None
    return {
        "zh": f"{AREAS_ZH[requirement.area]}，{TEMPERATURES_ZH[requirement.temperature]}",
        "en": f"{requirement.area} area, {requirement.temperature} temperature",
    }


def _percent(risk: float) -> str:
    return "< 0.1 %" if risk < 0.001 else f"{100.0 * risk:.2g} %"
