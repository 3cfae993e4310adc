"""Drivers whose device is nothing but a map of Modbus registers: a model says which map, all else follows."""

from collections.abc import Mapping, Sequence
from functools import cached_property

from instruments.driver import Decoded, Driver, Exchange, Identity, Question, SettingValue
from instruments.framing import expect_modbus, modbus_read
from instruments.registers import Register, RegisterMap, block, decode
from instruments.simulation.modbus import MapSimulator


class MapDriver(Driver):
    """A device that is read as its register map says; the settings of an instrument may change its map."""

    simulator = MapSimulator

    def __init__(self, *, address: int, settings: Mapping[str, SettingValue] | None = None) -> None:
        super().__init__(address=address, settings=settings)
        self.channels = self.registers.units

    @cached_property
    def registers(self) -> RegisterMap:
        """The map of this instrument."""
        return self.register_map()

    def register_map(self) -> RegisterMap:
        """The map that follows from the model and its settings. Raises BenchRefused."""
        raise NotImplementedError

    def questions(self) -> tuple[Question, ...]:
        """As few questions as the map allows."""
        return self._questions_for(self.registers.blocks())

    def decode(self, exchanges: Sequence[Exchange]) -> Decoded:
        """See `registers.decode`."""
        return decode(self.registers, exchanges)

    def identification(self) -> tuple[Question, ...]:
        """The registers of type and serial number, where the map has them."""
        return self._questions_for(self.registers.identity_blocks())

    def decode_identity(self, exchanges: Sequence[Exchange]) -> Identity:
        """Type and serial number as decimal text; a type that the map does not name stays a number."""
        blocks = [block(one) for one in exchanges]

        def number(register: Register | None) -> str:
            holding = [one for one in blocks if register is not None and one.holds((register,))]
            return str(register.number(holding[0].taken(register))) if register is not None and holding else ""

        model = number(self.registers.model)
        return Identity(model=self.registers.models.get(model, model), serial=number(self.registers.serial))

    def _questions_for(self, blocks: Sequence[tuple[int, int, int]]) -> tuple[Question, ...]:
        asked = [
            modbus_read(address=self.address, function=function, start=start, count=count)
            for function, start, count in blocks
        ]
        return tuple(Question(sent, expect_modbus(sent)) for sent in asked)
