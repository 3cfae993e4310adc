"""From sealed segments to an outcome, by nothing but what stands in the inputs: pure, and so repeatable by anyone.

The *inputs* are one JSON document (`heliobench.inputs/1`): the run and the digests of its segments, the
calibrations, what is known of the item, the limits, the method and the program that evaluated. Of a run that was
imported, `segments` is the digest of its one file, and `file` says how that is read (`heliobench.file/1`). The
laboratory and `heliobench reproduce` call the same `evaluate` with the same inputs and the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

import instruments
import protocols
from instruments.bench import bench_from
from instruments.segment import GENESIS, Segment, read_segment, seconds
from lims.clock import local
from lims.errors import BadInput, Damaged, Sentence
from lims.runs.correction import Calibrated, correct
from lims.runs.filemap import Assigned, FileMap, read_file
from lims.units import convert
from protocols.limits import Limit, limit_as_dict, limit_from_dict
from protocols.method import Method, Note, Outcome, complete_item, methods
from protocols.record import Common, Record

SCHEMA = "heliobench.inputs/1"


@dataclass(frozen=True, slots=True)
class Series:
    """A run's readings as columns: time [s since 1970 UTC], NaN where a reading is missing."""

    time: NDArray[np.float64]
    columns: dict[str, NDArray[np.float64]]
    units: Mapping[str, str]
    equipment: Mapping[str, str]
    """{symbol: number of the instrument whose calibration corrects it}."""
    head: str
    corrected: Mapping[str, Assigned] = field(default_factory=dict)
    """What a file holds corrected already, with the statement of by whom."""


def series(segments: Sequence[bytes]) -> Series:
    """The readings of a run, from the bytes of all its segments in order; every hash is checked on the way."""
    read: list[Segment] = []
    for data in segments:
        read.append(read_segment(data, previous=read[-1].head_hash if read else GENESIS))
    if not read or not read[-1].final:
        raise BadInput("The run's last segment is missing: it is not sealed.", "该试验记录缺少最后一段：尚未封存。")
    columns = [segment.columns() for segment in read]
    bench = bench_from(read[0].bench, source=read[0].run)
    return Series(
        time=np.concatenate([segment.times() for segment in read]),
        columns={symbol: np.concatenate([one[symbol] for one in columns]) for symbol in columns[0]},
        units=bench.units,
        equipment={symbol: one.equipment for one in bench.instruments for symbol in one.channels},
        head=read[-1].head_hash,
    )


def file_series(mapped: FileMap, segments: Sequence[bytes]) -> Series:
    """The readings of an imported run, from the bytes of its one file."""
    if len(segments) != 1:
        raise BadInput("An imported run is one file.", "导入的试验记录应为一个文件。")
    read = read_file(mapped, segments[0])
    return Series(
        time=read.time, columns=read.columns, units=mapped.units, equipment=mapped.equipment, head=mapped.digest,
        corrected=mapped.corrected,
    )  # fmt: skip


@cache
def program_digest() -> str:
    """SHA-256 over the source of all that computes: protocols, instruments, units, correction, files, this module."""
    here = Path(__file__).parent.parent
    own = [here / "units.py", here / "results" / "evaluation.py"]
    own += [here / "runs" / name for name in ("correction.py", "filemap.py", "localtime.py")]
    packages = (Path(protocols.__file__).parent, Path(instruments.__file__).parent)
    named = {f"lims/{path.relative_to(here)}": path for path in own}
    named |= {f"{one.name}/{path.relative_to(one)}": path for one in packages for path in one.rglob("*.py")}
    digest = hashlib.sha256()
    for name, path in sorted(named.items()):
        digest.update(f"{name}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def software_version() -> str:
    """Name and version of this program."""
    return f"heliobench {version('heliobench')}"


def method_named(method_id: str) -> Method:
    """The method of this id; `BadInput` naming those there are."""
    if method_id not in methods():
        known = ", ".join(methods())
        raise BadInput(f"There is no method '{method_id}'; known: {known}.", f"没有方法“{method_id}”；现有：{known}。")
    return methods()[method_id]


@dataclass(frozen=True, slots=True, kw_only=True)
class Excluded:
    """An interval of a run that its people left out: ISO 8601 times, both ends included, the reason, and by whom."""

    first: str
    last: str
    reason: str
    by: str

    def __post_init__(self) -> None:
        if not all(isinstance(one, str) for one in (self.first, self.last, self.reason, self.by)):
            raise TypeError("an excluded interval is four texts")
        if seconds(self.last) < seconds(self.first):
            raise ValueError("an excluded interval ends before it begins")

    def marks(self, time: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which of these times [s since 1970 UTC] lie in it."""
        return np.asarray((time >= seconds(self.first)) & (time <= seconds(self.last)))


def compose_inputs(
    *,
    run: str,
    segments: Sequence[str],
    calibrations: Sequence[Calibrated],
    item: Mapping[str, Any],
    item_uncertainties: Sequence[Common],
    method: Method,
    limits: Mapping[str, Limit],
    zone: str,
    file: FileMap | None = None,
    excluded: Sequence[Excluded] = (),
) -> dict[str, Any]:
    """Everything an evaluation depends on, JSON-safe; ``segments`` are SHA-256 digests.

    What is seldom there (a file, intervals left out) is a key only where it is: old inputs read as they were written.
    """
    seldom = {"file": file.as_dict() if file else None, "excluded": [asdict(one) for one in excluded]}
    return {
        "schema": SCHEMA,
        "run": run,
        "segments": list(segments),
        "calibrations": [one.as_dict() for one in calibrations],
        "item": complete_item(method.item, item),
        "item_uncertainties": [asdict(one) for one in item_uncertainties],
        "limits": {symbol: limit_as_dict(limit) for symbol, limit in sorted(limits.items())},
        "method": method.id,
        "time_zone": zone,
        "software": software_version(),
        "program_sha256": program_digest(),
    } | {key: value for key, value in seldom.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What the inputs document says, as values."""

    run: str
    segments: tuple[str, ...]
    calibrations: tuple[Calibrated, ...]
    item: dict[str, Any]
    item_uncertainties: tuple[Common, ...]
    limits: Mapping[str, Limit]
    method: Method
    zone: str
    file: FileMap | None = None
    excluded: tuple[Excluded, ...] = ()


def read_inputs(inputs: Mapping[str, Any]) -> Inputs:
    """The inputs document as values; `BadInput` for one that is none."""
    try:
        ZoneInfo(inputs["time_zone"])
        return Inputs(
            run=str(inputs["run"]),
            segments=tuple(map(str, inputs["segments"])),
            calibrations=tuple(Calibrated.from_dict(one) for one in inputs["calibrations"]),
            item=dict(inputs["item"]),
            item_uncertainties=tuple(Common(**one) for one in inputs["item_uncertainties"]),
            limits={symbol: limit_from_dict(limit) for symbol, limit in inputs["limits"].items()},
            method=method_named(str(inputs["method"])),
            zone=str(inputs["time_zone"]),
            file=FileMap.from_dict(inputs["file"]) if "file" in inputs else None,
            excluded=tuple(Excluded(**one) for one in inputs.get("excluded", ())),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OSError) as error:
        raise BadInput(
            f"The inputs of the evaluation cannot be used ({type(error).__name__}: {error}); ask for the bundle again.",
            f"计算输入无法使用（{type(error).__name__}：{error}）；请重新索取证据包。",
        ) from error


def evaluate(inputs: Mapping[str, Any], segments: Sequence[bytes]) -> Outcome:
    """The outcome of ``inputs`` on the bytes of its segments.

    Raises `BadInput` for inputs that are none, `Damaged` if a segment is not the one the inputs name, `Refused` for a
    missing calibration, and what the method raises (`NotEvaluable`) for a record it cannot evaluate.
    """
    given = read_inputs(inputs)
    _require_same(given.segments, segments)
    method, read = given.method, file_series(given.file, segments) if given.file else series(segments)
    record, notes = record_of(read, given)
    outcome = method.evaluate(record=record, item=given.item, limits=given.limits)
    return replace(outcome, notes=(*outcome.notes, *notes))


def record_of(read: Series, given: Inputs) -> tuple[Record, tuple[Note, ...]]:
    """What was indicated as a method's record: corrected, in its units, with common errors; and what was left out.

    Raises `Refused` for a missing calibration and `NotEvaluable` for times that are no record.
    """
    method = given.method
    wanted = {s: unit for s, unit in {**method.inputs, **method.optional_inputs}.items() if s in read.columns}
    corrected = correct(
        time=read.time,
        indicated=read.columns,
        units=read.units,
        wanted={symbol: unit for symbol, unit in wanted.items() if symbol not in read.corrected},
        equipment=read.equipment,
        calibrations=given.calibrations,
        zone=given.zone,
    )
    stated = {symbol: one for symbol, one in read.corrected.items() if symbol in wanted}
    columns = corrected.columns | {
        symbol: convert(read.columns[symbol], one.unit, wanted[symbol]) for symbol, one in stated.items()
    }
    common = [_stated(one, wanted[symbol]) for symbol, one in stated.items()]
    uncertainties = (*corrected.uncertainties, *common, *given.item_uncertainties)
    columns, left_out = _without(read.time, columns, given)
    record = Record(time=read.time, columns=columns, uncertainties=uncertainties)
    return record, (*(_note(sentence) for sentence in corrected.notes), *left_out)


def _without(
    time: NDArray[np.float64], columns: dict[str, NDArray[np.float64]], given: Inputs
) -> tuple[dict[str, NDArray[np.float64]], tuple[Note, ...]]:
    """The columns without the intervals that people left out: missing there, and told with the reason."""
    if not given.excluded:
        return columns, ()
    marked = [(one, one.marks(time)) for one in given.excluded]
    gone = np.logical_or.reduce([marks for _, marks in marked])
    notes = tuple(_left_out(one, int(marks.sum()), given.zone) for one, marks in marked)
    return {symbol: np.where(gone, np.nan, values) for symbol, values in columns.items()}, notes


def _left_out(one: Excluded, count: int, zone: str) -> Note:
    begin, end = (local(datetime.fromisoformat(text), zone) for text in (one.first, one.last))
    return Note(
        code="left_out",
        sentence_en=f"{count} scans from {begin} to {end} were left out by {one.by}: {one.reason}",
        sentence_zh=f"{begin} 至 {end} 的 {count} 次采样由{one.by}剔除：{one.reason}",
    )


def _stated(one: Assigned, unit: str) -> Common:
    """The error common to a column that is corrected already, as its statement gives it."""
    absolute = float(convert(one.uncertainty_absolute, one.unit, unit, difference=True))
    source = f"{one.equipment} {one.corrected_by}".strip()
    return Common(symbol=one.symbol, absolute=absolute, relative=one.uncertainty_relative, source=source)


def _require_same(digests: Sequence[str], segments: Sequence[bytes]) -> None:
    found = [hashlib.sha256(data).hexdigest() for data in segments]
    if found != list(digests):
        raise Damaged(
            "The raw segments are not those the result was computed from.", "原始数据段与计算结果所用的不一致。"
        )


def _note(sentence: Sentence) -> Note:
    return Note(code="outside_calibration", sentence_en=sentence.en, sentence_zh=sentence.zh)
