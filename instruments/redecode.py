"""Decode the raw bytes of a segment again, and compare with the readings stored beside them.

Needs no port and no plant: the bench stands at the head of the segment, the bytes in its lines. This is what makes a
stored number more than a claim.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from instruments.bench import Instrument, bench_from
from instruments.driver import Exchange
from instruments.errors import BadReply
from instruments.segment import Segment


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A stored reading that its bytes do not say; None = there is no reading."""

    seq: int
    instrument: str
    channel: str
    stored: float | None
    decoded: float | None


@dataclass(frozen=True, slots=True)
class Redecoded:
    """How many scans, exchanges and readings were decoded again, and where they disagree."""

    scans: int
    exchanges: int
    readings: int
    disagreements: tuple[Disagreement, ...]


def decode_again(segment: Segment) -> Redecoded:
    """Decode every exchange of a segment with its driver and compare every reading, bit by bit.

    Raises BenchRefused when the segment names a driver that this program does not have.
    """
    bench = bench_from(segment.bench, source=f"segment {segment.index} of run {segment.run}")
    instruments = {one.name: one for one in bench.instruments}
    exchanges = readings = 0
    disagreements: list[Disagreement] = []
    for scan in segment.scans:
        stored = {(one["i"], one["channel"]): one["value"] for one in scan["readings"]}
        decoded = _decoded(scan, instruments)
        exchanges, readings = exchanges + len(scan["exchanges"]), readings + len(stored)
        if stored != decoded:
            disagreements += _differences(scan["seq"], stored, decoded)
    return Redecoded(len(segment.scans), exchanges, readings, tuple(disagreements))


def _decoded(scan: Mapping[str, Any], instruments: Mapping[str, Instrument]) -> dict[tuple[str, str], float]:
    asked: dict[str, list[Exchange]] = {}
    for one in scan["exchanges"]:
        exchange = Exchange(bytes.fromhex(one["tx"]), bytes.fromhex(one["rx"]), one["at"], one["took"])
        asked.setdefault(one["i"], []).append(exchange)
    return {
        (name, channel): value
        for name, exchanges in asked.items()
        for channel, value in _values(instruments[name], exchanges).items()
    }


def _values(instrument: Instrument, exchanges: list[Exchange]) -> dict[str, float]:
    if len(exchanges) != len(instrument.device.questions()):
        return {}  # the instrument fell silent between two questions: the scan holds the fault and no reading
    try:
        readings = instrument.device.decode(exchanges).readings
    except BadReply:
        return {}  # bytes that are no answer say nothing, as they did when they came; the scan holds the fault
    return {one.channel: one.value for one in readings if one.channel in instrument.symbols}


def _differences(
    seq: int, stored: Mapping[tuple[str, str], float], decoded: Mapping[tuple[str, str], float]
) -> list[Disagreement]:
    return [
        Disagreement(seq, key[0], key[1], stored.get(key), decoded.get(key))
        for key in sorted({*stored, *decoded})
        if stored.get(key) != decoded.get(key)
    ]
