"""A bench: which instrument hangs on which port and which quantity each of its channels measures.

    name = "graz-demo"
    title_en = "…"
    title_zh = "…"
    period = 60.0                       # seconds from scan to scan

    [[instrument]]
    name = "pyranometer-global"
    driver = "kipp_smp"
    port = "/dev/serial/by-id/…"
    address = 1
    equipment = "HB-EQ-0001"            # number in the equipment register
    serial_number = "187654"            # optional: the device is asked for it, and another one is refused
    deadline = 0.5                      # seconds for one whole answer
    channels = { G = "irradiance" }     # symbol = channel
    settings = { model = "SMP11" }

Every key is checked; a key that is not known is refused, because a misspelt one would be silently without effect.
"""

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from instruments.driver import Driver, Line, SettingValue, driver_named
from instruments.errors import BenchRefused

DEFAULT_DEADLINE = 1.0  # seconds; ours: the worst response time of most devices


@dataclass(frozen=True)
class Instrument:
    """One instrument as it is wired."""

    name: str
    driver: str
    port: str
    address: int
    equipment: str
    channels: Mapping[str, str]
    deadline: float = DEFAULT_DEADLINE
    settings: Mapping[str, SettingValue] = field(default_factory=dict)
    serial_number: str = ""

    @cached_property
    def device(self) -> Driver:
        """The driver with this instrument's address and settings. Raises BenchRefused."""
        return driver_named(self.driver)(address=self.address, settings=self.settings)

    @cached_property
    def symbols(self) -> dict[str, str]:
        """{channel: symbol}."""
        return {channel: symbol for symbol, channel in self.channels.items()}


@dataclass(frozen=True)
class Bench:
    """All instruments that are scanned together every `period` [s]."""

    name: str
    period: float
    instruments: tuple[Instrument, ...]
    title_en: str = ""
    title_zh: str = ""

    @property
    def ports(self) -> dict[str, tuple[Instrument, ...]]:
        """{port: its instruments}, in the order of the file."""
        names = dict.fromkeys(one.port for one in self.instruments)
        return {name: tuple(one for one in self.instruments if one.port == name) for name in names}

    def line(self, port: str) -> Line:
        """How the wire of a port is set, with the longest pause that one of its instruments wants."""
        wires = [one.device.wire() for one in self.ports[port]]
        return replace(wires[0], pause=max(wire.pause for wire in wires))

    @property
    def units(self) -> dict[str, str]:
        """{symbol: unit in which its readings come}."""
        return {
            symbol: one.device.channels[channel] for one in self.instruments for symbol, channel in one.channels.items()
        }

    def with_ports(self, ports: Mapping[str, str]) -> "Bench":
        """The same bench on other ports: {port in the file: port to open}. Raises BenchRefused for a port not named."""
        missing = sorted(set(self.ports) - set(ports))
        if missing:
            raise _refused(
                "port",
                f"Bench {self.name}: no port is given for {', '.join(missing)}.",
                f"台架 {self.name}：未给出端口 {'、'.join(missing)}。",
            )
        moved = tuple(replace(one, port=ports[one.port]) for one in self.instruments)
        return replace(self, instruments=moved)

    def as_dict(self) -> dict[str, Any]:
        """The bench as plain values, as it stands at the head of every spool segment."""
        return {
            "name": self.name,
            "title_en": self.title_en,
            "title_zh": self.title_zh,
            "period": self.period,
            "instrument": [
                {key: dict(value) if isinstance(value, Mapping) else value for key, value in _fields(one)}
                for one in self.instruments
            ],
        }


def read_bench(path: Path) -> Bench:
    """The bench in a TOML file. Raises BenchRefused with the file and what is wrong in it."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _refused(
            "file",
            f"The bench file {path} cannot be read: {error.strerror}.",
            f"无法读取台架文件 {path}：{error.strerror}。",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _refused("syntax", f"{path} is not valid TOML: {error}.", f"{path} 不是有效的 TOML：{error}。") from error
    return bench_from(data, source=str(path))


def bench_from(data: Mapping[str, Any], *, source: str) -> Bench:
    """The bench in plain values; `source` is named in refusals. Raises BenchRefused."""
    table = _Table(data, source=source)
    rows = table.take("instrument", list)
    bench = Bench(
        name=table.take("name", str),
        title_en=table.take("title_en", str, ""),
        title_zh=table.take("title_zh", str, ""),
        period=_positive(table.take("period", float), "period", source),
        instruments=tuple(_instrument(row, number, source) for number, row in enumerate(rows, 1)),
    )
    table.must_be_used_up()
    _must_be_one(bench, source)
    return bench


def _instrument(row: object, number: int, source: str) -> Instrument:
    where = f"{source}, instrument {number}"
    if not isinstance(row, Mapping):
        raise _refused("table", f"{where} is not a table.", f"{where} 不是表。")
    table = _Table(row, source=where)
    one = Instrument(
        name=table.take("name", str),
        driver=table.take("driver", str),
        port=table.take("port", str),
        address=table.take("address", int),
        equipment=table.take("equipment", str),
        channels=table.take("channels", dict),
        deadline=_positive(table.take("deadline", float, DEFAULT_DEADLINE), "deadline", where),
        settings=table.take("settings", dict, {}),
        serial_number=table.take("serial_number", str, ""),
    )
    table.must_be_used_up()
    _must_fit_driver(one, where)
    return one


def _must_fit_driver(one: Instrument, where: str) -> None:
    try:
        known = one.device.channels
    except BenchRefused as error:
        raise _refused(
            error.code.removeprefix("bench-"),
            f"{where} ({one.name}): {error.sentence_en}",
            f"{where}（{one.name}）：{error.sentence_zh}",
        ) from error
    for symbol, channel in one.channels.items():
        if channel not in known:
            raise _refused(
                "channel",
                f"{where} ({one.name}): {symbol} = {channel!r} is not a channel of {one.driver}; use one of "
                f"{', '.join(known)}.",
                f"{where}（{one.name}）：{symbol} = {channel!r} 不是 {one.driver} 的通道；可用：{'、'.join(known)}。",
            )
    if one.serial_number and not one.device.identification():
        raise _refused(
            "serial-number",
            f"{where} ({one.name}): the driver {one.driver} cannot ask its device for a serial number; take "
            "serial_number out, or it would be believed to be checked.",
            f"{where}（{one.name}）：驱动 {one.driver} 无法读取设备编号；请删除 serial_number，以免误以为已核对。",
        )


def _must_be_one(bench: Bench, source: str) -> None:
    """Names, symbols and addresses must be unambiguous, and one port can only have one speed."""
    _once("instrument name", "仪器名称", (one.name for one in bench.instruments), source)
    _once("symbol", "符号", (symbol for one in bench.instruments for symbol in one.channels), source)
    _once("port and address", "端口和地址", (f"{one.port} {one.address}" for one in bench.instruments), source)
    for port, on_port in bench.ports.items():
        if len({replace(one.device.wire(), pause=0.0) for one in on_port}) > 1:
            names = ", ".join(one.name for one in on_port)
            raise _refused(
                "line",
                f"{source}: {names} share port {port} but want different baud rate, parity or protocol.",
                f"{source}：{names} 共用端口 {port}，但波特率、校验位或协议不同。",
            )


def _once(what_en: str, what_zh: str, values: Iterable[str], source: str) -> None:
    for value, count in Counter(values).items():
        if count > 1:
            raise _refused(
                "twice",
                f"{source}: {what_en} {value!r} is given {count} times.",
                f"{source}：{what_zh} {value!r} 出现了 {count} 次。",
            )


def _positive(value: float, key: str, source: str) -> float:
    if 0 < value < float("inf"):
        return value
    raise _refused(
        "value", f"{source}: {key} = {value} must be more than 0 seconds.", f"{source}：{key} = {value} 必须大于 0 秒。"
    )


_MISSING: Any = object()


class _Table:
    """Takes keys out of a TOML table, one by one, and complains about the rest."""

    def __init__(self, data: Mapping[str, Any], *, source: str) -> None:
        self._left = dict(data)
        self._known: list[str] = []
        self._source = source

    def take(self, key: str, kind: type, default: Any = _MISSING) -> Any:
        self._known.append(key)
        value = self._left.pop(key, default)
        if value is _MISSING:
            raise _refused("missing", f"{self._source}: {key} is missing.", f"{self._source}：缺少 {key}。")
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise _refused(
                "type",
                f"{self._source}: {key} = {value!r} should be a {kind.__name__}.",
                f"{self._source}：{key} = {value!r} 的类型应为 {kind.__name__}。",
            )
        return value

    def must_be_used_up(self) -> None:
        if self._left:
            wrong = ", ".join(map(repr, self._left))
            raise _refused(
                "unknown-key",
                f"{self._source}: unknown key {wrong}; known are {', '.join(self._known)}.",
                f"{self._source}：未知键 {wrong}；可用：{'、'.join(self._known)}。",
            )


def _fields(one: Instrument) -> list[tuple[str, Any]]:
    fields = [(name, getattr(one, name)) for name in Instrument.__dataclass_fields__]
    return [(name, value) for name, value in fields if (name, value) != ("serial_number", "")]


def _refused(code: str, en: str, zh: str) -> BenchRefused:
    return BenchRefused(code=f"bench-{code}", sentence_en=en, sentence_zh=zh)
