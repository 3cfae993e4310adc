"""A record: named float64 columns on one UTC time axis, with the errors that all points share."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import ArrayLike, NDArray

from protocols.refusals import NotEvaluable
from protocols.symbols import QUANTITIES

_CLAUSE = "Heliobench, record"


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """A standard uncertainty common to all points of one column: the calibration of its sensor.

    symbol: a column, or "A_G", "rho", "c_p" for the area and the fluid.
    absolute: in the unit of the symbol.  relative: as a fraction of the value.
    source: which calibration says so.
    """

    symbol: str
    absolute: float = 0.0
    relative: float = 0.0
    source: str = ""

    def __post_init__(self) -> None:
        if self.symbol not in QUANTITIES:
            raise _refused(
                f"an uncertainty is given for {self.symbol!r}, which is no symbol of the glossary; correct the name.",
                f"不确定度给了未知符号“{self.symbol}”；请更正名称。",
            )
        for value in (self.absolute, self.relative):
            if not (np.isfinite(value) and value >= 0):
                raise _refused(
                    f"the uncertainty of {self.symbol} is {value}; give a number that is not negative.",
                    f"{self.symbol} 的不确定度为 {value}；请给出非负数。",
                )


@dataclass(frozen=True, kw_only=True)
class Record:
    """Columns of one run.

    time: seconds since 1970-01-01 UTC, strictly increasing, the MIDDLE of each sample.
    columns: symbol -> values in the unit of `protocols.symbols`; NaN = missing.
    Raises NotEvaluable for times that are not finite or not increasing and for columns of another length.
    """

    time: NDArray[np.float64]
    columns: Mapping[str, NDArray[np.float64]]
    uncertainties: tuple[Common, ...] = ()

    def __post_init__(self) -> None:
        if self.time.ndim != 1 or self.time.size == 0:
            raise _refused("the record has no rows; give measured rows.", "记录没有数据行；请提供测量数据。")
        _check_times(self.time)
        for symbol, values in self.columns.items():
            if values.shape != self.time.shape:
                raise _refused(
                    f"column {symbol} has {values.size} values but there are {self.time.size} times; "
                    "give one value, or a missing value, for each time.",
                    f"列 {symbol} 有 {values.size} 个值，而时间有 {self.time.size} 个；每个时刻须有一个值或缺测标记。",
                )

    @classmethod
    def from_rows(
        cls,
        *,
        time: ArrayLike,
        columns: Mapping[str, ArrayLike],
        uncertainties: tuple[Common, ...] = (),
    ) -> "Record":
        """Sort rows of any order by time; two rows with one time are refused, because one must be wrong."""
        times = np.asarray(time, dtype=np.float64)
        order = np.argsort(times, kind="stable")
        arrays = {symbol: np.asarray(values, dtype=np.float64) for symbol, values in columns.items()}
        short = {symbol: values for symbol, values in arrays.items() if values.shape != times.shape}
        if short:
            return cls(time=times, columns=arrays, uncertainties=uncertainties)
        return cls(
            time=times[order],
            columns={symbol: values[order] for symbol, values in arrays.items()},
            uncertainties=uncertainties,
        )


def _check_times(time: NDArray[np.float64]) -> None:
    bad = np.flatnonzero(~np.isfinite(time))
    if bad.size:
        raise _refused(
            f"the time of row {bad[0] + 1} is missing or not a number; give every row a time.",
            f"第 {bad[0] + 1} 行的时间缺失或无效；每一行都须有时间。",
        )
    step = np.diff(time)
    if np.any(step == 0):
        moment = _iso(time[1:][step == 0][0])
        raise _refused(
            f"the time {moment} occurs twice; remove the row that is wrong.",
            f"时间 {moment} 重复出现；请删除错误的行。",
        )
    if np.any(step < 0):
        moment = _iso(time[1:][step < 0][0])
        raise _refused(
            f"the rows are not in order of time at {moment}; sort them first.",
            f"数据行在 {moment} 处未按时间排序；请先排序。",
        )


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, tz=UTC).isoformat(timespec="seconds")


def _refused(english: str, chinese: str) -> NotEvaluable:
    return NotEvaluable(clause=_CLAUSE, sentence_en=english[0].upper() + english[1:], sentence_zh=chinese)
