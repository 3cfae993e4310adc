"""A bench is looked at before a test: one thing that is wrong does not hide the others."""

from dataclasses import replace

import pytest

from instruments.bench import Bench, Instrument
from instruments.bench_check import check_bench
from instruments.simulation.faults import Silent
from instruments.simulation.pty import PtyServer


@pytest.fixture
def bench():
    """Two Hukseflux pyranometers on one bus, a radiometer on a port of its own."""
    shared = {"equipment": "E", "deadline": 0.5, "settings": {"slowest": 0.5}}
    return Bench(
        name="three",
        period=1.0,
        instruments=(
            Instrument(name="a", driver="hukseflux_sr", port="bus", address=1, channels={"G": "irradiance"}, **shared),
            Instrument(name="b", driver="hukseflux_sr", port="bus", address=2, channels={"H": "irradiance"}, **shared),
            Instrument(name="c", driver="kipp_smp", port="own", address=1, channels={"D": "irradiance"}, **shared),
        ),
    )


def simulator(one):
    return one.device.simulator(driver=one.device, feel=lambda _: 4711.0 if one.name == "a" else 12.0)


def served(bench, **replaced):
    slaves = {one.name: replaced.get(one.name, simulator(one)) for one in bench.instruments}
    return PtyServer({port: [slaves[one.name] for one in on_port] for port, on_port in bench.ports.items()})


def test_every_instrument_is_asked_who_it_is_and_read_once(bench):
    with served(bench) as server:
        a, b, c = check_bench(bench.with_ports(server.ports))
    assert a.identity.serial
    assert b.identity.serial
    assert (c.identity is None) == (not c.instrument.device.identification())
    assert [(each.readings[0].value, each.faults) for each in (b, c)] == [(12.0, ()), (12.0, ())]


def test_a_silent_instrument_and_a_missing_port_are_told_and_the_others_are_read(bench):
    with served(bench, a=Silent(simulator(bench.instruments[0]))) as server:
        a, b, c = check_bench(bench.with_ports({**server.ports, "own": "/dev/no-such-port"}))
    assert (a.identity, a.readings) == (None, ())
    assert {fault.kind for fault in a.faults} == {"no-reply"}
    assert (b.readings[0].value, b.faults) == (12.0, ())
    assert [fault.kind for fault in c.faults] == ["port-missing"]


def test_another_serial_number_than_the_bench_states_is_told_with_both(bench):
    a, b, c = bench.instruments
    stated = replace(bench, instruments=(replace(a, serial_number="no such"), b, c))
    with served(bench) as server:
        found = check_bench(stated.with_ports(server.ports))[0]
    (fault,) = found.faults
    assert fault.kind == "wrong-device"
    assert found.identity.serial in fault.sentence_en
    assert "no such" in fault.sentence_zh
