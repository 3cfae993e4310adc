"""What a maker declares of a domestic water heater, held against what was measured, and its energy grade (GB 26969).

The filing portal of the energy label takes no declared value that is better than the measured one: q_17 at least as
declared, U_sl at most; equality is allowed. The grade follows from the declared CTP. The text of the standard was not
read; the portal is known by its public code. How CTP is measured is not established, so that nothing is said of
whether a product reaches the CTP it declares.
"""

import math
from collections.abc import Mapping

from protocols.limits import Limit
from protocols.method import ItemField, Note
from protocols.procedures.judging import FAIL, NOT_JUDGED, PASS
from protocols.procedures.procedure import confirmed_for
from protocols.requirements.energy_grade import Grade, grade
from protocols.requirements.products import requirement
from protocols.requirements.requirements import FULL, GRADES, ROUNDED, Requirement

ITEM = (
    ItemField(
        symbol="declared_q_17",
        unit="MJ/m2",
        required=False,
        name_en="declared daily useful heat at 17 MJ/m2",
        name_zh="标注的 17 MJ/m2 时日有用得热量",
        least=0.0,
        most=100.0,
    ),
    ItemField(
        symbol="declared_U_sl",
        unit="W/(m3 K)",
        required=False,
        name_en="declared average heat loss factor",
        name_zh="标注的平均热损因数",
        least=0.0,
        most=1000.0,
    ),
    ItemField(
        symbol="declared_CTP",
        unit="1",
        required=False,
        name_en="declared coefficient of thermal performance CTP",
        name_zh="标注的能效系数 CTP",
        least=0.0,
        most=10.0,
    ),
)
_ROWS = (
    ("gain", "q_17", "MJ/m2", ("daily useful heat as declared", "日有用得热量（对照标注值）"), "at least", "0.1"),
    (
        "loss",
        "U_sl",
        "W/(m3 K)",
        ("average heat loss factor as declared", "平均热损因数（对照标注值）"),
        "at most",
        "1",
    ),
)
_GRADE = ("energy efficiency grade by the declared CTP", "能效等级（按标注的能效系数 CTP）")


def declared_requirements(*, prefix: str, heater: str) -> tuple[Requirement, ...]:
    """Give what a type of water heater (energy_grade.TYPES) is held against; prefix: of the ids."""
    rows = [
        requirement(
            id=f"{prefix}-{name}", quantity=quantity, unit=unit, names=names, comparison=comparison, limit="",
            interval=interval, declared=f"declared_{quantity}",
        )
        for name, quantity, unit, names, comparison, interval in _ROWS
    ]  # fmt: skip
    least = requirement(
        id=f"{prefix}-grade", quantity="CTP", unit="1", names=_GRADE, comparison="at least",
        limit=f"grade_{GRADES[-1]}_{heater}", interval="0.01", declared="declared_CTP", heater=heater,
    )  # fmt: skip
    return (*rows, least)


def declared_limit(required: Requirement, declared: Mapping[str, float], edition: str) -> Limit:
    """Give the declared value as the limit that it is; NaN where nothing was declared."""
    return Limit(
        symbol=required.declared,
        value=declared.get(required.declared, math.nan),
        unit=required.unit,
        clause="",
        source="",
        confirmed=True,
        note_en="",
        note_zh="",
        edition=edition,
    )


def not_declared(required: Requirement) -> Note:
    """Say that the company declared no value of this quantity."""
    name = next(field for field in ITEM if field.symbol == required.declared)
    return Note(
        code="not declared",
        sentence_en=f"Not judged: no {name.name_en} is stated among the properties of the item.",
        sentence_zh=f"不作判定：样品参数中没有委托单位{name.name_zh}。",
    )


def graded(
    required: Requirement, ctp: float, limits: Mapping[str, Limit], edition: str
) -> tuple[str, int | None, tuple[Note, ...]]:
    """Give verdict, grade and what is to be said of a declared CTP: "pass" where there is a grade.

    Not judged while a threshold is not found or not confirmed for the edition, and where the full and the rounded value
    (two decimals) have different grades, because nobody has confirmed which of them the standard compares.
    """
    rows = [limits[symbol] for symbol in required.limits_used]
    if not all(row.established for row in rows):
        return NOT_JUDGED, None, (_NOT_FOUND,)
    if not all(confirmed_for(row, edition) for row in rows):
        return NOT_JUDGED, None, (_NOT_CONFIRMED,)
    digits = repr(ctp)
    full, rounded = (
        grade(digits, heater=required.heater, limits={**_TWO_DECIMALS, **limits}, edition=edition, by=way)
        for way in (FULL, ROUNDED)
    )
    if full.grade != rounded.grade:
        return NOT_JUDGED, None, (_which_way(full, rounded),)
    return (FAIL if full.grade is None else PASS), full.grade, (_told(full, digits), _NOT_MEASURED)


_TWO_DECIMALS = {
    "interval_CTP": Limit(
        symbol="interval_CTP", value=0.01, unit="1", clause="", source="Heliobench", confirmed=True, note_en="",
        note_zh="",
    )
}  # fmt: skip
_NOT_FOUND = Note(
    code="limit not found",
    sentence_en="Not judged: the thresholds of the grades were not found.",
    sentence_zh="不作判定：未查得能效等级指标。",
)
_NOT_CONFIRMED = Note(
    code="limit not confirmed",
    sentence_en="Not judged: the thresholds of the three grades have not all been confirmed by the laboratory.",
    sentence_zh="不作判定：三个能效等级的指标尚未全部经本机构与标准原文核对确认。",
)
_NOT_MEASURED = Note(
    code="CTP not measured",
    sentence_en="The grade follows from the declared CTP. Whether the product reaches it is not judged: how CTP is "
    "computed from the measurement is not established.",
    sentence_zh="等级依据标注的 CTP 得出；产品实测是否达到该值不作判定：由实测值计算 CTP 的公式尚未查得。",
)


def _which_way(full: Grade, rounded: Grade) -> Note:
    return Note(
        code="way of comparing decides",
        sentence_en=f"Not judged: the declared CTP {full.compared} has another grade when it is rounded to "
        f"{rounded.compared}, and which of the two the standard compares is not confirmed.",
        sentence_zh=f"不作判定：标注的 CTP {full.compared} 修约为 {rounded.compared} 后等级不同，"
        "而标准采用全数值还是修约值比较尚未确认。",
    )


def _told(found: Grade, digits: str) -> Note:
    if found.grade is None:
        return Note(
            code="below the grades",
            sentence_en=f"The declared CTP of {digits} lies below the last grade.",
            sentence_zh=f"标注的 CTP {digits} 低于最低等级。",
        )
    return Note(
        code="grade",
        sentence_en=f"Grade {found.grade} by the declared CTP of {digits}.",
        sentence_zh=f"按标注的 CTP {digits}，能效等级为 {found.grade} 级。",
    )
