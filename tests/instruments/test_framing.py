"""Framing against printed vectors and against an independent implementation."""

import contextlib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pymodbus.framer.rtu import FramerRTU

from instruments.errors import BadReply
from instruments.framing import (
    NeedMore,
    Whole,
    crc16,
    dcon_frame,
    expect_dcon,
    expect_modbus,
    expect_vaisala,
    modbus_frame,
    modbus_read,
    vaisala_frame,
    whole,
)
from instruments.framings_keller import expect_keller, keller_frame

QUESTION = modbus_read(address=1, function=4, start=2, count=8)
ANSWER = bytes.fromhex("01 04 10 00 01 00 00 00 00 03 E5 03 E5 00 00 00 F8 00 EA 66 12")


def test_modbus_questions_are_the_printed_ones():
    assert QUESTION.hex(" ").upper() == "01 04 00 02 00 08 50 0C"  # SMP manual A.4
    assert modbus_read(address=1, function=4, start=0, count=20).hex(" ").upper() == "01 04 00 00 00 14 F0 05"
    assert modbus_read(address=0x40, function=3, start=0x1000, count=4).hex(" ").upper() == "40 03 10 00 00 04 4F D8"


@given(data=st.binary(max_size=64))
def test_the_modbus_crc_is_that_of_an_independent_implementation(data):
    assert crc16(data, start=0xFFFF) == int.from_bytes(FramerRTU.compute_CRC(data).to_bytes(2, "big"), "little")


@pytest.mark.parametrize(
    ("query", "printed"),
    [
        (b"0r1", b"0r1Goe"),
        (b"0r2", b"0r2Gje"),
        (b"0r3", b"0r3Kid"),
        (b"0r5", b"0r5Kcd"),
        (b"0r", b"0rBVT"),
        (b"0r0", b"0r0Kld"),
        (b"0tX,Use chksum Goe", b"0tX,Use chksum GoeIU~"),
    ],
)
def test_vaisala_crcs_are_the_printed_ones(query, printed):
    assert vaisala_frame(query) == printed + b"\r\n"


@pytest.mark.parametrize(
    ("body", "printed"),
    [
        (b"$012", b"$012B7\r"),  # ICP DAS
        (b"!01200600", b"!01200600AA\r"),
        (b"$07RH", b"$07RH25\r"),  # ADAM-4100 manual, appendix F
        (b"!07+2.0500", b"!07+2.0500D8\r"),
    ],
)
def test_dcon_checksums_are_the_printed_ones(body, printed):
    assert dcon_frame(body) == printed


def test_an_answer_that_grows_byte_by_byte_needs_more_until_it_is_whole():
    for expect, answer in (
        (expect_modbus(QUESTION), ANSWER),
        (expect_dcon(lead=b">"), dcon_frame(b">+025.12")),
        (expect_vaisala(lead=b"0r1,"), vaisala_frame(b"0r1,Sm=1.0M")),
    ):
        assert all(isinstance(expect(answer[:end]), NeedMore) for end in range(len(answer)))
        assert isinstance(expect(answer), Whole)


def test_a_modbus_answer_never_needs_more_than_what_is_missing():
    expect = expect_modbus(QUESTION)
    for end in range(len(ANSWER)):
        progress = expect(ANSWER[:end])
        assert isinstance(progress, NeedMore)
        assert progress.at_least <= len(ANSWER) - end


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (modbus_frame(b"\x02" + ANSWER[1:-2]), "foreign-reply"),  # another address
        (modbus_frame(b"\x01\x03" + ANSWER[2:-2]), "foreign-reply"),  # another function
        (modbus_frame(b"\x01\x04\x04\0\0\0\0"), "foreign-reply"),  # another length
        (modbus_frame(b"\x01\x84\x02"), "device-refused"),
        (modbus_frame(b"\x01\x84\x02") + b"\0", "left-over"),
        (b"\x01\x84\x02\0\0", "bad-checksum"),
        (ANSWER[:-1] + b"\x13", "bad-checksum"),
        (ANSWER + b"\0", "left-over"),
    ],
)
def test_a_modbus_answer_that_was_not_asked_for_is_refused(wrong, code):
    with pytest.raises(BadReply) as refused:
        expect_modbus(QUESTION)(wrong)
    assert refused.value.code == code


def with_burst(message, bit, burst):
    """Up to sixteen bits in a row flipped, in the order of the wire: lowest bit of each byte first."""
    return (int.from_bytes(message, "little") ^ burst << bit).to_bytes(len(message), "little")


P1 = keller_frame(bytes((250, 73, 1)))
CHECKED = {
    "Modbus": (expect_modbus(QUESTION), ANSWER),
    "Vaisala": (expect_vaisala(lead=b"0r1,"), vaisala_frame(b"0r1,Sm=1.0M")),
    "Keller": (expect_keller(P1, size=5), keller_frame(bytes.fromhex("FA 49 3F 75 C2 8F 00"))),
    "DCON": (expect_dcon(lead=b">"), dcon_frame(b">+025.12")),
}
EACH = pytest.mark.parametrize(("expect", "message"), CHECKED.values(), ids=CHECKED)


@pytest.mark.parametrize("name", ["Modbus", "Vaisala"])
@given(place=st.floats(0, 1), burst=st.integers(1, 0xFFFF))
def test_no_burst_of_up_to_sixteen_bits_passes_a_crc(name, place, burst):
    expect, message = CHECKED[name]
    with pytest.raises(BadReply):
        whole(with_burst(message, int(place * (8 * len(message) - 16)), burst), expect=expect)


@given(place=st.integers(0, 8 * 7 - 16), burst=st.integers(1, 0xFFFF))
def test_no_burst_of_up_to_sixteen_bits_within_the_data_passes_the_crc_of_keller_s_bus(place, burst):
    """One that reaches into the CRC may: the CRC stands the wrong way round (see framings_keller)."""
    expect, message = CHECKED["Keller"]
    for bit in (place, 8 * 7):
        with pytest.raises(BadReply):
            whole(with_burst(message, bit, burst), expect=expect)


@pytest.mark.faults
@pytest.mark.parametrize("name", ["Modbus", "Vaisala"])
def test_none_of_all_bursts_of_up_to_sixteen_bits_passes_a_crc(name):
    expect, message = CHECKED[name]
    for bit in range(8 * len(message) - 15):
        for burst in range(1, 0x10000, 2):
            with pytest.raises(BadReply):
                whole(with_burst(message, bit, burst), expect=expect)


@EACH
def test_no_single_damaged_byte_is_a_whole_message(expect, message):
    for at in range(len(message)):
        for value in set(range(256)) - {message[at]}:
            with pytest.raises(BadReply):
                whole(message[:at] + bytes((value,)) + message[at + 1 :], expect=expect)


@EACH
@given(data=st.binary(max_size=40), cut=st.integers(0, 40))
def test_no_bytes_raise_anything_but_a_refusal(expect, message, data, cut):
    for received in (data, message[:cut] + data, data + message[cut:]):
        with contextlib.suppress(BadReply):
            assert isinstance(expect(received), NeedMore | Whole)


@given(text=st.binary(min_size=1, max_size=40))
def test_a_dcon_answer_without_the_right_checksum_is_refused(text):
    assume(b"\r" not in text)
    body = b">" + text
    assume(body != dcon_frame(body[:-2])[:-1])
    with pytest.raises(BadReply) as refused:
        expect_dcon(lead=b">")(body + b"\r")
    assert refused.value.code == "bad-checksum"
