"""The statement of conformity of a result under what its order agreed on (ISO/IEC 17025:2017, 7.1.3 and 7.8.6).

`agreed` writes down everything it rests on beside the outcome (`heliobench.conformity/1`): the rule, the requirements,
and their limits as the laboratory has confirmed them. `statement` is pure: the pages, the report and whoever holds its
bundle compute the same rows from the same two documents.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy.orm import Session

from lims.errors import BadInput, Sentence
from lims.labels import STATEMENTS
from lims.limits import tables
from lims.manual import sealed
from lims.notation import plain_number, unit_text
from lims.orders.models import Request
from lims.orders.rules import RULES, requirement_sets
from lims.results.reading import printed
from protocols.conformity import Rule
from protocols.limits import limit_as_dict, limit_from_dict
from protocols.requirements.requirements import Requirement
from protocols.requirements.statement import Measured, Stated, state

SCHEMA = "heliobench.conformity/1"
OWN_CRITERIA = Sentence(
    "its own criteria, which take no uncertainty into account", "试验方法自身的判据（不考虑不确定度）"
)
SIGNS = {"at least": "≥", "at most": "≤"}


def agreed(session: Session, request: Request) -> dict[str, Any] | None:
    """What an order agreed on, with the limits as they count now; None where no statement was asked for."""
    found = RULES.get(request.decision_rule)
    if found is None or found.rule is None:
        return None
    rule = found.rule
    told = {"name": found.name, "name_en": rule.name_en, "name_zh": rule.name_zh, "guard": rule.guard}
    return {"schema": SCHEMA, "rule": told, "by": _requirements(session, request.judged_by)}


def _requirements(session: Session, name: str) -> dict[str, Any] | None:
    found = requirement_sets().get(name)
    if found is None:
        return None
    limits = tables.table(session, found.limit_table, found.edition)
    return {
        "id": found.id,
        "edition": found.edition,
        "name_en": found.name_en,
        "name_zh": found.name_zh,
        "requirements": [asdict(one) for one in found.requirements],
        "limits": {one.limit: limit_as_dict(limits[one.limit]) for one in found.requirements},
    }


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
        )
        expanded = {one["symbol"]: one["expanded_uncertainty"] for one in outcome["coefficients"]}
        return [_row(one, by["edition"], rule, expanded[one.measured.symbol]) for one in stated]
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
        "source": one.limit.source,
        "confirmed": one.limit.confirmed and one.limit.edition == edition,
        "sign": SIGNS[one.requirement.comparison],
        "limit": plain_number(one.limit.value) if one.limit.established else "–",
        "unit": "" if one.requirement.unit == "1" else unit_text(one.requirement.unit),
        "value": value,
        "U": uncertainty,
        "rule": {"zh": rule["name_zh"], "en": rule["name_en"]},
        "verdict": one.verdict,
        "outcome": {"zh": outcome.zh, "en": outcome.en},
        "risk": _percent(one.decision.risk) if one.decision else "–",
        "reasons": [{"zh": note.sentence_zh, "en": note.sentence_en} for note in one.reasons],
    }


def _percent(risk: float) -> str:
    return "< 0.1 %" if risk < 0.001 else f"{100.0 * risk:.2g} %"
