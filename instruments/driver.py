"""What a driver is: questions in bytes, a pure `decode`, and a name that the class line registers.

A driver never touches a port. It says what to ask (`questions`), how to know the end of an answer, and what the bytes
mean (`decode`). The link carries the bytes; the spool keeps them; `decode` can be run on them again in ten years.
"""

import importlib
import math
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Protocol, TypeVar

from instruments.errors import BadReply, BenchRefused, ExchangeFailed, NoReply
from instruments.framing import Expect

__all__ = [
    "BadReply",
    "Decoded",
    "Driver",
    "Exchange",
    "Fault",
    "Feel",
    "Identity",
    "Line",
    "Link",
    "NoReply",
    "Question",
    "Reading",
    "Sample",
    "Setting",
    "Simulator",
    "driver_named",
    "drivers",
]  # fmt: skip

SettingValue = str | int | float | bool
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Reading:
    """One number an instrument gave, in the unit of its channel; always finite."""

    channel: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a reading is missing: a code, a sentence, and the channel ("" = the whole instrument)."""

    kind: str
    sentence_en: str
    sentence_zh: str
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Decoded:
    """What the bytes say: readings, and faults for channels that the instrument itself calls invalid."""

    readings: tuple[Reading, ...]
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question and its answer as bytes.

    `started` is monotonic [s], `elapsed` [s] until the last byte; `discarded` are bytes that lay on the line before the
    question was asked (a late reply, noise): kept as evidence, never decoded.
    """

    sent: bytes
    received: bytes
    started: float
    elapsed: float
    discarded: bytes = b""


@dataclass(frozen=True, slots=True)
class Question:
    """Bytes to send and the rule by which the end of the answer is known.

    `order`: it changes something in the device, so it is never sent a second time by itself.
    """

    sent: bytes
    expect: Expect
    order: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """One reading of one instrument: what it said and the exchanges that prove it."""

    readings: tuple[Reading, ...]
    faults: tuple[Fault, ...]
    exchanges: tuple[Exchange, ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a device says it is, as text; "" for what it does not say. `exchanges` prove it."""

    model: str = ""
    serial: str = ""
    exchanges: tuple[Exchange, ...] = ()


class Link(Protocol):
    """Whatever carries a question to a device: a serial port, or a transcript in a test."""

    def exchange(self, question: Question, *, deadline: float, slowest: float) -> Exchange:
        """Ask and wait at most `deadline` [s]; after silence stay off the line until `slowest` [s] has passed."""


@dataclass(frozen=True, slots=True)
class Line:
    """How the wire is set.

    `pause` [s]: silence that the device itself wants between messages; `flow`: "", "xonxoff" or "rtscts"; `echo`: the
    converter sends every question back before the answer.
    """

    baud: int = 9600
    parity: str = "N"
    data_bits: int = 8
    stop_bits: int = 1
    modbus: bool = False
    pause: float = 0.0
    flow: str = ""
    echo: bool = False

    @property
    def character(self) -> float:
        """The time of one character on the wire [s]: start bit, data, parity, stop bits."""
        return (1 + self.data_bits + (self.parity != "N") + self.stop_bits) / self.baud

    @property
    def gap(self) -> float:
        """Silence between messages [s]: `pause`, or for Modbus 3.5 characters of 11 bits if that is longer.

        Above 19200 baud 1.75 ms (Modbus over serial line V1.02, 2.5.1.1).
        """
        if not self.modbus:
            return self.pause
        return max(self.pause, 0.00175 if self.baud > 19200 else 3.5 * 11 / self.baud)


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing a technician may set for a driver; the type of `default` is the type of the setting."""

    default: SettingValue
    meaning_en: str
    meaning_zh: str
    choices: tuple[SettingValue, ...] = ()


Feel = Callable[[str], float | None]
"""What a simulated instrument feels on a channel: a number, NaN (nothing valid to measure), None (not connected)."""

LINE_SETTINGS: Mapping[str, Setting] = {
    "baud": Setting(0, "baud rate; 0 = factory setting", "波特率；0 = 出厂值"),
    "parity": Setting("", "parity; empty = factory setting", "校验位；空 = 出厂值", ("", "N", "E", "O")),
    "stop_bits": Setting(0, "stop bits; 0 = factory setting", "停止位；0 = 出厂值", (0, 1, 2)),
    "pause": Setting(0.0, "silence between messages in s; 0 = the model's", "报文间静默时间（秒）；0 = 该型号的值"),
    "echo": Setting(False, "the converter sends back every question", "转换器会回送每条请求"),
    "slowest": Setting(0.0, "worst response time in s; 0 = the model's", "最慢应答时间（秒）；0 = 该型号的值"),
}


class Driver:
    """One model of instrument. Subclass with a name: `class KippSmp(Driver, name="kipp_smp")`.

    A subclass without a name is what several models share; it is not a driver by itself.

    channels   {channel: unit}; of one instrument where its settings say which channels it has
    options    {setting: Setting}, beside those that all have (LINE_SETTINGS)
    line       factory setting of the serial line
    slowest    the device's worst response time [s]: a reply may come this late
    checksum   whether answers carry a checksum, so that a damaged byte is always found
    """

    name: ClassVar[str]
    title: ClassVar[str]
    channels: Mapping[str, str]
    options: ClassVar[Mapping[str, Setting]] = {}
    line: ClassVar[Line] = Line()
    slowest: ClassVar[float] = 1.0
    checksum: ClassVar[bool] = True
    addresses: ClassVar[range] = range(1, 248)
    simulator: ClassVar["type[Simulator]"]
    registry: ClassVar[dict[str, type["Driver"]]] = {}

    def __init_subclass__(cls, *, name: str = "") -> None:
        super().__init_subclass__()
        if name:
            cls.name = name
            Driver.registry[name] = cls

    def __init__(self, *, address: int, settings: Mapping[str, SettingValue] | None = None) -> None:
        if address not in self.addresses:
            raise self._refused(
                "address",
                f"address {address} is outside {self.addresses[0]} to {self.addresses[-1]}",
                f"地址 {address} 不在 {self.addresses[0]} 至 {self.addresses[-1]} 之间",
            )
        self.address = address
        self.settings = self._complete(settings or {})
        self._questions = self.questions()

    # --- what each model says -------------------------------------------------------------------------------

    def questions(self) -> tuple[Question, ...]:
        """The questions of one reading, in order."""
        raise NotImplementedError

    def decode(self, exchanges: Sequence[Exchange]) -> Decoded:
        """What the bytes of one reading mean; pure. Raises BadReply for damaged or foreign bytes."""
        raise NotImplementedError

    def identification(self) -> tuple[Question, ...]:
        """The questions after which the device has said who it is; none for a device that cannot."""
        return ()

    def decode_identity(self, exchanges: Sequence[Exchange]) -> Identity:
        """What the answers to `identification` say; pure. Raises BadReply for damaged or foreign bytes."""
        return Identity()

    # --- what all share -------------------------------------------------------------------------------------

    def read(self, link: Link, *, deadline: float) -> Sample:
        """Ask all questions, each within `deadline` [s], and decode the answers. Raises NoReply, BadReply."""
        exchanges, decoded = self._ask(link, self._questions, self.decode, deadline)
        return Sample(decoded.readings, decoded.faults, exchanges)

    def identify(self, link: Link, *, deadline: float) -> Identity:
        """Who is there; empty when this model cannot say. Raises NoReply, BadReply."""
        exchanges, identity = self._ask(link, self.identification(), self.decode_identity, deadline)
        return replace(identity, exchanges=exchanges)

    def _ask(
        self,
        link: Link,
        questions: Sequence[Question],
        decode: Callable[[Sequence[Exchange]], Answer],
        deadline: float,
    ) -> tuple[tuple[Exchange, ...], Answer]:
        slowest = self.worst_response(deadline=deadline)
        exchanges: tuple[Exchange, ...] = ()
        try:
            for question in questions:
                exchanges += (link.exchange(question, deadline=deadline, slowest=slowest),)
            return exchanges, decode(exchanges)
        except ExchangeFailed as failed:
            failed.exchanges = exchanges + failed.exchanges
            raise

    def worst_response(self, *, deadline: float) -> float:
        """The time [s] after a question until which a reply may still come: never less than the deadline."""
        return max(float(self.settings["slowest"]) or self.slowest, deadline)

    def wire(self) -> Line:
        """The serial line with this instrument's own settings."""
        factory, own = type(self).line, self.settings
        return Line(
            baud=int(own["baud"]) or factory.baud,
            parity=str(own["parity"]) or factory.parity,
            data_bits=factory.data_bits,
            stop_bits=int(own["stop_bits"]) or factory.stop_bits,
            modbus=factory.modbus,
            pause=float(own["pause"]) or factory.pause,
            flow=factory.flow,
            echo=bool(own["echo"]) or factory.echo,
        )

    @classmethod
    def all_options(cls) -> dict[str, Setting]:
        """Every setting this driver knows, with those of the line."""
        return {**LINE_SETTINGS, **cls.options}

    def _complete(self, given: Mapping[str, SettingValue]) -> dict[str, SettingValue]:
        known = self.all_options()
        for key in given:
            if key not in known:
                raise self._refused(
                    "setting",
                    f"there is no setting {key!r}; it knows {', '.join(known)}",
                    f"没有设置项 {key!r}；可用：{'、'.join(known)}",
                )
        return {
            key: self._typed(key, given[key], setting) if key in given else setting.default
            for key, setting in known.items()
        }

    def _typed(self, key: str, value: SettingValue, setting: Setting) -> SettingValue:
        typed = _as_type(value, type(setting.default))
        if typed is None or (setting.choices and typed not in setting.choices):
            allowed = ", ".join(map(repr, setting.choices)) or type(setting.default).__name__
            raise self._refused(
                "setting",
                f"setting {key} = {value!r} is not one of: {allowed}",
                f"设置 {key} = {value!r} 无效，应为：{allowed}",
            )
        return typed

    def _refused(self, code: str, en: str, zh: str) -> BenchRefused:
        return BenchRefused(
            code=f"driver-{code}", sentence_en=f"Driver {self.name}: {en}.", sentence_zh=f"驱动 {self.name}：{zh}。"
        )


def _as_type(value: SettingValue, wanted: type) -> SettingValue | None:
    """The value in the type of the setting's default (a command line gives text); None when it is not one."""
    if wanted is bool:
        return {"true": True, "false": False}.get(str(value).lower())
    if wanted is str:
        return value if isinstance(value, str) else None
    if isinstance(value, bool) or (wanted is int and isinstance(value, float)):
        return None
    try:
        number = int(str(value), 0) if wanted is int else float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


class Simulator:
    """Pretends to be one device on the wire: bytes in, bytes out, feeling a plant through `feel`."""

    def __init__(self, *, driver: Driver, feel: Feel) -> None:
        self.driver = driver
        self.feel = feel

    def answer(self, received: bytes) -> tuple[bytes, bytes]:
        """(reply, bytes not yet used): an empty reply is silence."""
        raise NotImplementedError

    def lateness(self) -> tuple[float, float]:
        """Of the reply just given: how long [s] the device takes to it, and when [s, monotonic] it is too late."""
        return 0.0, math.inf


def drivers() -> dict[str, type[Driver]]:
    """Every driver of every module in `instruments/drivers/`, by name."""
    package = importlib.import_module("instruments.drivers")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"instruments.drivers.{module.name}")
    return dict(sorted(Driver.registry.items()))


def driver_named(name: str) -> type[Driver]:
    """The driver of that name. Raises BenchRefused listing the names there are."""
    known = drivers()
    if name not in known:
        raise BenchRefused(
            code="driver-unknown",
            sentence_en=f"There is no driver {name!r}; there are: {', '.join(known)}.",
            sentence_zh=f"没有名为 {name!r} 的驱动；现有：{'、'.join(known)}。",
        )
    return known[name]
