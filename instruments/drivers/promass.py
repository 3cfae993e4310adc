"""Endress+Hauser Proline Promass and Promag flow meters, Modbus RTU.

Facts (Promass E 100 manual, Modbus section): functions 3 and 4 are the same; numbers in the manuals count from 1;
floats come in the order of the parameter Byte order: 1-0-3-2 from the factory (low word first), 3-2-1-0, 0-1-2-3 or
2-3-0-1, byte 3 being sign and exponent; numbers of 16 bits are swapped in the orders 0-1-2-3 and 2-3-0-1. Up to 16
register numbers can be put in the scan list 5001 to 5016; their values then stand in 5051 to 5082 and are read in one
question. The scan list is read back with every reading, so that a changed list is a fault and not another quantity.

Which register holds what, and in which unit, depends on model and settings: the numbers 2007, 2009, 2013, 2017 are
settings, to be checked once against the display, as are units, baud rate and parity. On a fault the meter sends
not-a-number or its last valid value, by its parameter Failure mode; the last value would hide the fault, so the
parameter must be set to NaN.
"""

from instruments.driver import Line, Setting
from instruments.modbus import MapDriver
from instruments.registers import HIGH_FIRST, LOW_FIRST, Channel, Register, RegisterMap, Status

# Byte order: order of the words, order of the bytes in each.
ORDERS = {
    "1-0-3-2": (LOW_FIRST, HIGH_FIRST),
    "3-2-1-0": (HIGH_FIRST, HIGH_FIRST),
    "0-1-2-3": (LOW_FIRST, LOW_FIRST),
    "2-3-0-1": (HIGH_FIRST, LOW_FIRST),
}
# Channel: register number from 1, units that the meter can be set to (the first is ours until it is set).
CHANNELS = {
    "mass_flow": (2007, ("kg/s", "kg/min", "kg/h", "g/s", "t/h"), "质量流量"),
    "volume_flow": (2009, ("m3/h", "m3/s", "l/s", "l/min", "l/h"), "体积流量"),
    "density": (2013, ("kg/m3", "kg/l", "g/cm3"), "密度"),
    "temperature": (2017, ("degC", "K"), "温度"),
}
SCAN_LIST, SCAN_VALUES = 5001, 5051
NOT_READ = 0
LAST_NUMBER = 65535  # of a register in which a float can begin


def _options() -> dict[str, Setting]:
    options = {
        "byte_order": Setting("1-0-3-2", "the meter's parameter Byte order", "流量计的“字节顺序”参数", tuple(ORDERS)),
        "scan_list": Setting(False, "read through the scan list 5001 to 5016", "通过扫描列表 5001 至 5016 读取"),
        "failure_mode": Setting(
            "nan",
            "the meter's parameter Failure mode; it must be NaN",
            "流量计的“故障模式”参数；必须为 NaN",
            ("nan", "last-valid"),
        ),
    }
    for name, (number, units, title) in CHANNELS.items():
        options[f"{name}_register"] = Setting(
            number,
            f"register number of the {name.replace('_', ' ')}, from 1; 0 = not read; check against the display",
            f"{title}的寄存器号（从 1 起）；0 = 不读取；请与显示值核对",
        )
        options[f"{name}_unit"] = Setting(
            units[0],
            "its unit as set on the meter; check against the display",
            "流量计上设置的单位；请与显示值核对",
            units,
        )
    return options


class Promass(MapDriver, name="promass"):
    """Flow meters Promass and Promag of the Proline family."""

    title = "Endress+Hauser Promass / Promag"
    channels = {name: units[0] for name, (_, units, _) in CHANNELS.items()}  # noqa: RUF012
    options = _options()
    line = Line(baud=19200, parity="E", modbus=True)

    def register_map(self) -> RegisterMap:
        """The registers that are read, straight or through the scan list. Raises BenchRefused."""
        if self.settings["failure_mode"] != "nan":
            raise self._refused(
                "setting",
                "the last valid value hides a fault; set the meter's parameter Failure mode to NaN",
                "最后有效值会掩盖故障；请将流量计的“故障模式”参数设为 NaN",
            )
        numbers = self._numbers()
        if self.settings["scan_list"]:
            return RegisterMap(
                channels=tuple(self._channel(name, SCAN_VALUES + 2 * place) for place, name in enumerate(numbers)),
                statuses=tuple(self._entry(place, number) for place, number in enumerate(numbers.values())),
            )
        return RegisterMap(channels=tuple(self._channel(name, number) for name, number in numbers.items()))

    def _numbers(self) -> dict[str, int]:
        """{channel: register number, from 1} of what is read."""
        stated = {name: int(self.settings[f"{name}_register"]) for name in CHANNELS}
        for name, number in stated.items():
            if not NOT_READ <= number <= LAST_NUMBER:
                raise self._refused(
                    "setting",
                    f"setting {name}_register = {number} is outside 0 to {LAST_NUMBER}",
                    f"设置 {name}_register = {number} 不在 0 至 {LAST_NUMBER} 之间",
                )
        if not any(stated.values()):
            raise self._refused(
                "setting", "there is nothing to read; set a register", "没有可读取的内容；请设置寄存器号"
            )
        return {name: number for name, number in stated.items() if number != NOT_READ}

    def _channel(self, name: str, number: int) -> Channel:
        return Channel(name=name, unit=str(self.settings[f"{name}_unit"]), register=self._register(number, "f32"))

    def _entry(self, place: int, number: int) -> Status:
        return Status(
            register=self._register(SCAN_LIST + place, "u16"),
            mask=0xFFFF,
            expected=number,
            of_one_moment=False,
            code="wrong-scan-list",
            text_en=f"entry {place + 1} of the meter's scan list must be {number}; set the scan list anew",
            text_zh=f"流量计扫描列表第 {place + 1} 项应为 {number}；请重新设置扫描列表",
        )

    def _register(self, number: int, kind: str) -> Register:
        word_order, byte_order = ORDERS[str(self.settings["byte_order"])]
        return Register(start=number - 1, type=kind, word_order=word_order, byte_order=byte_order)
