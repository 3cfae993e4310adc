"""Energy grades of domestic solar water heating systems after GB 26969: by the coefficient CTP and the type of system.

The thresholds of 2011 come from the public code of the national filing portal and agree with the three examples of an
industry notice of 2012; nobody has compared them with the text of the standard, so that a grade says whether its
thresholds are confirmed. How CTP is computed was not found: the simple ratio of heat gain to heat loss contradicts the
thresholds. `ctp` therefore computes only by a formula that somebody registers together with its confirmed source.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from protocols.limits import Limit
from protocols.method import Note
from protocols.procedures.procedure import confirmed_for
from protocols.procedures.reasons import limit_notes
from protocols.refusals import NotEvaluable
from protocols.requirements.requirements import FULL, GRADES, ROUNDED
from protocols.rounding import decimal, round_to

# types as the limit table, the reports and the filings call them
TYPES = {
    "compact": "紧凑式",
    "separate_direct": "分离直接式",
    "separate_indirect": "分离间接式",
    "ics": "闷晒式",
}
CTP_INTERVAL = "interval_CTP"
# quantity -> whether the declared value must not be better than the measured one by being larger (True) or smaller
_DECLARED_AT_MOST = {"CTP": True, "q_17": True, "U_sl": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """The grade of a system.

    grade: 1 (best) to 3, None below the threshold of grade 3, where no filing is accepted.  compared: CTP as it was
    compared, `by` its full or its rounded value.  threshold: of the grade, None without one.  mark: what the label
    prints, e.g. ">0.50".  confirmed: whether all three thresholds are.
    """

    grade: int | None
    heater: str
    compared: Decimal
    by: str
    threshold: Decimal | None
    mark: str
    confirmed: bool
    notes: tuple[Note, ...]


def heater_type(name: str) -> str:
    """Find a type of TYPES by its key or its Chinese name. Raises ValueError for another."""
    for key, chinese in TYPES.items():
        if name in (key, chinese):
            return key
    known = ", ".join(f"{key} ({chinese})" for key, chinese in TYPES.items())
    raise ValueError(f"{name!r} is no type of water heater; known are {known}.")


def grade(ctp: str | Decimal, *, heater: str, limits: Mapping[str, Limit], edition: str, by: str = ROUNDED) -> Grade:
    """Give the grade of a declared CTP: the best whose threshold it reaches; equality reaches it.

    ctp: digits as text or Decimal.  heater: a type of TYPES, by key or Chinese name.  by: "rounded value", to two
    decimals as the filing portal requires (half to even, GB/T 8170), or "full value"; near a threshold they differ.
    GB 26969, energy efficiency grades [clause number unconfirmed].
    Raises NotEvaluable when the thresholds of the edition were not found, ValueError for another type or way and for a
    text that is no number.
    """
    if by not in (FULL, ROUNDED):
        raise ValueError(f"values are compared by {by!r}; give {FULL!r} or {ROUNDED!r}.")
    key = heater_type(heater)
    rows = [limits[f"grade_{number}_{key}"] for number in GRADES]
    if not all(row.established for row in rows):
        raise _not_found(edition)
    value = decimal(ctp)
    compared = round_to(value, _interval(limits, CTP_INTERVAL)) if by == ROUNDED else value
    thresholds = [Decimal(repr(row.value)) for row in rows]
    reached = next((place for place, least in enumerate(thresholds) if compared >= least), None)
    return Grade(
        grade=None if reached is None else GRADES[reached],
        heater=key,
        compared=compared,
        by=by,
        threshold=None if reached is None else thresholds[reached],
        mark="" if reached is None else f">{thresholds[reached]:.2f}",
        confirmed=all(confirmed_for(row, edition) for row in rows),
        notes=(*_below(compared, thresholds[-1]), *limit_notes(rows, edition)),
    )


def _interval(limits: Mapping[str, Limit], symbol: str) -> Decimal:
    return Decimal(repr(limits[symbol].value))


def _below(compared: Decimal, least: Decimal) -> tuple[Note, ...]:
    if compared >= least:
        return ()
    return (
        Note(
            code="below grade 3",
            sentence_en=f"CTP is {compared}, below {least:.2f}: there is no grade and the filing is refused.",
            sentence_zh=f"能效系数为 {compared}，低于 {least:.2f}：无能效等级，不予备案。",
        ),
    )


def _not_found(edition: str) -> NotEvaluable:
    return NotEvaluable(
        clause=f"{edition}, energy efficiency grades [clause number unconfirmed]",
        sentence_en=f"The thresholds of {edition} were not found, so that nothing can be graded by it; read them in "
        "the standard and enter them in its limit table.",
        sentence_zh=f"尚未查得 {edition} 的能效等级指标，无法据此分级；请查阅标准并填入限值表。",
    )


# --- CTP ---


@dataclass(frozen=True, slots=True, kw_only=True)
class CtpFormula:
    """A formula of CTP that somebody has read in a standard.

    edition: e.g. "GB 26969-2011".  source: where it was read, with clause.  confirmed_by: who compared it with the
    text.
    compute: (q_17 [MJ/m2], U_sl [W/(m3 K)], type of TYPES) -> CTP.
    """

    edition: str
    source: str
    confirmed_by: str
    compute: Callable[[float, float, str], float]

    def __post_init__(self) -> None:
        """Refuse a formula without a source and a name."""
        if not (self.source.strip() and self.confirmed_by.strip()):
            raise ValueError("a formula of CTP needs its source and who has compared it with the text; state both.")


def ctp(
    *, q_17: float, U_sl: float, heater: str, edition: str, formula: CtpFormula | None = None, measured: str = ""
) -> Decimal:
    """Give the coefficient of thermal performance: as stated, or by a registered formula.

    q_17: MJ/m2.  U_sl: W/(m3 K).  heater: a type of TYPES.  measured: digits of a CTP that was determined elsewhere.
    Raises NotEvaluable when there is neither a stated CTP nor a formula of this edition: it is not established.
    """
    key = heater_type(heater)
    if measured:
        return decimal(measured)
    if formula is None or formula.edition != edition:
        raise NotEvaluable(
            clause=f"{edition}, CTP [clause number unconfirmed]",
            sentence_en=f"The formula of CTP of {edition} is not established; give the measured CTP, or register the "
            "formula with its confirmed source.",
            sentence_zh=f"{edition} 的能效系数（CTP）计算公式尚未查得；请直接给出 CTP 实测值，"
            "或登记公式及其已核对的来源。",
        )
    return Decimal(repr(float(formula.compute(q_17, U_sl, key))))


# --- the filing ---


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingCheck:
    """One declared value against the measured one."""

    quantity: str
    declared: Decimal
    measured: Decimal
    kept: bool
    note: Note


def filing_checks(
    *, declared: Mapping[str, str | Decimal], measured: Mapping[str, str | Decimal]
) -> tuple[FilingCheck, ...]:
    """Compare what a maker declares with what was measured: nobody may declare better than measured.

    Quantities: CTP and q_17 (declared <= measured), U_sl (declared >= measured); equality is allowed. Values as text or
    Decimal, as they were filed, not rounded again here. National filing portal of the energy label.
    Raises ValueError for another quantity and for one that is declared and not measured.
    """
    for quantity in declared:
        if quantity not in _DECLARED_AT_MOST or quantity not in measured:
            raise ValueError(
                f"{quantity} cannot be checked; declared and measured are needed of any of "
                f"{', '.join(_DECLARED_AT_MOST)}."
            )
    return tuple(
        _filing_check(quantity, decimal(value), decimal(measured[quantity])) for quantity, value in declared.items()
    )


def _filing_check(quantity: str, declared: Decimal, measured: Decimal) -> FilingCheck:
    at_most = _DECLARED_AT_MOST[quantity]
    kept = declared <= measured if at_most else declared >= measured
    english, chinese = ("at most", "不大于") if at_most else ("at least", "不小于")
    return FilingCheck(
        quantity=quantity,
        declared=declared,
        measured=measured,
        kept=kept,
        note=Note(
            code="kept" if kept else "rejected",
            sentence_en=f"{quantity} is declared as {declared} and was measured as {measured}; it must be {english} "
            f"the measured value: {'kept' if kept else 'the filing is rejected'}.",
            sentence_zh=f"{quantity} 标注值为 {declared}，实测值为 {measured}；标注值须{chinese}实测值："
            f"{'符合' if kept else '不予备案'}。",
        ),
    )


def stated(quantity: str, value: str | Decimal, limits: Mapping[str, Limit]) -> Decimal:
    """Round a value to the digits of the filing portal, once, half to even.

    quantity: CTP, q_17, U_sl, A_c, tube_length or V_s.  Raises ValueError for another.
    """
    symbol = f"interval_{quantity}"
    if symbol not in limits:
        known = ", ".join(name.removeprefix("interval_") for name in limits if name.startswith("interval_"))
        raise ValueError(f"the portal states no digits for {quantity!r}; known are {known}.")
    step = _interval(limits, symbol)
    return round_to(decimal(value), step.to_integral_value() if step == step.to_integral_value() else step)
