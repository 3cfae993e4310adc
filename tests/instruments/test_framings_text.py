"""Framings of text against printed vectors, byte by byte, and against any bytes at all."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.drivers.huber_pb import degrees, expect_pb, pb_command
from instruments.errors import BadReply
from instruments.framing import NeedMore, Whole
from instruments.framings_text import (
    decimal,
    expect_acknowledgement,
    expect_block,
    expect_gill,
    expect_gill_stream,
    expect_line,
    expect_nothing,
    expect_thies,
    gill_frame,
    thies_frame,
)

STREAM_LINE = gill_frame(b"Q,229,002.74,M,00,")
WHOLES = {
    "line ended by CR": (expect_line(end=b"\r"), b"25.01\r", b"25.01"),
    "line ended by CR LF": (expect_line(end=b"\r\n"), b"S S     100.00 g\r\n", b"S S     100.00 g"),
    "line ended by LF": (expect_line(end=b"\n"), b"55.5\n", b"55.5"),
    "acknowledgement": (expect_acknowledgement(b"OK", end=b"\n"), b"OK\r\n", b"OK"),
    "printed empty scan list": (expect_block(end=b"\r\n"), b"#13(@)\r\n", b"(@)"),
    "empty block": (expect_block(end=b"\n"), b"#10\n", b""),
    "printed scan list": (expect_block(end=b"\r\n"), b"#214(@101,102,103)\r\n", b"(@101,102,103)"),
    "printed block of readings": (
        expect_block(end=b"\n"),
        b"#231+2.61400000E+01,+2.62400000E+01\n",
        b"+2.61400000E+01,+2.62400000E+01",
    ),
    "block that holds its own end": (expect_block(end=b"\n"), b"#15a\nb\r\n\n", b"a\nb\r\n"),
    "Gill": (expect_gill, STREAM_LINE, b"Q,229,002.74,M,00,"),
    "Thies": (expect_thies(with_stx=False), thies_frame(b"04.2 180 +21.5 40", with_stx=False), b"04.2 180 +21.5 40"),
    "Thies with STX": (expect_thies(with_stx=True), thies_frame(b"04.2", with_stx=True), b"04.2"),
    "Huber": (expect_pb(0x01), b"{S011010\r\n", b"1010"),
}
EACH = pytest.mark.parametrize(("expect", "message", "payload"), WHOLES.values(), ids=WHOLES)


@EACH
def test_a_message_that_grows_byte_by_byte_needs_more_until_it_is_whole(expect, message, payload):
    for end in range(len(message)):
        progress = expect(message[:end])
        assert isinstance(progress, NeedMore)
        assert 1 <= progress.at_least <= len(message) - end
    assert expect(message) == Whole(payload)


@EACH
@given(noise=st.binary(min_size=1, max_size=8))
def test_bytes_after_the_end_are_never_swallowed(expect, message, payload, noise):
    with pytest.raises(BadReply):
        expect(message + noise)


@EACH
@given(data=st.binary(max_size=40), cut=st.integers(0, 40))
def test_no_bytes_raise_anything_but_a_refusal(expect, message, payload, data, cut):
    for received in (data, message[:cut] + data, data + message[cut:]):
        with contextlib.suppress(BadReply):
            assert isinstance(expect(received), NeedMore | Whole)


def test_the_gill_checksum_is_the_printed_one():
    """Manual 1405-PS-0019, section 9.1. The checksum printed in 9.2 (2D) does not fit its own line, which gives 3A."""
    assert STREAM_LINE == b"\x02Q,229,002.74,M,00,\x0316\r\n"


def test_a_stream_heard_from_the_middle_of_a_line_begins_with_the_next():
    assert expect_gill_stream(b"2.74,M,00,\x0316\r\n" + STREAM_LINE) == Whole(b"Q,229,002.74,M,00,")
    assert isinstance(expect_gill_stream(b"2.74,M,00,\x0316\r\n"), NeedMore)


def test_a_stream_is_not_read_past_a_damaged_line():
    with pytest.raises(BadReply, match="XOR"):
        expect_gill_stream(b"\x02Q,228,002.74,M,00,\x0316\r\n")


@pytest.mark.parametrize(
    ("variable", "value", "command"),
    [(0x00, 20.0, b"{M0007D0\r\n"), (0x00, -23.15, b"{M00F6F5\r\n"), (0x01, None, b"{M01****\r\n")],
)
def test_huber_commands_are_the_printed_ones(variable, value, command):
    assert pb_command(variable, value) == command


@pytest.mark.parametrize(("digits", "value"), [("07D0", 20.0), ("F6F5", -23.15), ("FFCC", -0.52), ("1010", 41.12)])
def test_huber_values_are_the_printed_ones(digits, value):
    assert degrees(digits) == value


def test_the_huber_answer_for_another_variable_is_refused_at_once():
    """The internal temperature that comes late is never taken for the process temperature."""
    with pytest.raises(BadReply, match="another device's or a damaged answer"):
        expect_pb(0x07)(b"{S01")


@pytest.mark.parametrize("wrong", [b"{S0110G0\r\n", b"{S01101\r\n", b"{S01\r\n", b"{S01C50g\r\n"])
def test_a_huber_answer_that_is_not_four_hexadecimal_digits_is_refused(wrong):
    with pytest.raises(BadReply, match="four hexadecimal digits"):
        expect_pb(0x01)(wrong)


@pytest.mark.parametrize("block", [b"#0(@101)\n", b"#x13", b"#2a3(@)\n", b"#13(@)x", b"(@101)"])
def test_a_block_without_a_definite_length_or_its_end_is_refused(block):
    with pytest.raises(BadReply):
        expect_block(end=b"\n")(block)


@pytest.mark.parametrize("seen", [b"?\r\n", b"ERR_6\r\n", b"OK \r\n", b"\r\n"])
def test_an_order_that_is_not_acknowledged_is_refused_with_the_device_s_words(seen):
    with pytest.raises(BadReply, match=r"was not carried out") as refused:
        expect_acknowledgement(b"OK", end=b"\r\n")(seen)
    assert refused.value.code == "device-refused"


def test_an_order_without_acknowledgement_is_done_when_it_is_sent():
    assert expect_nothing(b"") == Whole(b"")


@pytest.mark.parametrize(
    "text", ["", "nan", "inf", "1_000", "0x10", "1,5", "1.5.2", "--1", "٣", "1e400", ".", "+", "1 2"]
)
def test_only_decimal_numbers_are_numbers(text):
    with pytest.raises(BadReply):
        decimal(text)


@given(value=st.decimals(-1_000_000, 1_000_000, places=4))
def test_a_decimal_number_is_read_as_it_stands(value):
    assert decimal(f"  {value:+f} ") == float(value)
