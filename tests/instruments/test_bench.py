"""A bench file is right, or refused in one sentence."""

import json
import tomllib
from pathlib import Path

import pytest

from instruments.bench import bench_from, read_bench
from instruments.errors import BenchRefused

DEMO = Path(__file__).parents[2] / "config" / "benches" / "graz-demo.toml"


def test_the_demonstration_bench_measures_what_the_quasi_dynamic_method_needs(demo):
    assert demo.units == {
        "G": "W/m2", "Gd": "W/m2", "DNI": "W/m2", "t_in": "degC", "t_out": "degC", "t_amb": "degC", "V_dot": "m3/s",
        "u": "m/s",
    }  # fmt: skip
    assert len(demo.ports) == 6
    assert [one.equipment for one in demo.instruments] == [f"HB-EQ-000{number}" for number in range(1, 7)]


def test_a_bench_survives_being_written_at_the_head_of_a_segment(demo):
    assert bench_from(json.loads(json.dumps(demo.as_dict())), source="head") == demo


def test_ports_are_replaced_by_name_and_a_forgotten_one_is_refused(demo):
    ports = {name: f"/dev/{number}" for number, name in enumerate(demo.ports)}
    assert list(demo.with_ports(ports).ports) == list(ports.values())
    del ports["sim:flow"]
    with pytest.raises(BenchRefused, match="no port is given for sim:flow"):
        demo.with_ports(ports)


def changed(**changes):
    """The demonstration bench with keys of its first instrument changed; None takes a key away."""
    data = tomllib.loads(DEMO.read_text(encoding="utf-8"))
    first = {**data["instrument"][0], **changes}
    data["instrument"][0] = {key: value for key, value in first.items() if value is not None}
    return data


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"adress": 1}, "bench, instrument 1: unknown key 'adress'; known are name, driver"),
        ({"equipment": None}, "instrument 1: equipment is missing"),
        ({"address": "1"}, "address = '1' should be a int"),
        ({"address": True}, "address = True should be a int"),
        ({"address": 300}, "address 300 is outside 1 to 247"),
        ({"deadline": 0}, "deadline = 0.0 must be more than 0 seconds"),
        ({"driver": "kipp"}, "There is no driver 'kipp'"),
        ({"settings": {"modle": "SMP11"}}, "no setting 'modle'"),
        ({"channels": {"G": "irradiation"}}, "G = 'irradiation' is not a channel of kipp_smp"),
        ({"channels": {"G": 1}}, "G = 1 is not a channel"),
        ({"channels": {"u": "irradiance"}}, "symbol 'u' is given 2 times"),
        ({"name": "weather"}, "instrument name 'weather' is given 2 times"),
        ({"port": "sim:diffuse"}, "port and address 'sim:diffuse 1' is given 2 times"),
        ({"port": "sim:temperatures", "address": 2}, "want different baud rate"),
    ],
)
def test_a_bench_that_cannot_be_right_is_refused_in_a_sentence(changes, said):
    with pytest.raises(BenchRefused) as refused:
        bench_from(changed(**changes), source="bench")
    assert said in refused.value.sentence_en
    assert refused.value.sentence_zh
    assert refused.value.code.startswith(("bench-", "driver-"))


def test_an_unknown_key_of_the_bench_itself_is_refused():
    with pytest.raises(BenchRefused, match="unknown key 'perod'"):
        bench_from({**changed(), "perod": 1.0}, source="bench")


def test_an_instrument_that_is_no_table_is_refused():
    with pytest.raises(BenchRefused, match="instrument 1 is not a table"):
        bench_from({**changed(), "instrument": ["kipp"]}, source="bench")


def test_a_file_that_is_missing_or_no_toml_is_refused(tmp_path):
    with pytest.raises(BenchRefused, match="cannot be read: No such file"):
        read_bench(tmp_path / "missing.toml")
    (tmp_path / "bad.toml").write_text("name = ")
    with pytest.raises(BenchRefused, match="is not valid TOML"):
        read_bench(tmp_path / "bad.toml")
