"""Kipp & Zonen smart radiometers: pyranometers SMP3…SMP22 and pyrheliometer SHP1, Modbus RTU over RS-485.

Facts (SMP series manual, appendix A): factory setting address 1, 19200 baud 8E1; function 4 reads the registers from
PDU address 0; data (5, 6) are divided by 10 to the power of the scale register (4), which is a setting of the
instrument and therefore read in the same question. Status bits follow the discrete inputs 2 to 9. The general error
flag (bit 3) only sums up the others and stands alone after power-up until it is cleared, so alone it spoils nothing.
Negative irradiance at night is a reading: it shows the zero offset. The type number (0) tells the model. Public drivers
read the serial number at 42 or 10005; no manual was seen that says so, so the register is a setting.
"""

import math
import struct
from collections.abc import Mapping, Sequence

from instruments.driver import Decoded, Driver, Exchange, Fault, Identity, Line, Question, Reading, Setting
from instruments.errors import BadReply
from instruments.framing import expect_modbus, modbus_read, whole
from instruments.simulation.modbus import ModbusSimulator

TYPE, MODEL_VERSION, MODE, STATUS, SCALE, DATA, RAW, DEVIATION, BODY_TEMPERATURE, SUPPLY = range(10)
READ_INPUT_REGISTERS = 4
NORMAL_MODE = 1
GENERAL_ERROR_FLAG = 0x0008
SIMULATED_SERIAL = 4711
SCALES = {2: 100.0, 1: 10.0, 0: 1.0, -1: 0.1}  # register value: divisor

DEVICE_TYPES = {
    601: "SMP3", 602: "SMP3", 603: "SMP11", 604: "SMP11", 605: "SMP21", 606: "SMP21", 607: "SMP22", 608: "SMP22",
    613: "SHP1", 614: "SHP1", 617: "SMP10", 618: "SMP10", 619: "SMP6", 620: "SMP6", 633: "SMP12",
}  # fmt: skip

STATUS_BITS = (
    ("signal void", "信号无效"),
    ("overflow", "上溢"),
    ("underflow", "下溢"),
    ("general error", "一般错误"),
    ("A/D converter", "模数转换器错误"),
    ("D/A converter", "数模转换器错误"),
    ("calibration checksum", "校准数据校验错误"),
    ("update of calibration failed", "校准参数更新失败"),
)


def decode(sent: bytes, reply: bytes, *, model: str = "") -> Decoded:
    """Irradiance [W/m2], unlinearised irradiance [W/m2], body temperature [degC] and supply [V] from one exchange.

    Registers that the question did not ask for are not reported. Raises BadReply when the bytes are not the answer.
    """
    registers = _registers(sent, reply)
    scale = SCALES.get(_signed(registers[SCALE]))
    faults = [*_wrong_type(registers, model), *_wrong_state(registers)]
    if scale is None:
        faults.append(
            Fault(
                "bad-scale",
                f"The scale register holds {_signed(registers[SCALE])}; only 2, 1, 0 and -1 are defined.",
                f"量程寄存器为 {_signed(registers[SCALE])}，仅定义了 2、1、0、-1。",
            )
        )
    if faults or scale is None:
        return Decoded((), tuple(faults))
    return Decoded(tuple(_readings(registers, scale)))


def _registers(sent: bytes, reply: bytes) -> dict[int, int]:
    data = whole(reply, expect=expect_modbus(sent))
    start = int.from_bytes(sent[2:4], "big")
    if start > STATUS or start + len(data) // 2 <= DATA:
        raise BadReply(
            code="incomplete-question",
            sentence_en="The question did not ask for status, scale and data together; they must be of one moment.",
            sentence_zh="请求未同时读取状态、量程和数据；三者必须取自同一时刻。",
        )
    return dict(enumerate(struct.unpack(f">{len(data) // 2}H", data), start))


def _readings(registers: Mapping[int, int], scale: float) -> list[Reading]:
    parts = (
        (DATA, "irradiance", scale, "W/m2"),
        (RAW, "irradiance_raw", scale, "W/m2"),
        (BODY_TEMPERATURE, "body_temperature", 10.0, "degC"),
        (SUPPLY, "supply", 10.0, "V"),
    )
    return [
        Reading(channel, _signed(registers[register]) / divisor, unit)
        for register, channel, divisor, unit in parts
        if register in registers
    ]


def _wrong_type(registers: Mapping[int, int], model: str) -> list[Fault]:
    if TYPE not in registers or not model:
        return []
    found = DEVICE_TYPES.get(registers[TYPE], f"type {registers[TYPE]}")
    if found == model:
        return []
    return [
        Fault(
            "wrong-device",
            f"The device says it is a {found}, the bench expects a {model}; check the cable and the bench file.",
            f"设备自报为 {found}，台架配置应为 {model}；请检查接线和台架文件。",
        )
    ]


def _wrong_state(registers: Mapping[int, int]) -> list[Fault]:
    faults = []
    if registers.get(MODE, NORMAL_MODE) != NORMAL_MODE:
        faults.append(
            Fault(
                "not-normal",
                f"The device is in operational mode {registers[MODE]}, not in normal mode 1.",
                f"设备处于工作模式 {registers[MODE]}，而非正常模式 1。",
            )
        )
    if (bits := registers[STATUS]) & ~GENERAL_ERROR_FLAG:
        named = [names for bit, names in enumerate(STATUS_BITS) if bits >> bit & 1] or [("unknown", "未知")]
        faults.append(
            Fault(
                "bad-status",
                f"The device reports status 0x{bits:04X}: {', '.join(en for en, _ in named)}.",
                f"设备状态 0x{bits:04X}：{'、'.join(zh for _, zh in named)}。",
            )
        )
    return faults


def _signed(register: int) -> int:
    return register - 0x10000 if register & 0x8000 else register


class KippSimulator(ModbusSimulator):
    """A smart radiometer with a tenth of a W/m2 per count; void signal when there is nothing to measure."""

    def registers(self, *, start: int, count: int) -> bytes | None:
        """Registers 0 to 9, and the serial number where the settings expect it."""
        if (start, count) == (self.driver.settings["serial_register"], 1):
            return SIMULATED_SERIAL.to_bytes(2, "big")
        if not 0 < count <= SUPPLY + 1 - start:
            return None
        return struct.pack(f">{count}H", *self._values()[start : start + count])

    def _values(self) -> list[int]:
        irradiance = self._tenths("irradiance", math.nan)
        void = math.isnan(irradiance)
        counts = 0 if void else round(max(-32768, min(32767, irradiance)))
        status = void | (irradiance > 32767) << 1 | (irradiance < -32768) << 2
        model = str(self.driver.settings["model"]) or "SMP11"
        device_type = max(number for number, name in DEVICE_TYPES.items() if name == model)
        house = round(self._tenths("body_temperature", 25.0)), round(self._tenths("supply", 12.0))
        return [value & 0xFFFF for value in (device_type, 102, NORMAL_MODE, status, 1, counts, counts, 0, *house)]

    def _tenths(self, channel: str, otherwise: float) -> float:
        felt = self.feel(channel)
        return 10.0 * (otherwise if felt is None or not math.isfinite(felt) else felt)


class KippSmp(Driver, name="kipp_smp"):
    """SMP pyranometers and SHP1 pyrheliometer."""

    title = "Kipp & Zonen SMP / SHP1"
    channels = {"irradiance": "W/m2", "irradiance_raw": "W/m2", "body_temperature": "degC", "supply": "V"}  # noqa: RUF012
    options = {  # noqa: RUF012
        "model": Setting(
            "",
            "model that must answer; empty = any",
            "必须应答的型号；空 = 任意",
            ("", *dict.fromkeys(DEVICE_TYPES.values())),
        ),
        "serial_register": Setting(
            0,
            "register of the serial number (10005: newer models); 0 = not read; check against the label",
            "序列号寄存器（10005：较新型号）；0 = 不读取；请与铭牌核对",
            (0, 42, 10005),
        ),
    }
    line = Line(baud=19200, parity="E", modbus=True)
    simulator = KippSimulator

    def questions(self) -> tuple[Question, ...]:
        """Registers 0 to 9 in one question, so that data, scale and status are of one moment."""
        sent = modbus_read(address=self.address, function=READ_INPUT_REGISTERS, start=TYPE, count=SUPPLY + 1)
        return (Question(sent, expect_modbus(sent)),)

    def decode(self, exchanges: Sequence[Exchange]) -> Decoded:
        """See the module's `decode`."""
        (exchange,) = exchanges
        return decode(exchange.sent, exchange.received, model=str(self.settings["model"]))

    def identification(self) -> tuple[Question, ...]:
        """The type number, and the serial number when its register is set."""
        registers = [TYPE, *([serial] if (serial := int(self.settings["serial_register"])) else [])]
        asked = [
            modbus_read(address=self.address, function=READ_INPUT_REGISTERS, start=start, count=1)
            for start in registers
        ]
        return tuple(Question(sent, expect_modbus(sent)) for sent in asked)

    def decode_identity(self, exchanges: Sequence[Exchange]) -> Identity:
        """Model by its type number (an unknown one stays a number), serial number in decimal digits."""
        device, serial = [
            str(int.from_bytes(whole(one.received, expect=expect_modbus(one.sent)), "big")) for one in exchanges
        ] + [""] * (2 - len(exchanges))
        return Identity(model=DEVICE_TYPES.get(int(device), device), serial=serial)
