"""Keller series 30 pressure transmitters (33X, 35X, 36X) in Keller's own bus protocol; by Modbus: `keller_33x`.

Facts (series 30 protocol description, chapter 5, and the maker's own program): 9600 baud 8N1, address 1; 250 = whoever
is there alone. After power-on every question is refused with error 32 until function 48 has been asked, so each reading
begins with it. Function 73 answers one channel (1 P1, 2 P2 bar, 4 TOB1, 5 TOB2 degC) as a float, high byte first, and a
status byte: bit n says that channel n is not well, bit 7 that the device is not in its standard mode. Not-a-number and
infinities mean what they mean by Modbus. Function 69 answers the serial number, function 48 class and group.
"""

import math
import struct
from collections.abc import Sequence

from instruments.driver import Decoded, Driver, Exchange, Fault, Identity, Line, Question, Reading, Setting, Simulator
from instruments.framing import whole
from instruments.framings_keller import expect_keller, keller_frame

INITIALISE, SERIAL_NUMBER, READ_CHANNEL = 48, 69, 73
SIZES = {INITIALISE: 6, SERIAL_NUMBER: 4, READ_CHANNEL: 5}  # bytes of data in the answer
NOT_STANDARD = 0x80
NUMBERS = {"p1": 1, "tob1": 4, "p2": 2, "tob2": 5}
UNITS = {"p1": "bar", "tob1": "degC", "p2": "bar", "tob2": "degC"}
FIRST_SENSOR = ("p1", "tob1")
SIMULATED_CLASS, SIMULATED_SERIAL = bytes((5, 20, 12, 28, 10, 0)), 4711


def decode(channel: str, exchange: Exchange) -> Reading | Fault:
    """The value [bar or degC] of a channel from the answer to function 73. Raises BadReply."""
    value, status = struct.unpack(">fB", _data(exchange))
    if status & NOT_STANDARD:
        return Fault("not-normal", "The device is not in its standard mode.", "设备不在标准模式。", channel)
    if status >> NUMBERS[channel] & 1 or math.isnan(value):
        return Fault(
            "invalid", f"The device marks channel {channel} invalid.", f"设备标记通道 {channel} 无效。", channel
        )
    if value == math.inf:
        return Fault("over-range", f"Channel {channel} is over range.", f"通道 {channel} 超出量程上限。", channel)
    if value == -math.inf:
        return Fault("under-range", f"Channel {channel} is under range.", f"通道 {channel} 低于量程下限。", channel)
    return Reading(channel, value, UNITS[channel])


def _data(exchange: Exchange) -> bytes:
    return whole(exchange.received, expect=expect_keller(exchange.sent, size=SIZES[exchange.sent[1]]))


class KellerBusSimulator(Simulator):
    """A transmitter that was just switched on: refuses with error 32 until it is initialised."""

    _initialised = False

    def answer(self, received: bytes) -> tuple[bytes, bytes]:
        """The reply to the first whole question for this address; silence for noise and for other addresses."""
        for end in range(4, len(received) + 1):
            for begin in (end - 4, end - 5):
                question = received[max(begin, 0) : end]
                if question[0] == self.driver.address and keller_frame(question[:-2]) == question:
                    return self._reply(question[:-2]), received[end:]
        return b"", received[-4:]

    def _reply(self, question: bytes) -> bytes:
        function = question[1]
        self._initialised |= function == INITIALISE
        if not self._initialised:
            return keller_frame(bytes((question[0], function | 0x80, 32)))
        numbers = {number: name for name, number in NUMBERS.items()}
        if function == READ_CHANNEL and question[2:] and question[2] in numbers:
            felt = self.feel(numbers[question[2]])
            return keller_frame(question[:2] + struct.pack(">fB", math.nan if felt is None else felt, 0))
        if function == INITIALISE:
            return keller_frame(question[:2] + SIMULATED_CLASS)
        if function == SERIAL_NUMBER:
            return keller_frame(question[:2] + SIMULATED_SERIAL.to_bytes(4, "big"))
        return keller_frame(bytes((question[0], function | 0x80, 1)))


class KellerBus(Driver, name="keller_bus"):
    """Pressure transmitters of series 30, spoken to in Keller's own protocol."""

    title = "Keller 33X (Keller bus)"
    channels = {name: UNITS[name] for name in FIRST_SENSOR}  # noqa: RUF012
    options = {  # noqa: RUF012
        "second_sensor": Setting(False, "whether it has a second sensor, P2 and TOB2", "是否有第二个传感器（P2、TOB2）")
    }
    line = Line(baud=9600)
    addresses = range(1, 251)
    simulator = KellerBusSimulator

    def questions(self) -> tuple[Question, ...]:
        """Initialise, then one question for each channel."""
        self.channels = UNITS if self.settings["second_sensor"] else type(self).channels
        return (self._question(INITIALISE), *(self._question(READ_CHANNEL, NUMBERS[name]) for name in self.channels))

    def decode(self, exchanges: Sequence[Exchange]) -> Decoded:
        """The channels in the order in which they were asked for. Raises BadReply."""
        _data(exchanges[0])
        found = [decode(name, one) for name, one in zip(self.channels, exchanges[1:], strict=True)]
        return Decoded(
            tuple(one for one in found if isinstance(one, Reading)),
            tuple(one for one in found if isinstance(one, Fault)),
        )

    def identification(self) -> tuple[Question, ...]:
        """Class and group, and the serial number."""
        return (self._question(INITIALISE), self._question(SERIAL_NUMBER))

    def decode_identity(self, exchanges: Sequence[Exchange]) -> Identity:
        """Class and group as the maker writes them (5.20), serial number in decimal digits. Raises BadReply."""
        firmware, serial = (_data(one) for one in exchanges)
        return Identity(model=f"{firmware[0]}.{firmware[1]}", serial=str(int.from_bytes(serial, "big")))

    def _question(self, *words: int) -> Question:
        sent = keller_frame(bytes((self.address, *words)))
        return Question(sent, expect_keller(sent, size=SIZES[words[0]]))
