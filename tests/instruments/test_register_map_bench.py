"""A bench of devices that are maps, recorded on ptys and decoded again from the stored bytes."""

import numpy as np
import pytest

from instruments.acquisition import Recorder, poll
from instruments.bench import bench_from
from instruments.clock import ReplayClock
from instruments.redecode import decode_again
from instruments.segment import read_segment
from instruments.simulation.bench import simulated
from instruments.simulation.plant import RecordPlant
from instruments.spool import Spool, segments

MAP = """\
title = "A radiometer without a driver"
source = "its sheet"
function = 4
base = 1

[[channel]]
name = "irradiance"
register = 1
type = "s32"
unit = "W/m2"
scale = 0.01

[[channel]]
name = "housing"
register = 3
type = "s16"
unit = "degC"
scale = 0.1

[[status]]
register = 4
type = "u16"
mask = 0x0001
channels = ["irradiance"]
text_en = "no valid signal"
text_zh = "信号无效"
"""


def instrument(name, driver, channels, **settings):
    keys = {"name": name, "driver": driver, "port": name, "address": 3, "equipment": f"EQ-{name}", "deadline": 0.2}
    return {**keys, "channels": channels, "settings": {"slowest": 0.05, **settings}}


BENCH = bench_from(
    {
        "name": "maps",
        "period": 60.0,
        "instrument": [
            instrument("radiometer", "modbus_map", {"G": "irradiance"}, map=MAP),
            instrument("flow", "promass", {"m_dot": "mass_flow", "t_in": "temperature"}, scan_list=True),
            instrument("pressure", "keller_bus", {"p": "p1"}),
        ],
    },
    source="test",
)


@pytest.fixture
def segment(tmp_path):
    """Three rows of a record, the last with gaps in radiation and pressure."""
    columns = {
        "G": np.array([800.25, -2.5, np.nan]),
        "m_dot": np.array([0.125, 0.25, 0.5]),
        "t_in": np.array([50.0, 50.5, 51.0]),
        "p": np.array([1.5, 1.25, np.nan]),
    }
    clock = ReplayClock([30.0, 90.0, 150.0])
    plant = RecordPlant(time=np.array([0.0, 60.0, 120.0]), columns=columns)
    with (
        simulated(BENCH, plant=plant, clock=clock) as bench,
        Recorder(bench) as recorder,
        Spool(tmp_path, run="R-1", bench=bench) as spool,
    ):
        scans = list(poll(recorder, clock))
        for scan in scans:
            spool.append(scan)
        spool.seal()
    return scans, read_segment(segments(tmp_path)[0].read_bytes())


def test_what_was_recorded_is_the_plant_and_its_gaps_are_faults(segment):
    scans, _ = segment
    assert [scan.values for scan in scans] == [
        {"G": 800.25, "m_dot": 0.125, "t_in": 50.0, "p": 1.5},
        {"G": -2.5, "m_dot": 0.25, "t_in": 50.5, "p": 1.25},
        {"m_dot": 0.5, "t_in": 51.0},
    ]
    assert [(name, fault.kind) for name, fault in scans[-1].faults] == [
        ("radiometer", "bad-status"),
        ("pressure", "invalid"),
    ]
    assert "no valid signal" in scans[-1].faults[0][1].sentence_en


def test_the_stored_bytes_decode_again_by_the_map_that_is_stored_with_them(segment):
    _, stored = segment
    assert stored.bench["instrument"][0]["settings"]["map"] == MAP
    again = decode_again(stored)
    assert (again.scans, again.exchanges, again.disagreements) == (3, 3 * (1 + 2 + 3), ())
