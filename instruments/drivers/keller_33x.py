"""Keller series 30 pressure transmitters (33X, 35X, 36X), Modbus RTU.

Facts (series 30 protocol description, 4.9): factory setting address 1, 9600 baud 8N1; function 3; floats, high word
first, in even numbers of registers: 0 CH0 (calculated), 2 P1 bar, 4 P2 bar, 6 T, 8 TOB1, 0x0A TOB2 degC. A channel that
is not there or not well is not-a-number; plus and minus infinity mean over and under range. The transmitter also speaks
Keller's own bus on the same port, with its CRC the other way round (high byte first): what answers in that protocol is
refused here by its CRC (driver `keller_bus` speaks it).
"""

from instruments.driver import Line, Setting
from instruments.modbus import MapDriver
from instruments.registers import Channel, Register, RegisterMap

CHANNELS = (
    ("ch0", "", 0x00),
    ("p1", "bar", 0x02),
    ("p2", "bar", 0x04),
    ("t", "degC", 0x06),
    ("tob1", "degC", 0x08),
    ("tob2", "degC", 0x0A),
)


class Keller33x(MapDriver, name="keller_33x"):
    """Pressure transmitters of series 30 with RS-485."""

    title = "Keller 33X"
    channels = {name: unit or "1" for name, unit, _ in CHANNELS}  # noqa: RUF012
    options = {  # noqa: RUF012
        "ch0_unit": Setting("1", "unit of the calculated channel CH0", "计算通道 CH0 的单位")
    }
    line = Line(baud=9600, modbus=True)

    def register_map(self) -> RegisterMap:
        """All floats in one question."""
        calculated = str(self.settings["ch0_unit"])
        return RegisterMap(
            channels=tuple(
                Channel(name=name, unit=unit or calculated, register=Register(start=start, type="f32"))
                for name, unit, start in CHANNELS
            )
        )
