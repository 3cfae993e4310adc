"""Scans of a whole bench on real pseudo-terminals."""

import os
import time
from threading import enumerate as enumerate_threads

import pytest

from instruments.acquisition import Recorder, core_of, poll
from instruments.bench import Bench, Instrument
from instruments.drivers.kipp_smp import KippSmp
from instruments.errors import PortUnavailable
from instruments.simulation.faults import Silent
from instruments.simulation.pty import PtyServer
from instruments.simulation.sensor import Sensor


def kipps(count, *, deadline=0.5):
    """A bench of pyranometers, and their simulators by port."""
    instruments = tuple(
        Instrument(
            name=f"kipp-{n}", driver="kipp_smp", port=f"p{n}", address=1, equipment=f"E{n}", deadline=deadline,
            channels={f"G{n}": "irradiance"}, settings={"slowest": deadline},
        )
        for n in range(count)
    )  # fmt: skip
    return Bench(name="kipps", period=1.0, instruments=instruments)


def simulators(bench, silent=()):
    def simulator(one, number):
        made = KippSmp.simulator(driver=one.device, feel=lambda _: 100.0 * number)
        return Silent(made) if one.name in silent else made

    return {one.port: [simulator(one, number)] for number, one in enumerate(bench.instruments)}


def test_every_instrument_of_the_demonstration_feels_the_same_row_of_the_record(on_ptys):
    bench, clock = on_ptys(rows=25)
    with Recorder(bench) as recorder:
        scans = list(poll(recorder, clock))
    assert [scan.seq for scan in scans] == list(range(1, 26))
    assert [scan.time for scan in scans] == [1499061630.0 + 60 * row for row in range(25)]
    for row, scan in enumerate(scans):
        assert scan.faults == ()
        assert scan.values == {
            "G": pytest.approx(800 + row / 10, abs=0.001),
            "Gd": pytest.approx(100 + row / 10, abs=0.001),
            "DNI": pytest.approx(-5 + row / 10, abs=0.001),
            "t_in": pytest.approx(50 + row / 100, abs=0.001),
            "t_out": pytest.approx(70 + row / 100, abs=0.001),
            "t_amb": pytest.approx(-9 + row / 100, abs=0.001),
            "V_dot": pytest.approx(0.0025 + row * 2**-20, rel=1e-7),
            "u": pytest.approx(1 + row / 10, abs=0.001),
        }


def test_simulated_instruments_err_by_the_inverse_of_their_calibration(on_ptys):
    calibration = Sensor(c0=-1.5, c1=1.02)
    bench, clock = on_ptys(rows=3, errors={"G": calibration})
    with Recorder(bench) as recorder:
        indicated = [scan.values["G"] for scan in poll(recorder, clock)]
    assert indicated == [pytest.approx((800 + row / 10 + 1.5) / 1.02, abs=0.05) for row in range(3)]
    corrected = [calibration.c0 + calibration.c1 * one for one in indicated]
    assert corrected == [pytest.approx(800 + row / 10, abs=0.06) for row in range(3)]


def test_a_silent_instrument_leaves_a_fault_and_never_an_old_value_and_the_others_go_on():
    bench = kipps(3)
    buses = simulators(bench)
    with PtyServer(buses) as server, Recorder(bench.with_ports(server.ports)) as recorder:
        well = recorder.scan(seq=1, at=0.0)
        buses["p1"][0].answer = Silent(KippSmp.simulator(driver=bench.instruments[1].device, feel=lambda _: 0.0)).answer
        ill = recorder.scan(seq=2, at=1.0)
    assert well.values == {"G0": 0.0, "G1": 100.0, "G2": 200.0}
    assert ill.values == {"G0": 0.0, "G2": 200.0}
    ((instrument, fault),) = ill.faults
    assert (instrument, fault.kind) == ("kipp-1", "no-reply")
    assert ill.observations[1].exchanges[0].sent


def test_a_scan_takes_as_long_as_its_slowest_port():
    bench = kipps(8)
    with (
        PtyServer(simulators(bench, silent=[one.name for one in bench.instruments])) as server,
        Recorder(bench.with_ports(server.ports)) as recorder,
    ):
        begun = time.monotonic()
        scan = recorder.scan(seq=1, at=0.0)
        took = time.monotonic() - begun
    assert len(scan.faults) == 8
    assert 0.5 <= took < 3.0  # one after the other they would take 4 s


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="only Linux lets a thread stay on a core")
def test_the_threads_of_the_ports_share_one_core_and_the_rest_of_the_program_keeps_them_all():
    bench, free = kipps(3), os.sched_getaffinity(0)
    with PtyServer(simulators(bench)) as server, Recorder(bench.with_ports(server.ports)) as recorder:
        recorder.scan(seq=1, at=0.0)
        ports = [one.native_id for one in enumerate_threads() if one.name.startswith("port ")]
        cores = [os.sched_getaffinity(one) for one in ports]
    assert cores == [{core_of("kipps")}] * 3
    assert os.sched_getaffinity(0) == free
    if len(free) > 1:
        assert len({core_of(f"bench {n}") for n in range(20)}) > 1  # other benches have other cores


def test_a_dead_device_on_a_bus_does_not_silence_its_neighbour():
    one, two = kipps(2).instruments
    shared = (one, Instrument(**{**{k: getattr(two, k) for k in two.__dataclass_fields__}, "port": "p0", "address": 2}))
    bench = Bench(name="bus", period=1.0, instruments=shared)
    alive = KippSmp.simulator(driver=shared[1].device, feel=lambda _: 7.0)
    with PtyServer({"p0": [alive]}) as server, Recorder(bench.with_ports(server.ports)) as recorder:
        scans = [recorder.scan(seq=seq, at=0.0) for seq in (1, 2)]
    assert [scan.values for scan in scans] == [{"G1": 7.0}] * 2


def test_unplugging_in_the_middle_is_a_fault_in_the_scans_and_the_others_go_on():
    bench = kipps(2, deadline=0.2)
    with PtyServer(simulators(bench)) as server, Recorder(bench.with_ports(server.ports)) as recorder:
        before = recorder.scan(seq=1, at=0.0)
        server.unplug("p0")
        after = [recorder.scan(seq=seq, at=1.0) for seq in (2, 3)]
    assert before.faults == ()
    assert [scan.values for scan in after] == [{"G1": 100.0}] * 2
    assert [scan.faults[0][1].kind for scan in after] == ["port-lost", "port-missing"]


def test_a_port_that_is_missing_or_in_use_stops_the_recording_before_it_begins():
    bench = kipps(2)
    with PtyServer(simulators(bench)) as server:
        with (
            pytest.raises(PortUnavailable, match="/dev/no-such-port does not exist"),
            Recorder(bench.with_ports({"p0": server.ports["p0"], "p1": "/dev/no-such-port"})),
        ):
            pass
        free = bench.with_ports(server.ports)
        with Recorder(free), pytest.raises(PortUnavailable, match="in use"), Recorder(free):
            pass


def test_an_error_of_the_program_stops_the_recording_and_does_not_hang_it(monkeypatch):
    bench = kipps(2)
    with PtyServer(simulators(bench)) as server, Recorder(bench.with_ports(server.ports)) as recorder:
        monkeypatch.setattr(KippSmp, "decode", lambda self, exchanges: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            recorder.scan(seq=1, at=0.0)
