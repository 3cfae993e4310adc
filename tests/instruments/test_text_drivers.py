"""What is particular to each model that speaks text."""

import os
import pty
import tty
from threading import Timer

import pytest

from instruments.bench import BenchRefused
from instruments.driver import Exchange, driver_named
from instruments.drivers import gill_windsonic, icpdas_dcon, keysight_34970a, mt_sics, sartorius, thies, vaisala_hmp
from instruments.drivers.isotech_millik import thermometer
from instruments.drivers.vaisala_hmp import VaisalaHmp
from instruments.errors import BadReply
from instruments.framing import dcon_frame
from instruments.framings_text import gill_frame, thies_frame
from instruments.link import SerialLink


def decoded(name, *replies, **settings):
    driver = driver_named(name)(address=1, settings=settings)
    return driver.decode([Exchange(b"", reply, 0.0, 0.0) for reply in replies])


def values(told):
    return {one.channel: one.value for one in told.readings}


def kinds(told):
    return {one.channel: one.kind for one in told.faults}


@pytest.mark.parametrize(
    ("name", "model", "serial"),
    [
        ("keysight_34970a", "34970A", ""),  # 0 is no serial number
        ("isotech_millik", "milliK", "21-P2460"),
        ("huber_pb", "", "0001E240"),
        ("mt_sics", "", "B021002593"),
        ("icpdas_dcon", "7015", ""),
        ("lauda", "P10", ""),
    ],
)
def test_instruments_that_can_say_who_they_are_over_a_real_pty(name, model, serial, serve, make):
    driver, simulator = make(driver_named(name), value=1.0)
    with SerialLink(serve(simulator), line=driver.wire()) as link:
        identity = driver.identify(link, deadline=1.0)
    assert (identity.model, identity.serial) == (model, serial)


@pytest.mark.parametrize(
    ("name", "reply"),
    [
        ("keysight_34970a", b"HEWLETT-PACKARD,34970A\r\n"),
        ("isotech_millik", b"21-P2460\r"),
        ("mt_sics", b"I4 I\r\n"),
        ("icpdas_dcon", dcon_frame(b"!027015")),  # another module's
    ],
)
def test_an_identity_that_is_none_is_refused(name, reply):
    driver = driver_named(name)(address=1)
    with pytest.raises(BadReply):
        driver.decode_identity([Exchange(b"", reply, 0.0, 0.0)])


# --- Keysight -----------------------------------------------------------------------------------------------------

LIST = b"#214(@101,102,103)\r\n"
ROW = b"+2.61400000E+01 C,101,%b,102,+2.62400000E+01 C,103\r\n"


def scanner(row, *, listed=LIST, **settings):
    return decoded("keysight_34970a", listed, row, **{"temperature": "101:103", **settings})


def test_an_overload_or_another_unit_loses_its_own_channel_only():
    for middle, kind in ((b"+9.90000000E+37 C", "over-range"), (b"-9.90000000E+37 C", "over-range")):
        told = scanner(ROW % middle)
        assert (values(told), kinds(told)) == ({"ch101": 26.14, "ch103": 26.24}, {"ch102": kind})
    for middle in (b"+8.00000000E+01 F", b"+8.00000000E+01"):
        assert kinds(scanner(ROW % middle)) == {"ch102": "wrong-unit"}


def test_a_scan_list_that_was_changed_on_the_instrument_gives_no_reading():
    told = scanner(ROW % b"+2.0E+01 C", listed=b"#210(@101,102)\r\n")
    assert told.readings == ()
    assert kinds(told) == {"": "wrong-scan-list"}


@pytest.mark.parametrize(
    "row",
    [
        b"+2.61400000E+01 C,101\r\n",  # one channel of three
        b"+2.61400000E+01 C,102,+2.61400000E+01 C,101,+2.6000000E+01 C,103\r\n",
        b"+2.61400000E+01,+2.61400000E+01,+2.61400000E+01\r\n",  # units and channels switched off meanwhile
        b"+2.61400000E+1 C,101,+2.61400000E+01 C,102,+2.60000000E+01 C,103\r\n",
        b"\r\n",
    ],
)
def test_a_scan_that_is_not_one_reading_of_each_channel_is_refused(row):
    with pytest.raises(BadReply):
        scanner(row)


def test_channels_take_the_unit_of_the_list_they_stand_in():
    driver = driver_named("keysight_34970a")(address=1, settings={"temperature": "101:102", "voltage": "301, 303"})
    assert driver.channels == {"ch101": "degC", "ch102": "degC", "ch301": "V", "ch303": "V"}


@pytest.mark.parametrize("wrong", ["1:3", "103:101", "101,101", "101;102", "ch101", "001"])
def test_a_list_of_channels_that_is_none_is_refused(wrong):
    assert keysight_34970a.channel_numbers(wrong) is None
    with pytest.raises(BenchRefused, match="is not a list of channels"):
        driver_named("keysight_34970a")(address=1, settings={"temperature": wrong})


@pytest.mark.parametrize("settings", [{"temperature": ""}, {"temperature": "101", "voltage": "101"}])
def test_a_scanner_needs_channels_and_each_in_one_quantity(settings):
    with pytest.raises(BenchRefused, match="at least one channel, and each in one quantity only"):
        driver_named("keysight_34970a")(address=1, settings=settings)


# --- milliK -------------------------------------------------------------------------------------------------------

CVD = "cvd R0=100 A=3.9083e-3 B=-5.775e-7 C=-4.183e-12"


def test_the_temperature_of_the_certificate_stands_beside_the_resistance():
    told = decoded("isotech_millik", b"", b"138.5055\r", inputs="1", range=460, thermometer_1=CVD)
    assert values(told) == {"resistance_1": 138.5055, "temperature_1": pytest.approx(100.0, abs=1e-4)}  # IEC 60751


def test_resistance_is_kept_where_the_certificate_has_no_temperature_for_it():
    told = decoded("isotech_millik", b"", b"25.4\r", inputs="1", thermometer_1="its90 Rtpw=25.5 a=1e-4")
    assert (values(told), kinds(told)) == ({"resistance_1": 25.4}, {"temperature_1": "not-covered"})


@pytest.mark.parametrize("reply", [b"9900000.0\r", b"127.0\r", b"-0.01\r", b"0\r"])
def test_an_open_or_shorted_input_is_a_fault(reply):
    assert kinds(decoded("isotech_millik", b"", reply, inputs="1")) == {"resistance_1": "over-range"}


@pytest.mark.parametrize(
    "wrong",
    [
        "cvd",
        "cvd R0=100 A=3.9083e-3 B=-5.775e-7",
        "cvd R0=0 A=3.9083e-3 B=-5.775e-7 C=0",
        "cvd R0=100 A=x B=0 C=0",
        "cvd R0=100 A=1 B=0 C=0 D=0",
        "cvd R0=100 R0=101 A=1 B=0 C=0",
        "cvd R0=100 A=1e999 B=0 C=0",
        "its90 a=1e-4",
        "its68 Rtpw=25 a=1",
        "100",
    ],
)
def test_coefficients_that_are_none_are_refused_in_a_sentence(wrong):
    assert thermometer(wrong) is None
    with pytest.raises(BenchRefused, match="thermometer_2 = "):
        driver_named("isotech_millik")(address=1, settings={"thermometer_2": wrong})


def test_a_simulated_millik_with_a_certificate_is_read_back_as_the_temperature_of_the_plant(serve, make):
    driver, simulator = make(driver_named("isotech_millik"), value=60.0, range=460, thermometer_1=CVD)
    with SerialLink(serve(simulator), line=driver.wire()) as link:
        sample = driver.read(link, deadline=1.0)
    assert values(sample)["temperature_1"] == pytest.approx(60.0, abs=1e-5)
    assert values(sample)["resistance_1"] == pytest.approx(123.2419, abs=1e-4)  # IEC 60751
    assert values(sample)["resistance_2"] == pytest.approx(60.0, abs=1e-5)


# --- wind ---------------------------------------------------------------------------------------------------------


def gill(body, *, stream=False):
    return gill_windsonic.decode(gill_frame(body), unit="Q", stream=stream)


def test_calm_air_has_a_speed_and_no_direction():
    """Manual 1405-PS-0019, minimum direction velocity: the direction is left out."""
    told = gill(b"Q,,000.04,M,00,")
    assert (values(told), kinds(told)) == ({"wind_speed": 0.04}, {"wind_direction": "calm"})


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"Q,229,002.74,M,04,", {"": "bad-status"}), (b"Q,229,002.74,N,00,", {"wind_speed": "wrong-unit"})],
)
def test_a_status_or_another_unit_gives_no_wind(body, kind):
    told = gill(body)
    assert told.readings == ()
    assert kinds(told) == kind


@pytest.mark.parametrize("body", [b"R,229,002.74,M,00,", b"Q,+001.59,-002.74,M,00,", b"Q,229,002.74,M,00", b""])
def test_another_unit_s_or_another_format_s_line_is_refused(body):
    with pytest.raises(BadReply):
        gill(body)


def test_a_continuous_anemometer_is_only_listened_to_and_the_next_whole_line_is_the_reading():
    driver = driver_named("gill_windsonic")(address=1, settings={"mode": "continuous"})
    talking, port = pty.openpty()
    tty.setraw(port)
    os.write(talking, gill_frame(b"Q,001,000.01,M,00,")[5:])
    with SerialLink(os.ttyname(port), line=driver.wire()) as link:
        os.write(talking, gill_frame(b"Q,002,000.02,M,00,"))  # lay there before anybody asked: old
        later = gill_frame(b"Q,003,000.03,M,00,")[5:] + gill_frame(b"Q,229,002.74,M,00,")
        Timer(0.05, os.write, (talking, later)).start()
        sample = driver.read(link, deadline=2.0)
    os.close(talking)
    os.close(port)
    assert values(sample) == {"wind_speed": 2.74, "wind_direction": 229.0}
    assert sample.exchanges[0].sent == b""
    assert b"Q,002" in sample.exchanges[0].discarded


def vdt(body, *, with_stx=False, sent_with_stx=False):
    return thies.decode(thies_frame(body, with_stx=sent_with_stx), with_stx=with_stx, invalid=1)


def test_the_status_bit_of_invalid_data_takes_the_whole_telegram():
    assert kinds(vdt(b"04.2 180 +21.5 41")) == {"": "bad-status"}
    assert values(vdt(b"04.2 180 +21.5 C0")) == {"wind_speed": 4.2, "wind_direction": 180.0, "temperature": 21.5}


def test_fields_of_f_are_measuring_errors():
    told = vdt(b"FF.F FFF FFF.F 40")
    assert told.readings == ()
    assert set(kinds(told).values()) == {"measuring-error"}


def test_the_checksum_with_or_without_stx_is_what_the_setting_says():
    assert vdt(b"04.2 180 +21.5 40", with_stx=True, sent_with_stx=True).readings
    with pytest.raises(BadReply, match="XOR"):
        vdt(b"04.2 180 +21.5 40", with_stx=True, sent_with_stx=False)


# --- balances -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "dynamic", "told"),
    [
        (b"S S     -12.50 g", False, -12.5),
        (b"S S      0.125 kg", False, 125.0),
        (b"S D     100.00 g", True, 100.0),
        (b"S D     100.00 g", False, "unstable"),
        (b"S I", False, "not-executable"),
        (b"S +", True, "over-range"),
        (b"S -", True, "under-range"),
        (b"S S    3.52740 oz", False, "wrong-unit"),
    ],
)
def test_a_balance_with_mt_sics_tells_grams_or_why_not(line, dynamic, told):
    decoding = mt_sics.decode(line + b"\r\n", dynamic=dynamic)
    assert {**values(decoding), **kinds(decoding)} == {"mass": pytest.approx(told) if isinstance(told, float) else told}


@pytest.mark.parametrize("line", [b"ES", b"ET", b"EL", b"S S 1.0.0 g", b"S S 100.00", b"T S 100.00 g", b""])
def test_a_line_of_mt_sics_that_is_no_weight_is_refused(line):
    with pytest.raises(BadReply):
        mt_sics.decode(line + b"\r\n", dynamic=True)


@pytest.mark.parametrize(
    ("line", "dynamic", "told"),
    [
        (b"+   123.56 g  ", False, 123.56),
        (b"-   123.56 kg ", False, -123560.0),
        (b"N     +   123.56 g  ", False, 123.56),
        (b"+   123.56    ", False, "unstable"),
        (b"+   123.56    ", True, 123.56),
        (b"+   123.56 lb ", False, "wrong-unit"),
        (b"      High    ", True, "over-range"),
        (b"       L      ", True, "under-range"),
        (b"Stat        High    ", True, "over-range"),
        (b"    Err 54    ", True, "device-error"),
    ],
)
def test_a_balance_with_sbi_tells_grams_or_why_not(line, dynamic, told):
    decoding = sartorius.decode(line + b"\r\n", dynamic=dynamic)
    assert {**values(decoding), **kinds(decoding)} == {"mass": pytest.approx(told) if isinstance(told, float) else told}


@pytest.mark.parametrize("line", [b"+   123.56 g", b"+   12 .56 g  ", b"    123.56 g   ", b"+          g  ", b""])
def test_a_print_of_sbi_that_is_no_weight_is_refused(line):
    with pytest.raises(BadReply):
        sartorius.decode(line + b"\r\n", dynamic=True)


# --- Vaisala, DCON, Lauda -------------------------------------------------------------------------------------------


def test_tags_are_found_in_any_order_and_others_do_not_matter():
    told = vaisala_hmp.decode(b"Td=  12.0 'C T=  31.1 'C RH=  98.4 %RH\r\n", tags=VaisalaHmp.tags)
    assert values(told) == {"humidity": 98.4, "temperature": 31.1}


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (b"RH=  98.4 %RH", "missing"),
        (b"RH=  98.4 %RH T=  87.9 'F", "wrong-unit"),
        (b"RH=  98.4 %RH T=  31.1", "wrong-unit"),
        (b"RH=  98.4 %RH T= **** 'C", "no-value"),
    ],
)
def test_a_temperature_that_is_not_there_in_its_unit_is_a_fault_of_its_own(line, kind):
    told = vaisala_hmp.decode(line + b"\r\n", tags=VaisalaHmp.tags)
    assert (values(told), kinds(told)) == ({"humidity": 98.4}, {"temperature": kind})


@pytest.mark.parametrize("line", [b"98.4 31.1", b"T=  31.1 'C T=  31.2 'C", b"", b"RH 98.4", b"T= 31.1 'C x"])
def test_a_line_without_tags_or_with_one_twice_is_refused(line):
    with pytest.raises(BadReply):
        vaisala_hmp.decode(line + b"\r\n", tags=VaisalaHmp.tags)


def test_marks_of_range_of_a_dcon_module_do_not_shift_the_others():
    reply = dcon_frame(b">+025.12+9999.9-005.50-9999.9+100.00+0.0001")
    told = decoded("icpdas_dcon", reply)
    assert values(told) == {"ch0": 25.12, "ch2": -5.5, "ch4": 100.0, "ch5": 0.0001}
    assert kinds(told) == {"ch1": "over-range", "ch3": "under-range"}


def test_marks_of_range_of_another_length_are_a_setting():
    told = decoded("icpdas_dcon", dcon_frame(b">+025.12+9999-0000"), count=3, over_range="+9999", under_range="-0000")
    assert (values(told), kinds(told)) == ({"ch0": 25.12}, {"ch1": "over-range", "ch2": "under-range"})


@pytest.mark.parametrize("data", [b"", b"+025.12" * 5, b"+025.12" * 7, b"+25.12" * 6, b"+0251.2" * 5 + b"FF5D00C"])
def test_a_dcon_answer_of_other_fields_is_refused(data):
    with pytest.raises(BadReply, match="fields of seven characters"):
        decoded("icpdas_dcon", dcon_frame(b">" + data))


def test_fields_of_seven_characters_are_found_without_separators():
    assert icpdas_dcon.fields("+25.123-5.1234", over="+9999.9", under="-9999.9") == ["+25.123", "-5.1234"]
    assert icpdas_dcon.fields("+25.123-5.123", over="+9999.9", under="-9999.9") is None


@pytest.mark.parametrize("name", ["julabo", "lauda", "huber_pb", "polyscience"])
def test_a_simulated_bath_below_zero_is_well(name, serve, make):
    driver, simulator = make(driver_named(name), value=-12.34)
    with SerialLink(serve(simulator), line=driver.wire()) as link:
        sample = driver.read(link, deadline=1.0)
    assert values(sample) == {"bath_temperature": -12.34, "external_temperature": -12.34}
    assert sample.faults == ()


def test_another_circulator_s_answer_on_the_bus_is_refused():
    with pytest.raises(BadReply, match="the address A001_"):
        decoded("lauda", b"A002_0\r\n", b"A001_025.30\r\n", rs485=True, external=False)


@pytest.mark.parametrize("text", [b"OK\r\n", b"hot\r\n", b"25.3.0\r\n", b"1E\r\n"])
def test_a_circulator_s_answer_that_is_no_temperature_and_no_error_is_refused(text):
    with pytest.raises(BadReply, match="a temperature"):
        decoded("julabo", b"03 REMOTE START\r\n", text, external=False)
