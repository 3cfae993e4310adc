"""Krohne IFC 300 magnetic flow converter, Modbus RTU.

Facts (IFC 300 Modbus supplement R03, 6.7): function 4; the protocol address is the printed number less 30000: 0 flow
speed m/s, 2 volume flow m3/s, 4 mass flow kg/s, 6 coil temperature K, 8 conductivity S/m, floats with the high word
first; 28 counter 3 as double float, only with input/output board IO 2; 32 and 34 four bytes each of status. SI units
cannot be changed. Conductivity is only measured when the converter is set to it. What each status bit means was not
seen: which of them spoil a reading is a setting, and all of them are kept with the bytes. Baud rate and parity from the
factory were not seen either: set them as the converter shows them.
"""

from instruments.driver import Line, Setting
from instruments.modbus import MapDriver
from instruments.registers import HIGH_FIRST, INPUT, LOW_FIRST, Channel, Register, RegisterMap, Status

CHANNELS = (
    ("flow_speed", "m/s", 0),
    ("volume_flow", "m3/s", 2),
    ("mass_flow", "kg/s", 4),
    ("coil_temperature", "K", 6),
    ("conductivity", "S/m", 8),
)
COUNTER_3, SENSOR_STATUS, DEVICE_STATUS = 28, 32, 34
BETWEEN = DEVICE_STATUS - 10  # registers between the last float and the status; all of them exist


class Ifc300(MapDriver, name="krohne_ifc300"):
    """Magnetic flow converter IFC 300 (OPTIFLUX) with Modbus."""

    title = "Krohne IFC 300"
    channels = {name: unit for name, unit, _ in CHANNELS}  # noqa: RUF012
    options = {  # noqa: RUF012
        "counter_3": Setting(
            "",
            "unit of counter 3; empty = not read (needs board IO 2)",
            "累计器 3 的单位；空 = 不读取（需 IO 2 板）",
            ("", "m3", "kg"),
        ),
        "word_order": Setting(
            HIGH_FIRST,
            "order of the two registers of a float; check against the display",
            "浮点数两个寄存器的顺序；请与显示值核对",
            (HIGH_FIRST, LOW_FIRST),
        ),
        "sensor_status_mask": Setting(
            0,
            "bits of registers 32 and 33 that spoil a reading; see the manual",
            "寄存器 32、33 中使读数无效的状态位；见说明书",
        ),
        "device_status_mask": Setting(
            0,
            "bits of registers 34 and 35 that spoil a reading; see the manual",
            "寄存器 34、35 中使读数无效的状态位；见说明书",
        ),
    }
    line = Line(baud=19200, parity="E", modbus=True)

    def register_map(self) -> RegisterMap:
        """The floats, counter 3 if it is there, and the status, in one question."""
        channels = [Channel(name=name, unit=unit, register=self._float(start)) for name, unit, start in CHANNELS]
        if unit := str(self.settings["counter_3"]):
            channels.append(Channel(name="counter_3", unit=unit, register=self._float(COUNTER_3, "f64")))
        return RegisterMap(
            channels=tuple(channels),
            statuses=(self._status(SENSOR_STATUS, "sensor", "传感器"), self._status(DEVICE_STATUS, "device", "设备")),
            gap=BETWEEN,
        )

    def _float(self, start: int, kind: str = "f32") -> Register:
        return Register(start=start, type=kind, function=INPUT, word_order=str(self.settings["word_order"]))

    def _status(self, start: int, of_en: str, of_zh: str) -> Status:
        return Status(
            register=Register(start=start, type="u32", function=INPUT),
            mask=int(self.settings[f"{of_en}_status_mask"]),
            text_en=f"the {of_en} reports a state in which its readings do not count",
            text_zh=f"{of_zh}报告的状态表明读数无效",
        )
