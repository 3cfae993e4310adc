"""A step of a collector test: a record that begins at rest, changes once and ends at rest."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from protocols.evaluation import OURS
from protocols.refusals import NotEvaluable
from protocols.windows import sample_interval

Array = NDArray[np.float64]

_SHARE = 0.1  # of the record, at either end, that must be at rest
_LEAST = 20  # samples of a step
_PARTS = 2  # of an end, whose means tell its drift


@dataclass(frozen=True, kw_only=True)
class Ends:
    """The rest before and after a step: mean and standard deviation of a quantity at either end, samples of an end."""

    first: float
    last: float
    noise: float
    samples: int


def even(*, time: Array, columns: Mapping[str, Array]) -> float:
    """Give the sample interval in s of a record without gaps and missing values.

    Raises NotEvaluable for fewer than 20 samples, a gap or a missing value: a step cannot be integrated over one.
    """
    if time.size < _LEAST:
        raise _refused(
            f"The record has {time.size} samples; a step needs at least {_LEAST}.",
            f"记录仅有 {time.size} 个采样；阶跃试验至少需要 {_LEAST} 个。",
        )
    interval = sample_interval(time)
    step = np.diff(time)
    if step.max() > 1.5 * interval or step.min() < 0.5 * interval:
        place = int(np.argmax(np.abs(step - interval)))
        raise _refused(
            f"Samples are lacking after row {place + 1}; a step must be recorded without a gap.",
            f"第 {place + 1} 行之后缺少采样；阶跃过程须连续记录。",
        )
    for symbol, values in columns.items():
        if not np.isfinite(values).all():
            place = int(np.flatnonzero(~np.isfinite(values))[0])
            raise _refused(
                f"{symbol} is missing in row {place + 1}; a step must be recorded without a gap.",
                f"{symbol} 在第 {place + 1} 行缺测；阶跃过程须连续记录。",
            )
    return interval


def ends(*, values: Array, settled: float, what_en: str, what_zh: str) -> Ends:
    """Give the rest at both ends of a record, each a tenth of it.

    values: of the quantity that must be at rest.  settled: its largest drift over an end, in its unit.
    Raises NotEvaluable when it still drifts, naming the end.
    """
    size = max(int(_SHARE * values.size), 2 * _PARTS)
    found = (values[:size], values[-size:])
    for part, where_en, where_zh in zip(found, ("begin", "end"), ("开始", "结束"), strict=True):
        half = size // _PARTS
        drift = abs(float(part[-half:].mean() - part[:half].mean()))
        if drift > settled:
            raise _refused(
                f"At the {where_en} of the record the {what_en} still drifts by {drift:.2f} K, more than "
                f"{settled:g} K; record from rest to rest.",
                f"记录{where_zh}时{what_zh}仍漂移 {drift:.2f} K，超过 {settled:g} K；请自稳态记录至稳态。",
            )
    noise = float(np.sqrt(np.mean([part.var(ddof=1) for part in found])))
    return Ends(first=float(found[0].mean()), last=float(found[1].mean()), noise=noise, samples=size)


def require_change(*, change: float, least: float, what_en: str, what_zh: str) -> None:
    """Raise NotEvaluable when a step is smaller than `least` K."""
    if abs(change) < least:
        raise _refused(
            f"The {what_en} changes by {abs(change):.2f} K only; at least {least:g} K are needed.",
            f"{what_zh}仅变化 {abs(change):.2f} K；至少需要 {least:g} K。",
        )


def _refused(english: str, chinese: str) -> NotEvaluable:
    return NotEvaluable(clause=OURS, sentence_en=english, sentence_zh=chinese)
