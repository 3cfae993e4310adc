"""A simulated bench as a recorder meets it: stable names, wires that need their time, and what goes wrong."""

import os
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from itertools import count

import numpy as np
import pytest

from instruments.acquisition import Recorder
from instruments.bench import Bench, Instrument
from instruments.clock import RunningClock
from instruments.driver import Line
from instruments.drivers.kipp_smp import KippSmp
from instruments.errors import NoReply, PortUnavailable
from instruments.link import SerialLink
from instruments.redecode import decode_again
from instruments.segment import read_segment
from instruments.simulation.bench import SimulatedBench
from instruments.simulation.links import Links
from instruments.simulation.plant import RecordPlant, feeling
from instruments.simulation.pty import PtyServer
from instruments.simulation.schedule import KINDS, Episode, Schedule
from instruments.simulation.sensor import Sensor
from instruments.simulation.thermostat import StillBath
from instruments.simulation.wire import Wire
from instruments.spool import Spool, segments
from instruments.thermostat import set_temperature
from tests.instruments.test_acquisition_faults import Clock

ONE = Instrument(
    name="global", driver="kipp_smp", port="/dev/serial/by-id/usb-A", address=1, equipment="E-1", deadline=0.3,
    channels={"G": "irradiance"}, settings={"slowest": 0.35},
)  # fmt: skip
OTHER = replace(ONE, name="diffuse", port="sim:B", channels={"Gd": "irradiance"})
BATH = replace(ONE, name="bath", driver="lauda", port="sim:C", channels={"t_bath": "bath_temperature"})
BENCH = Bench(name="desk", period=1.0, instruments=(ONE, OTHER))


class Counting:
    """A plant in which every second look at a quantity finds it higher."""

    def __init__(self):
        self.looks = count(100)

    def value(self, symbol, *, at):
        return float(next(self.looks))


class Watch:
    """A clock that stands until it is set."""

    time = 0.0

    def now(self):
        return self.time


@contextmanager
def going_wrong(*kinds, links=None, **settings):
    """scan(at) of a bench on which each kind of fault lasts 10 s, the first from 10 s on, the second from 20 s on."""
    watch, patience = Watch(), Clock()
    schedule = Schedule([Episode("global", kind, 10.0 * n, 10.0 * n + 10.0) for n, kind in enumerate(kinds, 1)])
    bench = replace(BENCH, instruments=(replace(ONE, settings={**ONE.settings, **settings}), OTHER))
    with (
        SimulatedBench(bench, plant=Counting(), clock=watch, schedule=schedule, links=links) as made,
        Recorder(made.bench, monotonic=patience) as recorder,
    ):

        def scan(at):
            patience.now += 60.0  # long enough for a device that rests
            watch.time = at
            made.tend()
            return recorder.scan(seq=int(at), at=at)

        yield scan


def test_what_goes_wrong_is_a_fault_of_that_instrument_alone_and_ends():
    kinds = ("silence", "garbage", "echo", "brown-out")
    with going_wrong(*kinds) as scan:
        before, *while_wrong, after = [scan(at) for at in (0.0, 10.0, 20.0, 30.0, 40.0, 50.0)]
    assert set(before.values) == set(after.values) == {"G", "Gd"}
    assert after.values["G"] > before.values["G"]
    for kind, one in zip(kinds, while_wrong, strict=True):
        assert set(one.values) == {"Gd"}, kind
        assert [name for name, _ in one.faults] == ["global"]
    silence, _, _, brown_out = while_wrong
    assert [fault.kind for _, fault in (*silence.faults, *brown_out.faults)] == ["no-reply", "no-reply"]


def test_a_late_answer_is_kept_as_evidence_and_is_nobody_s_value():
    with going_wrong("late", slowest=0.9) as scan:
        early, late = scan(10.0), scan(11.0)
    assert [fault.kind for _, fault in early.faults] == ["no-reply"]
    assert early.values.keys() == late.values.keys() == {"Gd"}
    assert late.observations[0].exchanges[0].discarded[0] == ONE.address


def test_a_stuck_value_is_repeated_and_then_catches_up():
    with going_wrong("stuck") as scan:
        values = [scan(at).values["G"] for at in (0.0, 10.0, 15.0, 19.0, 20.0)]
    before, one, two, three, after = values
    assert before < one == two == three < after


def test_an_unplugged_cable_takes_port_and_link_away_and_both_come_back(tmp_path):
    with going_wrong("unplug", links=tmp_path) as scan:
        assert sorted(os.listdir(tmp_path)) == ["sim-B", "usb-A"]
        plugged = scan(0.0)
        lost, missing = scan(10.0), scan(11.0)
        assert os.listdir(tmp_path) == ["sim-B"]
        back = scan(20.0)
    assert [fault.kind for _, fault in lost.faults] == ["port-lost"]
    assert [fault.kind for _, fault in missing.faults] == ["port-missing"]
    assert set(missing.values) == {"Gd"}
    assert set(plugged.values) == set(back.values) == {"G", "Gd"}
    assert os.listdir(tmp_path) == []


def test_a_circulator_sets_the_bath_and_a_brown_out_brings_its_power_up_set_point_back():
    bath, watch = StillBath(), Watch()
    schedule = Schedule([Episode("bath", "brown-out", 10.0, 20.0)])
    device = BATH.device
    with SimulatedBench(
        Bench(name="b", period=1.0, instruments=(BATH,)), plant=Counting(), clock=watch, schedule=schedule, bath=bath
    ) as made:
        with SerialLink(made.bench.instruments[0].port, line=device.wire()) as link:
            set_temperature(
                device, link, value=65.0, person="Li Wei", clock=watch, log=lambda _: None, sleep=lambda _: None
            )
        assert bath.set_point == 65.0
        for watch.time in (10.0, 20.0):
            made.tend()
    assert bath.set_point == 20.0


def test_tending_tells_what_began_and_what_ended():
    watch = Watch()
    episode = Episode("global", "silence", 10.0, 20.0)
    with SimulatedBench(BENCH, plant=Counting(), clock=watch, schedule=Schedule([episode])) as made:
        told = []
        for watch.time in (0.0, 10.0, 15.0, 20.0):
            told.append(made.tend())
    assert told == [((), ()), ((episode,), ()), ((), ()), ((), (episode,))]


def test_a_stated_serial_number_becomes_that_of_the_simulated_device():
    stated = replace(ONE, driver="hukseflux_sr", serial_number="187654")
    with (
        SimulatedBench(Bench(name="b", period=1.0, instruments=(stated,)), plant=Counting(), clock=Watch()) as made,
        Recorder(made.bench) as recorder,
    ):
        assert recorder.scan(seq=1, at=0.0).faults == ()
    assert made.bench.instruments[0].serial_number not in ("", "187654")


def test_random_faults_come_from_the_seed_at_the_rate_that_was_asked():
    def found(seed):
        schedule = Schedule(rate=6.0, instruments=("a", "b"), seed=seed)
        return {one for at in range(3600, 147_600, 5) for one in schedule.at(float(at))}

    one, again, other = found(1), found(1), found(2)
    assert one == again != other
    assert len(one) == pytest.approx(240, abs=4 * 240**0.5)  # 40 h; four standard deviations of a Poisson process
    assert {each.kind for each in one} == set(KINDS)
    assert {each.instrument for each in one} == {"a", "b"}
    assert all(5.0 <= each.end - each.begin <= 60.0 for each in one)


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        (Line(baud=9600), 8 * 10 / 9600),  # start, 8 data bits, stop
        (Line(baud=9600, parity="E"), 8 * 11 / 9600),
        (Line(baud=4800, parity="E", data_bits=7), 8 * 10 / 4800),
        (Line(baud=19200, stop_bits=2), 8 * 11 / 19200),
    ],
)
def test_a_question_of_eight_bytes_takes_its_time_on_the_wire(line, seconds):
    wire = Wire(line)
    assert wire.carries(8, at=100.0) == pytest.approx(100.0 + seconds, abs=1e-12)
    assert wire.carries(8, at=100.0) == pytest.approx(100.0 + 2 * seconds, abs=1e-12)  # after those before them


def test_a_paced_answer_is_not_there_before_the_wire_has_carried_it(make):
    driver, simulator = make(KippSmp, value=5.0)
    line = replace(driver.wire(), baud=9600)
    with (
        PtyServer({"p": [simulator]}, lines={"p": line}) as server,
        SerialLink(server.ports["p"], line=line) as link,
    ):
        begun = time.monotonic()
        driver.read(link, deadline=1.0)
        took = time.monotonic() - begun
    assert took >= (8 + 25) * 11 / 9600  # ADU of question and answer, even parity


def test_a_simulator_that_breaks_is_told_to_whoever_tends_it_and_hangs_nobody(make):
    def broken():
        raise ZeroDivisionError

    driver, simulator = make(KippSmp, value=broken, slowest=0.05)
    server = PtyServer({"p": [simulator]}).__enter__()
    with SerialLink(server.ports["p"], line=driver.wire()) as link, pytest.raises(NoReply):
        driver.read(link, deadline=0.05)
    with pytest.raises(ZeroDivisionError):
        server.run(lambda: None)
    with pytest.raises(ZeroDivisionError):
        server.__exit__(None, None, None)


def test_links_never_replace_what_is_no_link(tmp_path):
    (tmp_path / "sim-B").write_text("mine", encoding="utf-8")
    with pytest.raises(PortUnavailable, match="no link; move it away"):
        Links(tmp_path, BENCH.ports)
    assert (tmp_path / "sim-B").read_text(encoding="utf-8") == "mine"


def test_a_link_left_behind_by_a_killed_program_is_replaced_and_another_s_is_left(tmp_path):
    (tmp_path / "sim-B").symlink_to("/dev/pts/gone")
    links = Links(tmp_path, ["sim:B", "other/sim:B"])
    links.point("sim:B", "/dev/pts/7")
    links.point("other/sim:B", "/dev/pts/8")
    assert {path.name: os.readlink(path) for path in tmp_path.iterdir()} == {
        "sim-B": "/dev/pts/7",
        "sim-B-2": "/dev/pts/8",
    }
    (tmp_path / "sim-B").unlink()
    (tmp_path / "sim-B").symlink_to("/dev/pts/another")
    links.close()
    assert [path.name for path in tmp_path.iterdir()] == ["sim-B"]


def test_two_simulated_benches_never_share_a_folder_of_links(tmp_path):
    first = Links(tmp_path, ["a"])
    with pytest.raises(PortUnavailable, match="another simulated bench"):
        Links(tmp_path, ["b"])
    first.close()
    Links(tmp_path, ["b"]).close()


def test_noise_and_drift_are_functions_of_time_and_seed_alone():
    sensor = Sensor(noise=0.5, drift=2.0, begin=0.0, seed=3)
    shown = [sensor.indicated(0.0, at=float(at)) for at in range(20_000)]
    noise = [one - 2.0 * at / 86400.0 for at, one in enumerate(shown)]
    assert sum(noise) / 20_000 == pytest.approx(0.0, abs=4 * 0.5 / 20_000**0.5)
    assert (sum(one * one for one in noise) / 20_000) ** 0.5 == pytest.approx(0.5, rel=0.02)
    assert sensor.indicated(0.0, at=777.9) != sensor.indicated(0.0, at=778.0)
    assert replace(sensor).indicated(0.0, at=777.2) - replace(sensor).indicated(0.0, at=777.9) == pytest.approx(
        -2.0 * 0.7 / 86400.0, abs=1e-12
    )
    assert replace(sensor, seed=4).indicated(0.0, at=777.0) != sensor.indicated(0.0, at=777.0)


def test_a_clock_that_runs_sixty_times_as_fast():
    real = iter([5.0, 5.0, 6.5])
    clock = RunningClock(1000.0, speed=60.0, monotonic=lambda: next(real))
    assert (clock.now(), clock.now()) == (1000.0, 1090.0)


def test_a_sensor_errs_only_in_its_own_quantity():
    class Steady:
        def value(self, symbol, *, at):
            return 10.0

    feel = feeling(plant=Steady(), clock=Watch(), symbols={"a": "G", "b": "Gd"}, errors={"G": Sensor(c0=1.0, c1=2.0)})
    assert (feel("a"), feel("b"), feel("c")) == (4.5, 10.0, None)


@pytest.mark.faults
def test_a_bench_on_which_everything_goes_wrong_at_random_gives_no_wrong_value(demo, tmp_path):
    """A minute of faults at ten times their usual rate; every value is the plant's, and all bytes decode again."""
    true = {"G": 900.0, "Gd": 100.0, "DNI": 850.0, "t_in": 50.0, "t_out": 60.0, "t_amb": 20.0, "V_dot": 1e-4, "u": 2.0}
    plant = RecordPlant(time=np.array([0.0]), columns={key: np.array([one]) for key, one in true.items()}, hold=1e9)
    clock = RunningClock(0.0, speed=10.0)
    schedule = Schedule(rate=240.0, instruments=[one.name for one in demo.instruments], seed=int(time.time()))
    found, ends = Counter(), time.monotonic() + 60.0
    with (
        SimulatedBench(demo, plant=plant, clock=clock, schedule=schedule, pace=True, links=tmp_path / "ports") as made,
        Spool(tmp_path / "spool", run="R-1", bench=made.bench) as spool,
        Recorder(made.bench, monotonic=lambda: 20.0 * time.monotonic()) as recorder,
    ):
        while time.monotonic() < ends:
            made.tend()
            scan = recorder.scan(seq=spool.last_seq + 1, at=clock.now())
            spool.append(scan)
            found.update(value == pytest.approx(true[symbol], rel=1e-6) for symbol, value in scan.values.items())
        spool.seal()
    assert found[False] == 0
    assert found[True] > 300
    for path in segments(tmp_path / "spool"):
        assert decode_again(read_segment(path.read_bytes())).disagreements == ()
