"""What registers mean: types, orders, scales, codes and status; and questions that keep together what belongs so."""

import math
import struct
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.driver import Exchange, driver_named
from instruments.errors import BadReply, BenchRefused
from instruments.framing import modbus_frame, modbus_read
from instruments.registers import (
    DIVIDE,
    HIGH_FIRST,
    LOW_FIRST,
    POWER_OF_TEN,
    WORDS,
    Channel,
    Register,
    RegisterMap,
    Status,
    decode,
)

MAPPED = ("eastron_sdm", "hukseflux_sr", "keller_33x", "krohne_ifc300", "modbus_map", "promass")
FORMS = {"u16": ">H", "s16": ">h", "u32": ">I", "s32": ">i", "u64": ">Q", "s64": ">q", "f32": ">f", "f64": ">d"}


def exchange(start, data, function=3):
    sent = modbus_read(address=1, function=function, start=start, count=len(data) // 2)
    return Exchange(sent, modbus_frame(bytes((1, function, len(data))) + data), 0.0, 0.0)


def one(kind="s16", **more):
    return Channel(name="x", unit="1", register=Register(start=10, type=kind), **more)


def said(registers, *blocks):
    """The value and the kinds of the faults that these blocks of registers mean."""
    decoded = decode(registers, [exchange(start, data) for start, data in blocks])
    return [reading.value for reading in decoded.readings], [fault.kind for fault in decoded.faults]


@pytest.mark.parametrize(
    ("kind", "data", "value"),
    [
        ("u16", "FFFF", 65535),
        ("s16", "FFFF", -1),
        ("s16", "8001", -32767),
        ("u32", "FFFFFFFE", 4294967294),
        ("s32", "00017C4F", 97359),  # Hukseflux SR05 manual
        ("s32", "FFFFFED4", -300),
        ("f32", "43663334", 230.20001220703125),  # Eastron SDM120 manual
        ("f64", "3FF8000000000000", 1.5),
        ("u64", "0000000100000000", 4294967296),
        ("s64", "FFFFFFFFFFFFFFFF", -1),
    ],
)
def test_each_type_is_what_its_bits_write(kind, data, value):
    assert said(RegisterMap(channels=(one(kind),)), (10, bytes.fromhex(data))) == ([value], [])


@pytest.mark.parametrize(
    ("word_order", "byte_order", "data"),
    [  # Promass E 100 manual: 10.5 kg/s in the orders 3-2-1-0, 1-0-3-2, 2-3-0-1, 0-1-2-3
        (HIGH_FIRST, HIGH_FIRST, "41280000"),
        (LOW_FIRST, HIGH_FIRST, "00004128"),
        (HIGH_FIRST, LOW_FIRST, "28410000"),
        (LOW_FIRST, LOW_FIRST, "00002841"),
    ],
)
def test_a_float_is_read_in_each_order_of_words_and_bytes(word_order, byte_order, data):
    register = Register(start=10, type="f32", word_order=word_order, byte_order=byte_order)
    channel = Channel(name="x", unit="kg/s", register=register)
    assert said(RegisterMap(channels=(channel,)), (10, bytes.fromhex(data))) == ([10.5], [])


@pytest.mark.parametrize(("order", "data"), [(HIGH_FIRST, "07D7"), (LOW_FIRST, "D707")])
def test_a_number_of_one_register_knows_the_order_of_bytes_only(order, data):
    channel = Channel(name="x", unit="1", register=Register(start=10, byte_order=order, word_order=LOW_FIRST))
    assert said(RegisterMap(channels=(channel,)), (10, bytes.fromhex(data))) == ([2007], [])


@given(raw=st.integers(-32768, 32767), power=st.integers(0, 4))
def test_a_scaled_integer_is_the_float_that_the_decimal_number_reads(raw, power):
    digits = f"{raw}e-{power}"
    channel = one(scale=Fraction(1, 10**power))
    assert said(RegisterMap(channels=(channel,)), (10, struct.pack(">h", raw))) == ([float(digits)], [])


def test_scale_and_offset_make_kelvin_of_tenths_of_a_degree():
    channel = one(scale=Fraction("0.1"), offset=Fraction("273.15"))
    assert said(RegisterMap(channels=(channel,)), (10, struct.pack(">h", -123))) == ([260.85], [])


def test_an_offset_alone_is_added():
    assert said(RegisterMap(channels=(one(offset=Fraction(-273)),)), (10, struct.pack(">h", 300))) == ([27.0], [])


@pytest.mark.parametrize(
    ("rule", "held", "expected"),
    [
        (DIVIDE, 100, ([2.5], [])),
        (DIVIDE, 1, ([250.0], [])),
        (DIVIDE, 0, ([], ["bad-scale"])),
        (DIVIDE, -100, ([], ["bad-scale"])),
        (POWER_OF_TEN, 2, ([2.5], [])),
        (POWER_OF_TEN, 0, ([250.0], [])),
        (POWER_OF_TEN, -1, ([2500.0], [])),
        (POWER_OF_TEN, 10, ([], ["bad-scale"])),
    ],
)
def test_the_scale_register_of_the_same_answer_is_applied(rule, held, expected):
    channel = one(scale_register=Register(start=11, type="s16"), scale_rule=rule)
    assert said(RegisterMap(channels=(channel,)), (10, struct.pack(">hh", 250, held))) == expected


@pytest.mark.parametrize("held", [math.nan, math.inf, 0.5])
def test_a_scale_register_that_holds_no_whole_power_is_a_fault(held):
    channel = one(scale_register=Register(start=11, type="f32"), scale_rule=POWER_OF_TEN)
    assert said(RegisterMap(channels=(channel,)), (10, struct.pack(">hf", 250, held))) == ([], ["bad-scale"])


def test_a_number_that_was_asked_for_without_its_scale_is_refused():
    channel = one(scale_register=Register(start=11, type="s16"))
    with pytest.raises(BadReply, match="registers 10, 11 together") as refused:
        said(RegisterMap(channels=(channel,)), (10, b"\0\0"), (11, b"\0\0"))
    assert refused.value.code == "incomplete-question"


def test_an_answer_in_which_no_channel_stands_is_refused():
    with pytest.raises(BadReply, match="any channel"):
        said(RegisterMap(channels=(one(),)), (50, b"\0\0"))


def test_the_same_number_of_a_register_of_the_other_function_is_another_register():
    with pytest.raises(BadReply, match="any channel"):
        decode(RegisterMap(channels=(one(),)), [exchange(10, b"\0\1", function=4)])


@pytest.mark.parametrize(
    ("kind", "data", "fault"),
    [
        ("s16", "8000", "invalid"),
        ("f32", "7FC00000", "invalid"),
        ("f32", "FFA00001", "invalid"),
        ("f32", "7F800000", "over-range"),
        ("f32", "FF800000", "under-range"),
        ("f64", "7FEFFFFFFFFFFFFF", "over-range"),  # times the scale more than a float holds
        ("s16", "03E9", "over-range"),
        ("s16", "FC16", "under-range"),
    ],
)
def test_what_is_no_value_is_a_fault_in_words_and_never_a_number(kind, data, fault):
    channel = one(kind, missing=frozenset({0x8000}), low=-10000.0, high=10000.0, scale=Fraction(10))
    assert said(RegisterMap(channels=(channel,)), (10, bytes.fromhex(data))) == ([], [fault])


@pytest.mark.parametrize(("data", "fault"), [("7F800000", "over-range"), ("FF800000", "under-range")])
def test_infinity_is_a_fault_of_a_channel_without_limits(data, fault):
    assert said(RegisterMap(channels=(one("f32"),)), (10, bytes.fromhex(data))) == ([], [fault])


def test_negative_values_are_readings():
    assert said(RegisterMap(channels=(one(scale=Fraction("0.1")),)), (10, struct.pack(">h", -23))) == ([-2.3], [])


def two(**status):
    channels = (one(), Channel(name="y", unit="1", register=Register(start=12)))
    return RegisterMap(channels=channels, statuses=(Status(register=Register(start=11), mask=0xFFF7, **status),))


@pytest.mark.parametrize(
    ("channels", "held", "expected"),
    [
        ((), 0x0000, ([1, 2], [])),
        ((), 0x0008, ([1, 2], [])),  # a bit outside the mask
        ((), 0x0009, ([], ["bad-status"])),
        (("x",), 0x0001, ([2], ["bad-status"])),
        (("y",), 0x8000, ([1], ["bad-status"])),
    ],
)
def test_a_status_spoils_the_channels_that_it_speaks_of(channels, held, expected):
    assert said(two(channels=channels), (10, struct.pack(">hHH", 1, held, 2))) == expected


def test_a_status_says_register_and_bits_in_both_languages():
    decoded = decode(two(text_en="signal void", text_zh="信号无效"), [exchange(10, struct.pack(">hHH", 1, 1, 2))])
    assert decoded.faults[0].sentence_en == "Register 11 reads 0x0001: signal void."
    assert decoded.faults[0].sentence_zh == "寄存器 11 读数为 0x0001：信号无效。"


def test_a_status_may_expect_another_value_than_zero():
    assert said(two(expected=0x0010), (10, struct.pack(">hHH", 1, 0x0010, 2))) == ([1, 2], [])
    assert said(two(expected=0x0010), (10, struct.pack(">hHH", 1, 0, 2))) == ([], ["bad-status"])


def test_every_answer_that_shows_a_status_is_judged_by_it():
    well, ill = struct.pack(">hHH", 1, 0, 2), struct.pack(">hHH", 1, 1, 2)
    assert said(two(), (10, well), (10, ill)) == ([], ["bad-status"])


# --- questions ------------------------------------------------------------------------------------------------------

REGISTERS = st.builds(
    Register, start=st.integers(0, 300), type=st.sampled_from(sorted(WORDS)), function=st.sampled_from([3, 4])
)


@given(registers=st.lists(REGISTERS, min_size=1, max_size=8), gap=st.integers(0, 20), most=st.integers(4, 125))
def test_each_number_stands_whole_in_one_question_and_no_question_is_too_long(registers, gap, most):
    channels = tuple(Channel(name=f"c{n}", unit="1", register=each) for n, each in enumerate(registers))
    blocks = RegisterMap(channels=channels, gap=gap, most=most).blocks()
    assert all(1 <= count <= most for _, _, count in blocks)
    for each in registers:
        holding = [b for b in blocks if b[0] == each.function and b[1] <= each.start and each.end <= b[1] + b[2]]
        assert holding
    asked = [(function, start + n) for function, start, count in blocks for n in range(count)]
    meant = {(each.function, each.start + n) for each in registers for n in range(each.count)}
    assert meant <= set(asked)
    for function, address in set(asked) - meant:  # what is read over lies in a hole no longer than the gap
        hole = [n for n in range(address - gap - 1, address + gap + 2) if (function, n) in meant]
        assert min((n for n in hole if n > address), default=999) - max(n for n in hole if n < address) <= gap + 1


@pytest.mark.parametrize(("gap", "blocks"), [(2, ((3, 0, 2), (3, 5, 2))), (3, ((3, 0, 7),))])
def test_no_more_registers_are_read_over_than_the_gap(gap, blocks):
    channels = tuple(Channel(name=f"c{n}", unit="1", register=Register(start=n, type="f32")) for n in (0, 5))
    assert RegisterMap(channels=channels, gap=gap).blocks() == blocks


def test_ten_floats_in_a_row_are_one_question():
    channels = tuple(Channel(name=f"c{n}", unit="1", register=Register(start=2 * n, type="f32")) for n in range(10))
    assert RegisterMap(channels=channels).blocks() == ((3, 0, 20),)


def test_the_energy_meter_is_read_in_two_questions_and_only_at_even_addresses():
    assert driver_named("eastron_sdm")(address=1).registers.blocks() == ((4, 0, 32), (4, 0x46, 6))
    for gap in (0, 4):
        blocks = driver_named("eastron_sdm")(address=1, settings={"gap": gap}).registers.blocks()
        assert all(start % 2 == 0 and count % 2 == 0 for _, start, count in blocks)


# --- drivers that are maps ------------------------------------------------------------------------------------------


def answered(name, value, **settings):
    driver = driver_named(name)(address=1, settings=settings)
    simulator = driver.simulator(driver=driver, feel=lambda channel: value.get(channel))
    questions = driver.questions()
    return driver, [Exchange(each.sent, simulator.answer(each.sent)[0], 0.0, 0.0) for each in questions]


@pytest.mark.parametrize("name", MAPPED)
@given(data=st.data())
def test_no_burst_of_up_to_sixteen_bits_gives_another_reading(name, data):
    driver, exchanges = answered(name, dict.fromkeys(driver_named(name).channels, 12.5))
    place = data.draw(st.integers(0, len(exchanges) - 1))
    reply = exchanges[place].received
    bit, burst = data.draw(st.integers(0, 8 * len(reply) - 16)), data.draw(st.integers(1, 0xFFFF))
    damaged = (int.from_bytes(reply, "little") ^ burst << bit).to_bytes(len(reply), "little")  # order of the wire
    exchanges[place] = Exchange(exchanges[place].sent, damaged, 0.0, 0.0)
    with pytest.raises(BadReply):
        driver.decode(exchanges)


@pytest.mark.parametrize("name", MAPPED)
def test_a_channel_without_a_value_does_not_take_the_others_with_it(name):
    channels = list(driver_named(name).channels)
    driver, exchanges = answered(name, {**dict.fromkeys(channels, 12.5), channels[0]: math.nan})
    decoded = driver.decode(exchanges)
    assert [each.channel for each in decoded.readings] == channels[1:]
    assert [(each.channel, each.kind) for each in decoded.faults] == [(channels[0], "invalid")]


def test_hukseflux_divides_by_the_factor_that_the_instrument_states():
    data = struct.pack(">iihHHH", -1234, 50, 2550, 1100, 1000, 10)
    decoded = driver_named("hukseflux_sr")(address=1).decode([exchange(2, data)])
    assert {each.channel: each.value for each in decoded.readings} == {
        "irradiance": -1.234,
        "irradiance_uncompensated": 0.05,
        "body_temperature": 255.0,
        "sensor_resistance": 110.0,
    }


def test_the_map_of_a_hukseflux_for_photovoltaics_begins_at_4096():
    (question,) = driver_named("hukseflux_sr")(address=1, settings={"first_register": 0x1000}).questions()
    assert question.sent[2:6] == bytes.fromhex("1002 0008")


def test_a_krohne_status_spoils_a_reading_only_by_the_bits_that_were_set():
    data = struct.pack(">5f", 1.0, 2.0, 3.0, 4.0, 5.0) + bytes(44) + bytes.fromhex("00000000 40000001")
    asked = [exchange(0, data, function=4)]
    assert len(driver_named("krohne_ifc300")(address=1).decode(asked).readings) == 5
    decoded = driver_named("krohne_ifc300")(address=1, settings={"device_status_mask": 0x40000000}).decode(asked)
    assert decoded.readings == ()
    assert "Register 34 reads 0x40000001" in decoded.faults[0].sentence_en


def test_the_units_of_a_promass_are_those_that_it_is_set_to():
    driver = driver_named("promass")(address=1, settings={"mass_flow_unit": "kg/h", "density_register": 0})
    assert driver.channels == {"mass_flow": "kg/h", "volume_flow": "m3/h", "temperature": "degC"}


def test_a_promass_that_repeats_its_last_value_is_refused():
    with pytest.raises(BenchRefused, match="last valid value hides a fault"):
        driver_named("promass")(address=1, settings={"failure_mode": "last-valid"})


def test_a_promass_of_which_nothing_is_read_is_refused():
    nothing = {f"{name}_register": 0 for name in ("mass_flow", "volume_flow", "density", "temperature")}
    with pytest.raises(BenchRefused, match="nothing to read"):
        driver_named("promass")(address=1, settings=nothing)


@pytest.mark.parametrize("number", [-1, 65537])
def test_a_promass_register_that_cannot_be_is_refused(number):
    with pytest.raises(BenchRefused, match=f"mass_flow_register = {number}"):
        driver_named("promass")(address=1, settings={"mass_flow_register": number})


def test_the_serial_number_is_read_where_the_device_has_one():
    for name in ("eastron_sdm", "hukseflux_sr"):
        driver = driver_named(name)(address=1)
        simulator = driver.simulator(driver=driver, feel=lambda _: 1.0)
        asked = [Exchange(q.sent, simulator.answer(q.sent)[0], 0.0, 0.0) for q in driver.identification()]
        assert driver.decode_identity(asked).serial == "4711"
    assert driver_named("keller_33x")(address=1).identification() == ()


def test_a_simulated_device_that_cannot_say_invalid_refuses_instead_of_inventing():
    head = 'title = "t"\nsource = "s"\nfunction = 3\nbase = 0\n'
    text = head + '[[channel]]\nname = "a"\nregister = 0\ntype = "u16"\nunit = "1"\n'
    driver, exchanges = answered("modbus_map", {"a": math.nan}, map=text)
    with pytest.raises(BadReply, match="exception 4"):
        driver.decode(exchanges)
