"""National Instruments TDMS: channels of one group, read with npTDMS.

The time is a channel of time stamps, or follows from the waveform's start and increment; both are UTC by the format.
Units stand in the property `unit_string` or `NI_UnitDescription`.
"""

import io
import logging
import threading
from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from instruments.errors import UnreadableFile
from instruments.loggers.file import Array, Column, Heading, Layout, LoggerFile, Moments, Numbers, Place, without

MAGIC = b"TDSm"
WAVEFORM = "(waveform)"
_UNITS = ("unit_string", "NI_UnitDescription", "unit", "Unit")
_INFLATED = 4  # raw data is stored as it is; a file that claims more values than its bytes can hold is damaged
_EPOCH = np.datetime64(0, "us")


class TdmsTable(LoggerFile):
    """The channels of the group that has a time and the most values."""

    def __init__(self, data: bytes) -> None:
        """Read the whole file. Raises UnreadableFile for bytes that are no whole TDMS file, or have no time."""
        groups = _groups(data)
        self._channels, self._time = _timed(groups)
        self.layout = Layout(reader="tdms")
        columns = [Column(index, one.name, _unit(one)) for index, one in enumerate(self._channels)]
        timed = self._time if isinstance(self._time, int) else len(columns)
        if timed == len(columns):
            columns.append(Column(timed, WAVEFORM, ""))
        self.heading = Heading(columns=tuple(columns), time=(timed,), evidence=_evidence(self._channels[0]))

    @property
    def rows(self) -> int:
        """How many values the channels have."""
        return max(len(one) for one in self._channels)

    def moments(self, columns: Sequence[int]) -> Moments:
        """The time of each value [s since 1970 UTC]."""
        if list(columns) != list(self.heading.time):
            raise UnreadableFile("The time of a TDMS file is the one that it names.", "TDMS 文件的时间由文件自身指定。")
        if isinstance(self._time, int):
            stamps = np.asarray(self._channels[self._time][:], dtype="datetime64[us]")
            if np.isnat(stamps).any():
                place = self.place(int(np.flatnonzero(np.isnat(stamps))[0]))
                raise UnreadableFile(f"{place.english}: the time is missing.", f"{place.chinese}：缺少时间。")
            seconds: Array = ((stamps - _EPOCH) / np.timedelta64(1, "s")).astype(np.float64)
            return Moments(seconds, with_offset=True)
        start, offset, step = self._time
        return Moments(start + offset + step * np.arange(self.rows, dtype=np.float64), with_offset=True)

    def numbers(self, column: int, *, missing: Sequence[str]) -> Numbers:
        """A channel as numbers; NaN is missing, infinity is refused with its row."""
        name = self.column(column).name
        if column >= len(self._channels):
            raise _no_numbers(name)
        data = self._channels[column][:]
        if data.dtype.kind not in "fiub":
            raise _no_numbers(name)
        values = np.asarray(data, dtype=np.float64)
        if values.size != self.rows:
            raise UnreadableFile(
                f"Channel “{name}” has {values.size} values where others of its group have {self.rows}.",
                f"通道“{name}”有 {values.size} 个值，而同组其他通道有 {self.rows} 个。",
            )
        kept, marked = without(values, missing)
        if np.isinf(kept).any():
            place = self.place(int(np.flatnonzero(np.isinf(kept))[0]))
            raise UnreadableFile(
                f"Channel “{name}”, {place.english}: the value is infinite.",
                f"通道“{name}”{place.chinese}：数值为无穷大。",
            )
        return Numbers(kept, int(np.count_nonzero(np.isnan(values))), marked)

    def place(self, row: int) -> Place:
        """The number of the row, from 1."""
        return Place(f"row {row + 1}", f"第 {row + 1} 行")

    def line(self, row: int) -> bytes:
        """A binary file has no lines."""
        return b""


def _groups(data: bytes) -> list[Any]:
    """The channels that hold values, by group."""
    import nptdms

    with _Complaints() as complaints:
        try:
            claimed = _claimed(nptdms.TdmsFile.read_metadata(io.BytesIO(data)))
            if claimed > _INFLATED * len(data):
                complaints.heard.append("it claims more values than it holds")
            file = None if complaints.heard else nptdms.TdmsFile.read(io.BytesIO(data))
        except Exception as error:  # the library raises whatever a damaged file leads to
            raise _damaged(type(error).__name__) from error
    if file is None or complaints.heard:
        raise _damaged(complaints.heard[0])
    return [[channel for channel in group.channels() if len(channel)] for group in file.groups()]


class _Complaints(logging.Handler):
    """What npTDMS says of a file on its log. It reads a file that was cut off as far as it goes; we do not."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard: list[str] = []
        self._thread = threading.get_ident()

    def __enter__(self) -> Self:
        import nptdms.log

        nptdms.log.log_manager.console_handler.setLevel(logging.CRITICAL + 1)  # told in a sentence, not on the console
        logging.getLogger("nptdms").addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger("nptdms").removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep what was said in this thread, shortly: damaged bytes can make long sentences."""
        if record.thread == self._thread:
            self.heard.append(record.getMessage().split(",")[0][:80])


def _claimed(file: Any) -> int:
    """Bytes of all values that a file's index speaks of."""
    sizes = ((len(channel), channel.dtype) for group in file.groups() for channel in group.channels())
    return sum(count * max(1, np.dtype(kind).itemsize) for count, kind in sizes)


def _timed(groups: list[Any]) -> tuple[list[Any], int | tuple[float, float, float]]:
    """The channels and where their time is: the index of a channel, or start, offset and increment [s]."""
    found = [(channels, time) for channels in groups if channels and (time := _time(channels)) is not None]
    if not found:
        raise UnreadableFile(
            "No group of the TDMS file has a time: neither a channel of time stamps nor a waveform's start and "
            "increment (wf_start_time, wf_increment).",
            "TDMS 文件中没有带时间的组：既没有时间戳通道，也没有波形起始时间和间隔（wf_start_time、wf_increment）。",
        )
    return max(found, key=lambda one: (len(one[0]), max(len(channel) for channel in one[0])))


def _time(channels: list[Any]) -> int | tuple[float, float, float] | None:
    stamped = next((index for index, one in enumerate(channels) if one[:].dtype.kind == "M"), None)
    if stamped is not None:
        return stamped
    for one in channels:
        start, step = one.properties.get("wf_start_time"), one.properties.get("wf_increment")
        if start is not None and isinstance(step, float) and step > 0 and _is_stamp(start):
            offset = one.properties.get("wf_start_offset", 0.0)
            seconds = float((np.datetime64(start, "us") - _EPOCH) / np.timedelta64(1, "s"))
            return seconds, float(offset), step
    return None


def _is_stamp(value: object) -> bool:
    return isinstance(value, np.datetime64) and not np.isnat(value)


def _unit(channel: Any) -> str:
    return next((str(channel.properties[name]) for name in _UNITS if channel.properties.get(name)), "")


def _evidence(channel: Any) -> dict[str, str]:
    return {"group": str(channel.group_name)}


def _damaged(why: str) -> UnreadableFile:
    return UnreadableFile(
        f"Not a whole TDMS file ({why}): copy it again from where it was recorded.",
        f"不是完整的 TDMS 文件（{why}）：请从记录处重新复制。",
    )


def _no_numbers(name: str) -> UnreadableFile:
    return UnreadableFile(f"Channel “{name}” holds no numbers.", f"通道“{name}”不是数值。")
