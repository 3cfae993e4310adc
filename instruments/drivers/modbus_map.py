"""Any Modbus RTU device, read by a register map that its technician wrote: transmitters, modules, loggers as slaves.

The map (see `register_file`) is the text of a TOML file, in the bench file itself or beside it:

    settings = { map = "maps/tbq2.toml", map_sha256 = "9f86d0…" }

A map beside the bench is only taken with its SHA-256, so that nobody changes the meaning of recorded bytes unseen; the
text of a map as the value of `map` is recorded whole with the bench. Without a map only register 0 is shown, as it
stands: enough to see on a new device that cable, address and baud rate are right, and no quantity.
"""

import hashlib
from pathlib import Path

from instruments.driver import Line, Setting
from instruments.errors import BenchRefused
from instruments.modbus import MapDriver
from instruments.register_file import read_map
from instruments.registers import Channel, Register, RegisterMap

BARE = RegisterMap(
    channels=(
        Channel(name="register_0", unit="1", register=Register(start=0, type="s16"), missing=frozenset({0x8000})),
    )
)


class ModbusMap(MapDriver, name="modbus_map"):
    """A device without a driver of its own, read by a register map."""

    title = "Modbus RTU (register map)"
    channels = BARE.units
    options = {  # noqa: RUF012
        "map": Setting("", "register map: name of a TOML file, or its text", "寄存器表：TOML 文件名或其文本"),
        "map_sha256": Setting("", "SHA-256 of the map file", "寄存器表文件的 SHA-256"),
    }
    line = Line(baud=9600, modbus=True)

    def register_map(self) -> RegisterMap:
        """The map of the settings. Raises BenchRefused."""
        given = str(self.settings["map"])
        if not given:
            return BARE
        if "\n" in given:
            return read_map(given, source="map")
        return read_map(self._contents(given), source=given)

    def _contents(self, name: str) -> str:
        try:
            data = Path(name).read_bytes()
            text = data.decode("utf-8")
        except (OSError, ValueError) as error:
            raise self._refused(
                "map", f"the register map {name} cannot be read: {error}", f"无法读取寄存器表 {name}：{error}"
            ) from error
        self._must_be_the_stated(name, hashlib.sha256(data).hexdigest())
        return text

    def _must_be_the_stated(self, name: str, digest: str) -> None:
        stated = str(self.settings["map_sha256"]).lower()
        if stated != digest:
            raise BenchRefused(
                code="driver-map",
                sentence_en=f"Driver {self.name}: the SHA-256 of {name} is {digest}, and map_sha256 says "
                f"{stated or 'nothing'}; check the map and state its SHA-256.",
                sentence_zh=f"驱动 {self.name}：{name} 的 SHA-256 为 {digest}，而 map_sha256 为 {stated or '空'}；"
                "请核对寄存器表并填写其 SHA-256。",
            )
