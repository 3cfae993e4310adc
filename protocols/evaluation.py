"""What evaluations of every kind do alike: ask for columns and limits, state coefficients, warn."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from protocols.limits import Limit
from protocols.method import Coefficient, ItemValue, Note, Outcome, reference
from protocols.metrology.distributions import t_ppf
from protocols.record import Common, Record
from protocols.refusals import NotEvaluable
from protocols.symbols import quantity
from protocols.uncertainty import Budget

Array = NDArray[np.float64]

OURS = "Heliobench"
OF_THE_ITEM = ("A_G", "rho", "c_p")  # what has a common uncertainty without being a column
_COVERED = 0.9544997361036416  # what k = 2 covers of a normal distribution


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """The edition of a standard whose methods are made: "ISO 9806", "2017", prefix of the ids "iso9806-2017".

    limit_table: of its steady-state tests and those around them.
    """

    standard: str
    year: str
    prefix: str
    limit_table: str

    def clause(self, what: str) -> str:
        """Name a part of the standard whose clause number nobody has confirmed."""
        return f"{reference(self.standard, self.year)}, {what} [clause number unconfirmed]"


def bound(evaluate: Callable[..., Outcome], **fixed: object) -> Callable[..., Outcome]:
    """Give `evaluate(*, record, item, limits)` of a method from one that asks for more."""

    def run(*, record: Record, item: Mapping[str, ItemValue], limits: Mapping[str, Limit]) -> Outcome:
        return evaluate(record=record, item=item, limits=limits, **fixed)

    return run


def require(*, record: Record, inputs: Sequence[str], limits: Mapping[str, Limit], asked: Sequence[str]) -> None:
    """Raise NotEvaluable for a limit or a column that is not there, naming it.

    inputs: columns of the record.  asked: limits of the table.
    """
    require_limits(limits=limits, asked=asked)
    require_columns(record=record, inputs=inputs, clause=OURS)


def require_limits(*, limits: Mapping[str, Limit], asked: Iterable[str]) -> None:
    """Raise NotEvaluable for a limit that the table has not, naming it."""
    for symbol in asked:
        if symbol not in limits:
            raise NotEvaluable(
                clause=OURS,
                sentence_en=f"The limit table lacks {symbol}; use the table of this method.",
                sentence_zh=f"限值表缺少 {symbol}；请使用本方法的限值表。",
            )


def require_columns(*, record: Record, inputs: Iterable[str], clause: str) -> None:
    """Raise NotEvaluable, by that clause, for a column that the record has not, naming it."""
    for symbol in inputs:
        if symbol not in record.columns:
            known = quantity(symbol)
            raise NotEvaluable(
                clause=clause,
                sentence_en=f"The record has no column {symbol} [{known.unit}] ({known.name_en}); add it.",
                sentence_zh=f"记录缺少列 {symbol} [{known.unit}]（{known.name_zh}）；请补充。",
            )


def columns_of(record: Record, *, inputs: Sequence[str], optional: Sequence[str]) -> dict[str, Array]:
    """Give the columns a method reads, leaving the others."""
    return {symbol: record.columns[symbol] for symbol in (*inputs, *optional) if symbol in record.columns}


def coverage_factor(*, random: ArrayLike, common: ArrayLike, dof: float) -> Array:
    """Give k for the coverage that k = 2 has of a normal distribution (95.45 %).

    random: standard uncertainties with `dof` degrees of freedom; common: with infinitely many; of one shape. The
    effective number is that of Welch and Satterthwaite, truncated (JCGM 100:2008 G.4.1, G.6.4).
    """
    u_random, u_common = np.asarray(random, dtype=np.float64), np.asarray(common, dtype=np.float64)
    limited = (u_random > 0) & np.isfinite(dof)
    share = np.divide(u_random**2, u_random**2 + u_common**2, out=np.ones_like(u_random), where=limited)
    effective = np.maximum(np.floor(np.where(limited, dof, 1.0) / share**2), 1.0)
    return np.where(limited, t_ppf((1.0 + _COVERED) / 2.0, effective), 2.0)


def coefficients(
    *, symbols: Sequence[str], values: Array, budget: Budget, dof: float, t_ratios: Array | None = None
) -> tuple[Coefficient, ...]:
    """State coefficients with their random, common, total and expanded uncertainty.

    dof: degrees of freedom of the random part.  t_ratios: over the standard error of the fit; of values over their
    random uncertainty when not given.
    """
    random, common = np.sqrt(np.diag(budget.random)), np.sqrt(np.diag(budget.common))
    if t_ratios is None:
        t_ratios = np.divide(values, random, out=np.full(values.size, np.nan), where=random > 0)
    factors = coverage_factor(random=random, common=common, dof=dof)
    numbers = (values, random, common, t_ratios, factors)
    return tuple(_coefficient(*row) for row in zip(symbols, *(each.tolist() for each in numbers), strict=True))


def _coefficient(symbol: str, value: float, random: float, common: float, t_ratio: float, factor: float) -> Coefficient:
    total = float(np.hypot(random, common))
    return Coefficient(
        symbol=symbol,
        value=value,
        unit=quantity(symbol).unit,
        standard_uncertainty=total,
        expanded_uncertainty=factor * total,
        coverage_factor=factor,
        random_uncertainty=random,
        common_uncertainty=common,
        t_ratio=t_ratio,
    )


def shifts(
    *,
    compute: Callable[[Mapping[str, Array], Mapping[str, float]], Array],
    columns: Mapping[str, Array],
    parameters: Mapping[str, float],
    causes: Sequence[Common],
) -> dict[str, Array]:
    """Give for every common cause the change of a result when the cause is off by one standard uncertainty.

    compute: columns and parameters -> values.  parameters: symbol -> number, e.g. the gross area. Causes that are
    neither a column nor a parameter change nothing and are left out; two of one symbol, and the absolute and the
    relative part of one, are independent.
    """
    base = compute(columns, parameters)
    found: dict[str, Array] = {}
    for place, cause in enumerate(causes, start=1):
        for kind, absolute, relative in (("absolute", cause.absolute, 0.0), ("relative", 0.0, cause.relative)):
            off = None
            if not absolute and not relative:
                continue
            if cause.symbol in columns:
                off = compute(
                    {**columns, cause.symbol: columns[cause.symbol] * (1.0 + relative) + absolute}, parameters
                )
            elif cause.symbol in parameters:
                off = compute(
                    columns, {**parameters, cause.symbol: parameters[cause.symbol] * (1.0 + relative) + absolute}
                )
            if off is not None:
                found[f"{place} {cause.symbol} {kind}"] = off - base
    return found


def note(code: str, english: str, chinese: str) -> Note:
    """Make a note."""
    return Note(code=code, sentence_en=english, sentence_zh=chinese)


def cause_notes(*, causes: Sequence[str], counted: Set[str]) -> Iterator[Note]:
    """Say that no calibration uncertainty was given, and which of those given the result does not depend on.

    causes: symbols of the common uncertainties.  counted: symbols that the evaluation propagates.
    """
    if not counted & set(causes):
        yield note(
            "no calibration uncertainty",
            "No common uncertainty of the sensors was given, so the uncertainties hold only the random part.",
            "未给出传感器的共同不确定度，所列不确定度仅含随机部分。",
        )
    names = sorted(set(causes) - counted)
    if names:
        yield note(
            "uncertainty not counted",
            f"A common uncertainty was given for {', '.join(names)}, which this evaluation does not propagate: it is "
            "not part of the uncertainties.",
            f"给出了 {'、'.join(names)} 的共同不确定度，但本方法未予传播，所列不确定度不含此项。",
        )


def general_notes(*, record: Record, limits: Sequence[Limit], counted: Set[str] | None = None) -> Iterator[Note]:
    """Give the notes every method has: no calibration uncertainty stated, limits nobody has confirmed.

    counted: symbols whose common uncertainty is propagated; None for all that were given.
    """
    causes = [each.symbol for each in record.uncertainties]
    yield from cause_notes(causes=causes, counted=set(causes) if counted is None else counted)
    names = [limit.symbol for limit in limits if not limit.confirmed]
    if names:
        yield note(
            "limits not confirmed",
            f"{len(names)} limits have not been compared with the text of the standard: {', '.join(names)}.",
            f"{len(names)} 项限值尚未与标准原文核对：{'、'.join(names)}。",
        )
