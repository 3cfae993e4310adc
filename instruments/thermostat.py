"""Set points of baths: within limits, ordered once, proven by reading back, and logged with the person.

An order changes something that may heat. So it is never sent again by itself, whatever the device answers: what the
device then has for its set point is read back, and that is the truth. Every order is logged, the refused and the failed
ones too.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar

from instruments.clock import Clock
from instruments.driver import Driver, Exchange, Link, Question, Setting
from instruments.errors import ExchangeFailed, InstrumentError, PortUnavailable

LIMITS = {
    "lowest": Setting(5.0, "lowest set point that may be ordered, degC", "允许设定的最低温度（°C）"),
    "highest": Setting(95.0, "highest set point that may be ordered, degC", "允许设定的最高温度（°C）"),
}


Outcome = tuple[float | None, tuple[Exchange, ...], InstrumentError | None]


class SetPointRefused(InstrumentError):
    """A set point that was not ordered, or that the device has not taken."""


@dataclass(frozen=True, slots=True)
class Command:
    """The log entry of one order: who asked which device at `time` [s UTC] for `wanted` [degC], and what came of it.

    `found` [degC] is the set point read back; None where it was not ordered or could not be read. `refusal` is None for
    a set point that was taken.
    """

    time: float
    person: str
    device: str
    wanted: float
    found: float | None
    exchanges: tuple[Exchange, ...]
    refusal: InstrumentError | None = None


class Thermostat(Driver):
    """A bath with a set point.

    settle      [s] that the device needs between an order and the next question
    resolution  [K] of the set point on the wire
    """

    settle: ClassVar[float] = 0.0
    resolution: ClassVar[float] = 0.01

    def order(self, value: float) -> Question:
        """What makes `value` [degC] the set point; its `expect` is the acknowledgement, if the device gives one."""
        raise NotImplementedError

    def set_point_question(self) -> Question:
        """What asks for the set point."""
        raise NotImplementedError

    def decode_set_point(self, reply: bytes) -> float:
        """The set point [degC] in the answer; pure. Raises BadReply."""
        raise NotImplementedError


def set_temperature(
    device: Thermostat,
    link: Link,
    *,
    value: float,
    person: str,
    clock: Clock,
    log: Callable[[Command], None],
    deadline: float = 1.0,
    sleep: Callable[[float], None] = time.sleep,
) -> Command:
    """Make `value` [degC] the set point of the device, in the name of `person`; answers the entry that was logged.

    Raises SetPointRefused when nobody is named, the value is outside the device's limits (nothing is sent then), or the
    set point read back is another; ExchangeFailed or PortUnavailable when it cannot be read back. Each is logged before
    it is raised.
    """
    begun = clock.now()
    forbidden = _forbidden(device, value=value, person=person)
    found, exchanges, refusal = (
        _order_and_read_back(device, link, value, deadline, sleep) if forbidden is None else (None, (), forbidden)
    )
    entry = Command(begun, person, device.name, value, found, exchanges, refusal)
    log(entry)
    if refusal is not None:
        raise refusal
    return entry


def _order_and_read_back(
    device: Thermostat, link: Link, value: float, deadline: float, sleep: Callable[[float], None]
) -> Outcome:
    exchanges, complaint = _once(device, link, replace(device.order(value), order=True), deadline)
    sleep(device.settle)
    back, silent = _once(device, link, device.set_point_question(), deadline)
    exchanges += back
    if silent is not None:
        return None, exchanges, silent
    try:
        found = device.decode_set_point(back[0].received)
    except ExchangeFailed as bad:
        return None, exchanges, bad
    if abs(found - value) > 0.5001 * device.resolution:
        return found, exchanges, complaint or _not_taken(device, value, found)
    return found, exchanges, None


def _once(
    device: Thermostat, link: Link, question: Question, deadline: float
) -> tuple[tuple[Exchange, ...], InstrumentError | None]:
    try:
        return (link.exchange(question, deadline=deadline, slowest=device.worst_response(deadline=deadline)),), None
    except ExchangeFailed as failed:
        return failed.exchanges, failed
    except PortUnavailable as lost:
        return (), lost


def _forbidden(device: Thermostat, *, value: float, person: str) -> SetPointRefused | None:
    lowest, highest = float(device.settings["lowest"]), float(device.settings["highest"])
    if not person.strip():
        return SetPointRefused(
            code="nobody-named",
            sentence_en="A set point is ordered in somebody's name; say who orders it.",
            sentence_zh="设定温度须注明操作人；请填写姓名。",
        )
    if not math.isfinite(value) or not lowest <= value <= highest:
        return SetPointRefused(
            code="outside-limits",
            sentence_en=f"The set point {value:g} °C is outside {lowest:g} to {highest:g} °C of {device.title}; "
            "nothing was sent. The limits are settings of the bench file.",
            sentence_zh=f"设定温度 {value:g} °C 超出 {device.title} 的允许范围 {lowest:g} 至 {highest:g} °C；"
            "未发送任何指令。该范围在台架文件中设置。",
        )
    return None


def _not_taken(device: Thermostat, wanted: float, found: float) -> SetPointRefused:
    return SetPointRefused(
        code="not-taken",
        sentence_en=f"{device.title} was told {wanted:g} °C and has {found:g} °C: check that it is in remote control, "
        "then order again.",
        sentence_zh=f"已向 {device.title} 发送 {wanted:g} °C，而其设定值为 {found:g} °C：请确认处于远程控制后再设定。",
    )
