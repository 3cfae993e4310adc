"""Values that no working sensor shows: a logger's code for an error (-9999, 65535), a broken cable.

One such sample among many leaves a mean that looks plausible, so every sample is compared and not the mean.
"""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from protocols.limits import Limit
from protocols.symbols import quantity
from protocols.windows import Reason

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

_RANGE = {
    "G": "G",
    "Gb": "G",
    "Gd": "G",
    "DNI": "G",
    "t_amb": "t_amb",
    "u": "u",
    "EL": "EL",
    "t_in": "t_fluid",
    "t_out": "t_fluid",
}


def possible_limits(*ranges: str) -> tuple[str, ...]:
    """Name the rows of a limit table that hold the ends of these ranges."""
    return tuple(f"possible_{name}_{end}" for name in ranges for end in ("min", "max"))


def impossible(columns: Mapping[str, Array], limits: Mapping[str, Limit]) -> Iterator[tuple[Flags, Reason]]:
    """Mark the samples of each column outside the range that the limits give for it, with the reason to refuse them.

    columns: symbol -> values of any shape, in the unit of the glossary; a missing value, NaN, is not marked.
    limits: columns without a row are not compared.
    """
    for symbol, values in columns.items():
        least, most = (limits.get(name) for name in possible_limits(_RANGE.get(symbol, symbol)))
        if least is not None and most is not None:
            yield (values < least.value) | (values > most.value), _reason(symbol, least, most)


def _reason(symbol: str, least: Limit, most: Limit) -> Reason:
    known, shown = quantity(symbol), f"{least.value:g} to {most.value:g} {most.unit}"
    return Reason(
        code=f"impossible {symbol}",
        clause=most.clause,
        sentence_en=f"A sample of {symbol} ({known.name_en}) is outside {shown}, which no working sensor shows; check "
        "the sensor and the logger's code for a missing value.",
        sentence_zh=f"{symbol}（{known.name_zh}）有采样超出 {least.value:g} 至 {most.value:g} {most.unit}，"
        "正常传感器不会给出；请检查传感器以及记录仪的缺测代码。",
    )
