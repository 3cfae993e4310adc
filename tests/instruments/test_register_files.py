"""A register map file is right, or refused in one sentence with its file and line."""

import hashlib
import inspect
import math
import textwrap
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments import register_file
from instruments.bench import bench_from
from instruments.driver import driver_named
from instruments.errors import BenchRefused
from instruments.register_file import read_map
from instruments.registers import INPUT, LOW_FIRST, POWER_OF_TEN

MAPS = sorted((Path(__file__).parents[2] / "config" / "maps").glob("*.toml"))
RIGHT = """\
title = "t"
source = "s"
function = 4
base = 1

[[channel]]
name = "a"
register = 1
type = "s16"
unit = "W/m2"

[[channel]]
name = "b"
register = 2
type = "s16"
unit = "degC"
scale = 0.1
"""
STATUS = '\n[[status]]\nregister = 3\ntype = "u16"\nmask = 0x00FF\ntext_en = "e"\ntext_zh = "z"\n'
SCALED = RIGHT + 'scale_register = 3\nscale_type = "s16"\nscale_rule = "divide"\n'


def refusal(text):
    with pytest.raises(BenchRefused) as refused:
        read_map(text, source="m.toml")
    assert refused.value.sentence_zh.endswith("。")
    return refused.value.sentence_en


def test_the_example_of_the_documentation_is_a_right_map():
    example = textwrap.dedent(inspect.getdoc(register_file).split("\n\n", 1)[1].rsplit("\n\n", 1)[0])
    found = read_map(example, source="documentation")
    (channel,), (status,) = found.channels, found.statuses
    assert (channel.unit, channel.scale, channel.scale_rule) == ("W/m2", Fraction(1, 10), POWER_OF_TEN)
    assert (channel.register.start, channel.scale_register.start, channel.missing) == (0, 4, {0x8000})
    assert (channel.low, channel.high, status.mask, status.channels) == (-400.0, 4000.0, 0xFFF7, ("irradiance",))
    assert (found.serial.start, found.model.start, found.models) == (42, 0, {"603": "SMP11"})


def test_registers_count_from_the_base_of_the_sheet():
    for base, first in ((0, 1), (1, 0), (30001, None)):
        text = RIGHT.replace("base = 1", f"base = {base}")
        if first is None:
            text = text.replace("register = 1", "register = 30001").replace("register = 2", "register = 30002")
            first = 0
        found = read_map(text, source="m.toml")
        assert [one.register.start for one in found.channels] == [first, first + 1]
        assert {one.register.function for one in found.channels} == {INPUT}


def test_one_channel_may_have_another_order_than_the_file():
    found = read_map(RIGHT + 'word_order = "low-first"\nbyte_order = "low-first"\n', source="m.toml")
    assert [one.register.word_order for one in found.channels][1] == LOW_FIRST
    assert found.channels[0].register.word_order != LOW_FIRST
    assert found.channels[1].register.byte_order == LOW_FIRST


def test_what_is_not_said_has_no_effect():
    channel = read_map(RIGHT, source="m.toml").channels[0]
    assert (channel.scale, channel.offset, channel.scale_register, channel.missing) == (1, 0, None, frozenset())
    assert (channel.low, channel.high) == (-math.inf, math.inf)


@pytest.mark.parametrize(
    ("wrong", "right", "line", "said"),
    [
        ("source = ", "sauce = ", 1, "source is missing"),
        ('title = "t"', 'title = " "', 1, "title is empty"),
        ("function = 4", "function = 1", 3, "function = 1 is not one of: 3, 4"),
        ("function = 4", "function = true", 3, "should be a whole number"),
        ("base = 1", "base = -1", 4, "base = -1 is outside 0 to 400001"),
        ("base = 1", "base = 1\nendian = 3", 5, "unknown key 'endian'"),
        ("base = 1", "base = 1\ngap = 126", 5, "gap = 126 is outside 0 to 125"),
        ("base = 1", "base = 1\nmost = 0", 5, "most = 0 is outside 1 to 125"),
        ('name = "b"', 'name = "b c"', 13, "is not letters, digits and _"),
        ('name = "b"', 'nmae = "b"', 12, "name is missing"),
        ('name = "b"', 'name = "a"', 1, "channel 'a' is given 2 times"),
        ("register = 2", "register = 0", 14, "register = 0 is outside 1 to 65536"),
        ("register = 2", "register = 2.0", 14, "should be a whole number"),
        ('register = 2\ntype = "s16"', 'register = 65536\ntype = "f32"', 14, "reaches beyond the last register"),
        ('2\ntype = "s16"', '2\ntype = "float"', 15, "type = 'float' is not one of: u16"),
        ("scale = 0.1", "scale = 0", 17, "scale is 0"),
        ("scale = 0.1", "scale = nan", 17, "is no usable number"),
        ("scale = 0.1", "scale = 1e999999999", 17, "is no usable number"),
        ("scale = 0.1", 'scale = "0.1"', 17, "should be a number"),
        ("scale = 0.1", "sclae = 0.1", 17, "unknown key 'sclae'; known are name, register, type"),
        ("scale = 0.1", "scale_rule = 'divide'", 17, "unknown key 'scale_rule'"),
        ("scale = 0.1", "missing = [0x10000]", 17, "is not the bits of 1 registers"),
        ("scale = 0.1", "missing = ['NaN']", 17, "is not the bits of 1 registers"),
        ("scale = 0.1", "low = 1\nhigh = 1.0", 17, "low must be less than high"),
        ("scale = 0.1", "high = nan", 12, "low must be less than high"),
        ("scale = 0.1", 'word_order = "little"', 17, "is not one of: high-first, low-first"),
    ],
)
def test_a_wrong_map_is_refused_with_file_line_and_what_may_stand_there(wrong, right, line, said):
    assert wrong in RIGHT
    sentence = refusal(RIGHT.replace(wrong, right))
    assert sentence.startswith(f"m.toml, line {line}: ")
    assert said in sentence


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (STATUS.replace("0x00FF", "0"), "line 22: mask = 0 is outside 1 to 65535"),
        (STATUS.replace('text_en = "e"\n', ""), "line 19: text_en is missing"),
        (STATUS + "expected = 0x0100\n", "line 25: expected has bits that are not in mask"),
        (STATUS + 'channels = ["c"]\n', "speaks of 'c', which is no channel"),
        (STATUS.replace("register = 3", "register = 9"), "6 of them in a row"),
        (STATUS.replace("register = 3", "register = 3\nfunction = 3"), "one function"),
        ("\n[identity]\nserial = { register = 9 }\n", "line 20: type is missing"),
        ('\n[identity]\nserial = { register = 9, type = "u16", name = 1 }\n', "line 20: unknown key 'name'"),
        ("\n[identity]\nseriall = 1\n", "line 20: unknown key 'seriall'"),
        ('\n[identity]\nmodel = { register = 9, type = "u16", names = { x = "y" } }\n', "names should be like"),
    ],
)
def test_a_wrong_status_or_identity_is_refused(more, said):
    assert said in refusal(RIGHT + more)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title = \n", "m.toml is not valid TOML"),
        (RIGHT[: RIGHT.index("[[")], "there is no [[channel]]"),
        (RIGHT[: RIGHT.index("[[")] + "channel = [1]\n", "channel should be tables [[channel]]"),
        (RIGHT[: RIGHT.index("[[")] + "channel = 1\n", "channel = 1 should be a list"),
        (SCALED.replace("scale_register = 3", "scale_register = 30"), "27 of them in a row without meaning"),
        (SCALED.replace("scale_register = 3", "scale_register = 3\nscale_function = 3"), "one function"),
        (SCALED.replace("base = 1", "base = 1\nmost = 1"), "cannot be read in one question"),
        (SCALED.replace('scale_rule = "divide"\n', ""), "scale_rule is missing"),
    ],
)
def test_what_belongs_together_must_be_there_and_in_one_question(text, said):
    assert said in refusal(text)


def test_a_gap_that_the_device_allows_lets_a_far_scale_be_read_with_its_channel():
    text = SCALED.replace("scale_register = 3", "scale_register = 30").replace("base = 1", "base = 1\ngap = 27")
    assert read_map(text, source="m.toml").blocks() == ((4, 0, 30),)


@given(place=st.integers(0, len(SCALED) - 1), put=st.text(max_size=3))
def test_a_damaged_map_is_a_map_or_a_sentence(place, put):
    with suppress(BenchRefused):
        assert read_map(SCALED[:place] + put + SCALED[place + 1 :], source="m.toml").channels


# --- the driver -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", MAPS, ids=lambda path: path.stem)
def test_the_maps_that_come_with_us_are_right_and_say_where_they_come_from(path):
    text = path.read_text(encoding="utf-8")
    assert read_map(text, source=path.name).channels
    assert "Check against the display" in text


def test_a_map_file_is_taken_with_its_digest_and_names_the_channels(tmp_path):
    path = tmp_path / "m.toml"
    path.write_text(RIGHT, encoding="utf-8")
    digest = hashlib.sha256(RIGHT.encode()).hexdigest()
    driver = driver_named("modbus_map")(address=1, settings={"map": str(path), "map_sha256": digest.upper()})
    assert driver.channels == {"a": "W/m2", "b": "degC"}


@pytest.mark.parametrize("stated", ["", "00"])
def test_a_map_file_without_its_digest_is_refused_with_the_digest_it_has(tmp_path, stated):
    path = tmp_path / "m.toml"
    path.write_text(RIGHT, encoding="utf-8")
    with pytest.raises(BenchRefused, match=hashlib.sha256(RIGHT.encode()).hexdigest()) as refused:
        driver_named("modbus_map")(address=1, settings={"map": str(path), "map_sha256": stated})
    assert refused.value.sentence_zh.endswith("。")


@pytest.mark.parametrize("name", ["nowhere.toml", "a\0b", "."])
def test_a_map_file_that_cannot_be_read_is_refused(name):
    with pytest.raises(BenchRefused, match="cannot be read"):
        driver_named("modbus_map")(address=1, settings={"map": name})


def test_without_a_map_only_a_bare_number_without_quantity_is_shown():
    assert driver_named("modbus_map")(address=1).channels == {"register_0": "1"}


def test_a_map_in_the_bench_file_is_recorded_whole_with_the_bench():
    instrument = {
        "name": "i", "driver": "modbus_map", "port": "p", "address": 1, "equipment": "e",
        "channels": {"G": "a"}, "settings": {"map": RIGHT},
    }  # fmt: skip
    bench = bench_from({"name": "b", "period": 1.0, "instrument": [instrument]}, source="b.toml")
    assert bench.units == {"G": "W/m2"}
    assert bench.as_dict()["instrument"][0]["settings"]["map"] == RIGHT


def test_a_wrong_map_in_a_bench_file_is_refused_with_the_line_of_the_map():
    instrument = {
        "name": "i", "driver": "modbus_map", "port": "p", "address": 1, "equipment": "e",
        "channels": {"G": "a"}, "settings": {"map": RIGHT.replace("scale = 0.1", "sclae = 0.1")},
    }  # fmt: skip
    with pytest.raises(BenchRefused, match=r"b\.toml, instrument 1 \(i\): map, line 17: unknown key 'sclae'"):
        bench_from({"name": "b", "period": 1.0, "instrument": [instrument]}, source="b.toml")
