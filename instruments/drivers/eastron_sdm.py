"""Eastron SDM120 energy meter, Modbus RTU.

Facts (SDM120 Modbus protocol V2.5): factory setting address 1, 2400 baud 8N1; function 4 reads floats, high word
first, at even addresses and in even numbers only: 0 V, 6 A, 0x0C W, 0x12 VA, 0x18 var, 0x1E power factor, 0x46 Hz,
0x48 imported and 0x4A exported kWh; function 3 reads the serial number at 0xFC00 (U32). Registers between these are
read over, as public drivers do; set `gap` to 0 for a meter that refuses. The CRCs that the paper prints for writing are
wrong. Other SDM meters come with 9600 baud and a table of their own: use a register map for them.
"""

from instruments.driver import Line, Setting
from instruments.modbus import MapDriver
from instruments.registers import INPUT, Channel, Register, RegisterMap

CHANNELS = (
    ("voltage", "V", 0x00),
    ("current", "A", 0x06),
    ("active_power", "W", 0x0C),
    ("apparent_power", "VA", 0x12),
    ("reactive_power", "var", 0x18),
    ("power_factor", "1", 0x1E),
    ("frequency", "Hz", 0x46),
    ("imported_energy", "kWh", 0x48),
    ("exported_energy", "kWh", 0x4A),
)
SERIAL_NUMBER = 0xFC00


class EastronSdm(MapDriver, name="eastron_sdm"):
    """Single-phase energy meter SDM120."""

    title = "Eastron SDM120"
    channels = {name: unit for name, unit, _ in CHANNELS}  # noqa: RUF012
    options = {  # noqa: RUF012
        "gap": Setting(
            4,
            "registers without meaning that may be read over; 0 if it refuses",
            "可跨读的无意义寄存器个数；仪表拒绝时设为 0",
            (0, 4),
        )
    }
    line = Line(baud=2400, modbus=True)

    def register_map(self) -> RegisterMap:
        """All floats, in two questions where gaps may be read over."""
        channels = [
            Channel(name=name, unit=unit, register=Register(start=start, type="f32", function=INPUT))
            for name, unit, start in CHANNELS
        ]
        serial = Register(start=SERIAL_NUMBER, type="u32")
        return RegisterMap(channels=tuple(channels), serial=serial, gap=int(self.settings["gap"]))
