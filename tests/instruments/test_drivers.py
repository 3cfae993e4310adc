"""What is particular to each model."""

import struct

import pytest

from instruments.driver import BenchRefused, Exchange, Identity, driver_named, drivers
from instruments.drivers import adam4015, kipp_smp, siemens_mag6000, vaisala_wxt530
from instruments.errors import BadReply
from instruments.framing import dcon_frame, modbus_frame, modbus_read, vaisala_frame


def kipp(*, device=603, mode=1, status=0, scale=1, data=0, model=""):
    sent = modbus_read(address=1, function=4, start=0, count=10)
    registers = [device, 102, mode, status, scale, data, data, 0, 250, 120]
    body = struct.pack(">BBB10H", 1, 4, 20, *(one & 0xFFFF for one in registers))
    return kipp_smp.decode(sent, modbus_frame(body), model=model)


def irradiance(decoded):
    return {one.channel: one.value for one in decoded.readings}["irradiance"]


@pytest.mark.parametrize(("scale", "expected"), [(2, 12.34), (1, 123.4), (0, 1234.0), (-1, 12340.0)])
def test_kipp_data_are_divided_by_the_scale_register_of_the_same_answer(scale, expected):
    assert irradiance(kipp(scale=scale, data=1234)) == pytest.approx(expected, rel=1e-15)


def test_kipp_keeps_negative_irradiance_of_the_night():
    assert irradiance(kipp(data=-23)) == -2.3


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ({"status": 0x0001}, "bad-status"),
        ({"status": 0x0002}, "bad-status"),
        ({"status": 0x0018}, "bad-status"),
        ({"status": 0x8000}, "bad-status"),
        ({"mode": 2}, "not-normal"),
        ({"scale": 3}, "bad-scale"),
        ({"device": 0xFFFF, "model": "SMP11"}, "wrong-device"),
        ({"device": 613, "model": "SMP11"}, "wrong-device"),
    ],
)
def test_a_kipp_that_is_not_well_gives_a_fault_and_no_value(wrong, kind):
    decoded = kipp(data=500, **wrong)
    assert decoded.readings == ()
    assert [fault.kind for fault in decoded.faults] == [kind]


def test_kipp_names_what_its_status_says():
    assert "overflow" in kipp(status=2).faults[0].sentence_en
    assert "上溢" in kipp(status=2).faults[0].sentence_zh


@pytest.mark.parametrize(("device", "model"), [(601, "SMP3"), (604, "SMP11"), (607, "SMP22"), (613, "SHP1")])
def test_kipp_models_are_known_by_their_device_type(device, model):
    assert irradiance(kipp(device=device, model=model, data=10)) == 1.0


def test_a_kipp_question_without_scale_cannot_be_decoded():
    sent = modbus_read(address=1, function=4, start=5, count=1)
    with pytest.raises(BadReply, match="did not ask for status, scale and data together"):
        kipp_smp.decode(sent, modbus_frame(bytes.fromhex("01 04 02 03 E5")))


def kipp_identity(device, **settings):
    driver = kipp_smp.KippSmp(address=1, settings=settings)
    simulator = driver.simulator(driver=driver, feel=lambda _: 1.0)
    replies = [simulator.answer(one.sent)[0] for one in driver.identification()]
    replies[0] = modbus_frame(struct.pack(">BBBH", 1, 4, 2, device))
    asked = zip(driver.identification(), replies, strict=True)
    return driver.decode_identity([Exchange(one.sent, reply, 0.0, 0.0) for one, reply in asked])


@pytest.mark.parametrize(("device", "model"), [(603, "SMP11"), (614, "SHP1"), (65535, "65535")])
def test_a_kipp_says_which_model_it_is(device, model):
    assert kipp_identity(device) == Identity(model=model)


def test_a_kipp_says_its_serial_number_where_the_settings_look_for_it():
    assert kipp_identity(603, serial_register=42) == Identity(model="SMP11", serial="4711")


def adam(*fields):
    return adam4015.decode(dcon_frame(b">" + b"".join(fields)))


def test_an_adam_field_that_is_no_temperature_does_not_shift_the_others():
    decoded = adam(b"+020.01", b"+9999", b"-0000", b" " * 7, b"-005.50", b"+020.06")
    assert [(one.channel, one.value) for one in decoded.readings] == [("ch0", 20.01), ("ch4", -5.5), ("ch5", 20.06)]
    assert [(one.channel, one.kind) for one in decoded.faults] == [
        ("ch1", "over-range"),
        ("ch2", "under-range"),
        ("ch3", "channel-disabled"),
    ]


@pytest.mark.parametrize("fields", [[b"+020.01"] * 5, [b"+020.01"] * 7, [b"+020.1"] * 6, [b"FF5D"] * 6])
def test_an_adam_answer_of_other_fields_is_refused(fields):
    with pytest.raises(BadReply, match="seven characters"):
        adam(*fields)


def test_an_adam_answer_without_checksum_is_refused():
    with pytest.raises(BadReply, match="DCON sum"):
        adam4015.decode(b">" + b"+020.01" * 6 + b"\r")


def mag(value, *, order="high-first"):
    sent = modbus_read(address=1, function=3, start=3001, count=2)
    data = struct.pack(">f", value)
    data = data if order == "high-first" else data[2:] + data[:2]
    return siemens_mag6000.decode(sent, modbus_frame(b"\x01\x03\x04" + data), word_order=order)


@pytest.mark.parametrize("order", ["high-first", "low-first"])
def test_the_flow_is_a_float_in_the_word_order_that_was_set(order):
    assert mag(-0.5, order=order).readings[0].value == -0.5


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_flow_that_is_no_number_is_a_fault(value):
    decoded = mag(value)
    assert decoded.readings == ()
    assert decoded.faults[0].kind == "invalid-flow"


def wind(fields):
    return vaisala_wxt530.decode(vaisala_frame(b"0r1," + fields))


def test_wind_fields_are_found_by_name_whatever_is_sent():
    assert {one.channel: one.value for one in wind(b"Sx=2.2M,Sm=1.1M").readings} == {
        "wind_speed_max": 2.2,
        "wind_speed": 1.1,
    }


@pytest.mark.parametrize(("field", "kind"), [(b"Sm=0.0#", "invalid"), (b"Sm=3.6K", "wrong-unit")])
def test_wind_marked_invalid_or_in_another_unit_is_a_fault(field, kind):
    decoded = wind(b"Dm=010D," + field)
    assert [one.channel for one in decoded.readings] == ["wind_direction"]
    assert [(one.channel, one.kind) for one in decoded.faults] == [("wind_speed", kind)]


def test_the_weather_simulator_tells_the_right_crc_as_the_manual_prints_it():
    driver = vaisala_wxt530.Wxt530(address=0)
    simulator = vaisala_wxt530.Wxt530Simulator(driver=driver, feel=lambda _: 1.0)
    assert simulator.answer(b"0r1xxx\r\n") == (b"0tX,Use chksum GoeIU~\r\n", b"")


def test_a_simulator_finds_its_question_behind_noise_and_ignores_other_addresses():
    driver = siemens_mag6000.Mag6000(address=7)
    simulator = driver.simulator(driver=driver, feel=lambda _: 1.0)
    other = siemens_mag6000.Mag6000(address=8).questions()[0].sent
    reply, left = simulator.answer(b"\x07\xff" + other + driver.questions()[0].sent)
    assert (reply[0], left) == (7, b"")
    assert simulator.answer(other) == (b"", b"")


@pytest.mark.parametrize(
    ("name", "settings", "said"),
    [
        ("kipp_smp", {"modle": "SMP11"}, "no setting 'modle'"),
        ("kipp_smp", {"model": "SMP99"}, "is not one of"),
        ("kipp_smp", {"baud": "fast"}, "is not one of: int"),
        ("siemens_mag6000", {"word_order": 1}, "is not one of"),
    ],
)
def test_a_wrong_setting_is_refused_in_a_sentence(name, settings, said):
    with pytest.raises(BenchRefused, match=said) as refused:
        driver_named(name)(address=1, settings=settings)
    assert refused.value.sentence_zh


def test_settings_given_as_text_take_the_type_they_should_have():
    driver = driver_named("kipp_smp")(address=1, settings={"baud": "9600", "slowest": "2.5", "parity": "N"})
    assert (driver.wire().baud, driver.wire().parity, driver.settings["slowest"]) == (9600, "N", 2.5)


def test_an_unknown_driver_is_refused_with_the_names_there_are():
    with pytest.raises(BenchRefused, match=", ".join(drivers())):
        driver_named("kipp")


def test_an_address_that_cannot_be_is_refused():
    for name, address in {"kipp_smp": 248, "siemens_mag6000": 0, "adam4015": 256, "vaisala_wxt530": 10}.items():
        with pytest.raises(BenchRefused, match=f"address {address} is outside"):
            drivers()[name](address=address)
