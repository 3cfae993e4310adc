"""Hukseflux SR05, SR20-D2, SR30 pyranometers with digital output, Modbus RTU.

Facts (SR05 manual; its map is that of SR20-D2 and SR30 for these registers): factory setting address 1, 19200 baud 8E1;
function 3; PDU address 2 irradiance and 4 irradiance without temperature compensation, each S32 with the high word
first; 6 body temperature S16; 7 sensor resistance in 0.1 ohm; 8 and 9 scaling factors by which irradiance and
temperature are divided (factory setting 100); 40 serial number. SR05-D1A3-PV has the same map from 0x1000. A sheet of a
logger maker calls the irradiance mW/m2; the manual's own example is 973.59 W/m2, and the scaling factor tells anyway.
Negative irradiance at night is a reading: it shows the zero offset. A number at the very end of what its registers can
write is no measured value (our rule).
"""

from fractions import Fraction

from instruments.driver import Line, Setting
from instruments.modbus import MapDriver
from instruments.registers import Channel, Register, RegisterMap

IRRADIANCE, UNCOMPENSATED, TEMPERATURE, RESISTANCE, IRRADIANCE_FACTOR, TEMPERATURE_FACTOR = 2, 4, 6, 7, 8, 9
SERIAL_NUMBER = 40
ENDS_OF_S32 = frozenset({0x7FFFFFFF, 0x80000000})
ENDS_OF_S16 = frozenset({0x7FFF, 0x8000})
END_OF_U16 = frozenset({0xFFFF})


class HuksefluxSr(MapDriver, name="hukseflux_sr"):
    """Digital pyranometers SR05, SR20-D2, SR30."""

    title = "Hukseflux SR05 / SR20-D2 / SR30"
    channels = {  # noqa: RUF012
        "irradiance": "W/m2",
        "irradiance_uncompensated": "W/m2",
        "body_temperature": "degC",
        "sensor_resistance": "ohm",
    }
    options = {  # noqa: RUF012
        "first_register": Setting(
            0,
            "where the map begins; 0x1000 = 4096 for SR05-D1A3-PV",
            "寄存器表起点；SR05-D1A3-PV 为 0x1000 = 4096",
            (0, 0x1000),
        )
    }
    line = Line(baud=19200, parity="E", modbus=True)

    def register_map(self) -> RegisterMap:
        """Registers 2 to 9 in one question, so that values and factors are of one moment."""
        return RegisterMap(
            channels=(
                self._irradiance("irradiance", IRRADIANCE),
                self._irradiance("irradiance_uncompensated", UNCOMPENSATED),
                Channel(
                    name="body_temperature",
                    unit="degC",
                    register=self._register(TEMPERATURE, "s16"),
                    scale_register=self._register(TEMPERATURE_FACTOR, "u16"),
                    missing=ENDS_OF_S16,
                ),
                Channel(
                    name="sensor_resistance",
                    unit="ohm",
                    register=self._register(RESISTANCE, "u16"),
                    scale=Fraction(1, 10),
                    missing=END_OF_U16,
                ),
            ),
            serial=self._register(SERIAL_NUMBER, "u16"),
        )

    def _irradiance(self, name: str, start: int) -> Channel:
        return Channel(
            name=name,
            unit="W/m2",
            register=self._register(start, "s32"),
            scale_register=self._register(IRRADIANCE_FACTOR, "u16"),
            missing=ENDS_OF_S32,
        )

    def _register(self, start: int, kind: str) -> Register:
        return Register(start=int(self.settings["first_register"]) + start, type=kind)
