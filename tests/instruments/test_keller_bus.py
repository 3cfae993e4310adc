"""Keller's own bus: Modbus's CRC the other way round, a status byte, and error 32 until it is initialised."""

import struct

import pytest

from instruments.driver import Exchange, Identity, driver_named
from instruments.errors import BadReply
from instruments.framing import NeedMore, Whole, crc16, modbus_frame
from instruments.framings_keller import expect_keller, keller_frame

INITIALISE, P1 = bytes.fromhex("FA 30 04 43"), bytes.fromhex("FA 49 01 A1 A7")


def reading(value, status=0):
    """P1 and TOB1 of a transmitter at address 250 that answers P1 with this value and status byte."""
    driver = driver_named("keller_bus")(address=250)
    replies = [
        keller_frame(bytes.fromhex("FA 30 05 14 0C 1C 0A 00")),
        keller_frame(bytes.fromhex("FA 49") + struct.pack(">fB", value, status)),
        keller_frame(bytes.fromhex("FA 49") + struct.pack(">fB", 20.5, status)),
    ]
    asked = zip(driver.questions(), replies, strict=True)
    decoded = driver.decode([Exchange(one.sent, reply, 0.0, 0.0) for one, reply in asked])
    return {one.channel: one.value for one in decoded.readings}, {one.channel: one.kind for one in decoded.faults}


def test_the_questions_are_the_printed_ones():
    driver = driver_named("keller_bus")(address=250)
    assert [one.sent for one in driver.questions()][:2] == [INITIALISE, P1]


def test_the_crc_is_that_of_modbus_with_the_high_byte_first():
    assert keller_frame(bytes((2, 48)))[-2:] == b"\xc4\x00"  # the maker's own test
    assert keller_frame(P1[:-2])[-2:] == modbus_frame(P1[:-2])[:-3:-1]
    assert crc16(P1[:-2], start=0xFFFF) == 0xA1A7


@pytest.mark.parametrize(
    ("value", "status", "kind"),
    [
        (float("nan"), 0x00, "invalid"),
        (float("inf"), 0x00, "over-range"),
        (float("-inf"), 0x00, "under-range"),
        (1.0, 0x02, "invalid"),
    ],
)
def test_a_channel_that_is_not_well_is_a_fault_and_the_other_is_read(value, status, kind):
    assert reading(value, status) == ({"tob1": 20.5}, {"p1": kind})


def test_each_status_bit_speaks_of_its_own_channel():
    assert reading(-0.25, 0x00) == ({"p1": -0.25, "tob1": 20.5}, {})
    assert reading(-0.25, 0x10) == ({"p1": -0.25}, {"tob1": "invalid"})
    assert reading(-0.25, 0x6D & ~0x10) == ({"p1": -0.25, "tob1": 20.5}, {})
    assert reading(-0.25, 0x80) == ({}, {"p1": "not-normal", "tob1": "not-normal"})


def test_a_transmitter_that_was_switched_on_refuses_until_it_is_initialised():
    driver = driver_named("keller_bus")(address=1)
    simulator = driver.simulator(driver=driver, feel=lambda _: 1.0)
    initialise, p1, _ = driver.questions()
    refused, left = simulator.answer(p1.sent)
    assert left == b""
    with pytest.raises(BadReply, match="error 32"):
        p1.expect(refused)
    assert isinstance(initialise.expect(simulator.answer(initialise.sent)[0]), Whole)
    assert isinstance(p1.expect(simulator.answer(p1.sent)[0]), Whole)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (keller_frame(bytes.fromhex("01 49 3F 80 00 00 00")), "foreign-reply"),
        (keller_frame(bytes.fromhex("FA 4A 3F 80 00 00 00")), "foreign-reply"),
        (modbus_frame(bytes.fromhex("FA 49 3F 80 00 00 00")), "bad-checksum"),
        (keller_frame(bytes.fromhex("FA 49 3F 80 00 00 00")) + b"\0", "left-over"),
        (keller_frame(bytes.fromhex("FA C9 20")), "device-refused"),
        (keller_frame(bytes.fromhex("FA C9 63")), "device-refused"),
    ],
)
def test_an_answer_that_was_not_asked_for_is_refused(wrong, code):
    with pytest.raises(BadReply) as refused:
        expect_keller(P1, size=5)(wrong)
    assert refused.value.code == code
    assert refused.value.sentence_zh.endswith("。")


def test_an_answer_that_grows_needs_what_is_missing():
    answer = keller_frame(bytes.fromhex("FA 49 3F 80 00 00 00"))
    for end in range(len(answer)):
        progress = expect_keller(P1, size=5)(answer[:end])
        assert isinstance(progress, NeedMore)
        assert 0 < progress.at_least <= len(answer) - end


def test_a_second_sensor_is_read_where_there_is_one():
    driver = driver_named("keller_bus")(address=1, settings={"second_sensor": True})
    assert driver.channels == {"p1": "bar", "tob1": "degC", "p2": "bar", "tob2": "degC"}
    assert [one.sent[2] for one in driver.questions()[1:]] == [1, 4, 2, 5]


def test_class_and_serial_number_are_read():
    driver = driver_named("keller_bus")(address=1)
    simulator = driver.simulator(driver=driver, feel=lambda _: 1.0)
    asked = [Exchange(one.sent, simulator.answer(one.sent)[0], 0.0, 0.0) for one in driver.identification()]
    assert driver.decode_identity(asked) == Identity(model="5.20", serial="4711")


def test_a_simulated_transmitter_ignores_noise_and_other_addresses():
    driver = driver_named("keller_bus")(address=1)
    simulator = driver.simulator(driver=driver, feel=lambda _: 1.0)
    other = driver_named("keller_bus")(address=2).questions()[0].sent
    assert simulator.answer(other)[0] == b""
    assert simulator.answer(b"\xff\xff" + other + driver.questions()[0].sent)[0][:2] == b"\x01\x30"
