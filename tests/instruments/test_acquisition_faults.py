"""Dead, exchanged and noisy devices, and what the scans show of them."""

from dataclasses import replace

import pytest

from instruments.acquisition import Recorder
from instruments.bench import Bench, Instrument, bench_from
from instruments.driver import Driver, Fault, Identity, Question
from instruments.drivers.kipp_smp import KippSmp
from instruments.errors import BenchRefused
from instruments.framing import expect_modbus, modbus_read, whole
from instruments.patience import Patience
from instruments.redecode import decode_again
from instruments.segment import read_segment
from instruments.simulation.faults import Late, Noisy, Silent
from instruments.simulation.pty import PtyServer
from instruments.spool import Spool, segments

DEADLINE = 0.1


class Clock:
    """A monotonic clock that the test turns."""

    now = 1000.0

    def __call__(self):
        return self.now


def bus(count, *, port="bus", **more):
    """A bench of pyranometers on one bus."""
    instruments = tuple(
        Instrument(
            name=f"kipp-{n}", driver="kipp_smp", port=port, address=n, equipment=f"E{n}", deadline=DEADLINE,
            channels={f"G{n}": "irradiance"}, settings={"slowest": DEADLINE}, **more,
        )
        for n in range(1, count + 1)
    )  # fmt: skip
    return Bench(name="bus", period=1.0, instruments=instruments)


def simulators(bench):
    return {
        one.name: KippSmp.simulator(driver=one.device, feel=lambda _, at=one.address: 100.0 * at)
        for one in bench.instruments
    }


def test_a_dead_slave_among_eight_never_starves_the_others():
    """One scan a second for 65 s of the test's clock: 7 × 65 readings, and few questions to the dead one."""
    bench, clock = bus(8), Clock()
    slaves = simulators(bench)
    slaves["kipp-3"] = dead = Silent(slaves["kipp-3"])
    kinds = []
    with (
        PtyServer({"bus": list(slaves.values())}) as server,
        Recorder(bench.with_ports(server.ports), monotonic=clock) as recorder,
    ):
        for seq in range(1, 66):
            clock.now += 1.0
            scan = recorder.scan(seq=seq, at=float(seq))
            assert scan.values == {f"G{n}": 100.0 * n for n in range(1, 9) if n != 3}
            ((name, fault),) = scan.faults
            assert name == "kipp-3"
            kinds.append(fault.kind)
    # asked at 1, 2, then after rests of 1, 2, 4, 8, 16 and 30 s
    assert [second for second, kind in enumerate(kinds, 1) if kind == "no-reply"] == [1, 2, 3, 5, 9, 17, 33, 63]
    assert set(kinds) == {"no-reply", "resting"}
    assert dead.questions == 8


def test_a_device_that_comes_back_is_read_again_after_its_rest_and_never_with_an_old_value():
    bench, clock = bus(2), Clock()
    slaves = simulators(bench)
    slaves["kipp-1"] = dead = Silent(slaves["kipp-1"])
    with (
        PtyServer({"bus": list(slaves.values())}) as server,
        Recorder(bench.with_ports(server.ports), monotonic=clock) as recorder,
    ):
        for seq in range(1, 4):
            recorder.scan(seq=seq, at=0.0)
        dead.answer = dead.inner.answer
        resting = recorder.scan(seq=4, at=0.0)
        clock.now += 1.0
        back = recorder.scan(seq=5, at=0.0)
    assert [fault.kind for _, fault in resting.faults] == ["resting"]
    assert "2 failures in a row; it is asked again in 1.0 s" in resting.faults[0][1].sentence_en
    assert "已连续失败 2 次" in resting.faults[0][1].sentence_zh
    assert resting.values == {"G2": 200.0}
    assert back.values == {"G1": 100.0, "G2": 200.0}


def test_a_single_failure_costs_no_rest_and_rests_never_exceed_half_a_minute():
    patience = Patience()
    patience.failed(0.0)
    assert patience.resting(0.0) is None
    for failures in range(2, 60):
        patience.failed(0.0)
        fault = patience.resting(0.0)
        assert isinstance(fault, Fault)
        assert patience.until == min(2.0 ** (failures - 2), 30.0)
    patience.answered()
    assert patience.resting(0.0) is None


def test_noise_is_a_fault_with_its_bytes_and_never_another_value():
    bench, clock = bus(1), Clock()
    flips = iter([0, 1, 0, 5, 0])
    slave = Noisy(
        simulators(bench)["kipp-1"],
        noise=lambda reply: bytes((reply[0], reply[1], reply[2], reply[3] ^ next(flips), *reply[4:])),
    )
    with PtyServer({"bus": [slave]}) as server, Recorder(bench.with_ports(server.ports), monotonic=clock) as recorder:
        scans = [recorder.scan(seq=seq, at=0.0) for seq in range(1, 6)]
    assert [scan.values for scan in scans] == [{"G1": 100.0}, {}, {"G1": 100.0}, {}, {"G1": 100.0}]
    bad = scans[1].observations[0]
    assert bad.faults[0].kind == "bad-checksum"
    assert bad.exchanges[0].received[3] ^ 1 == scans[0].observations[0].exchanges[0].received[3]


# --- who is there -------------------------------------------------------------------------------------------------


class Named(Driver, name="named_for_tests"):
    """A radiometer that tells a serial number in register 5."""

    title, channels, line = "Named", {"irradiance": "W/m2"}, KippSmp.line
    simulator = KippSmp.simulator
    options = KippSmp.options

    def questions(self):
        return KippSmp(address=self.address).questions()

    def decode(self, exchanges):
        return KippSmp(address=self.address).decode(exchanges)

    def identification(self):
        sent = modbus_read(address=self.address, function=4, start=5, count=1)
        return (Question(sent, expect_modbus(sent)),)

    def decode_identity(self, exchanges):
        data = whole(exchanges[0].received, expect=expect_modbus(exchanges[0].sent))
        return Identity(model="N", serial=str(int.from_bytes(data, "big")))


Driver.registry.pop("named_for_tests")


@pytest.fixture
def named(monkeypatch):
    """A bench of two such radiometers, on ports of their own; number 2 states that it is 1234."""
    monkeypatch.setitem(Driver.registry, "named_for_tests", Named)
    one, two = (replace(each, driver="named_for_tests", port=each.name) for each in bus(2).instruments)
    return Bench(name="named", period=1.0, instruments=(one, replace(two, serial_number="1234")))


def devices(bench, values):
    return {
        one.port: [Named.simulator(driver=one.device, feel=lambda _, n=one.name: values[n])]
        for one in bench.instruments
    }


def test_the_right_serial_number_is_kept_with_its_bytes_once_and_then_trusted(named, tmp_path):
    with PtyServer(devices(named, {"kipp-1": 1.0, "kipp-2": 123.4})) as server:
        bench = named.with_ports(server.ports)
        with Recorder(bench) as recorder, Spool(tmp_path, run="R-1", bench=bench) as spool:
            for seq in (1, 2):
                spool.append(recorder.scan(seq=seq, at=0.0))
            spool.seal()
    first, second = read_segment(segments(tmp_path)[0].read_bytes()).scans
    (identity,) = first["identities"]
    assert (identity["i"], identity["model"], identity["serial"]) == ("kipp-2", "N", "1234")
    assert identity["exchanges"][0]["rx"][6:10] == f"{1234:04x}"
    assert first["readings"][1]["value"] == 123.4
    assert len(first["exchanges"]) == 2
    assert "identities" not in second


def test_another_serial_number_than_the_bench_states_refuses_to_record_and_names_both(named):
    with PtyServer(devices(named, {"kipp-1": 1.0, "kipp-2": 99.9})) as server:
        bench = named.with_ports(server.ports)
        with pytest.raises(BenchRefused) as refused, Recorder(bench):
            pass
        with Recorder(replace(bench, instruments=bench.instruments[:1])):
            pass  # the ports were given back
    assert "N 999; the bench states serial number 1234" in refused.value.sentence_en
    assert "自报为 N 999，台架文件规定的编号为 1234" in refused.value.sentence_zh
    assert refused.value.code == "wrong-device"


def test_a_device_exchanged_while_it_was_silent_is_a_fault_and_its_readings_are_not_used(named):
    values, clock = {"kipp-1": 1.0, "kipp-2": 123.4}, Clock()
    slaves = devices(named, values)
    slaves["kipp-2"] = [switched := Silent(slaves["kipp-2"][0])]
    switched.answer = switched.inner.answer
    with PtyServer(slaves) as server, Recorder(named.with_ports(server.ports), monotonic=clock) as recorder:
        before = recorder.scan(seq=1, at=0.0)
        del switched.answer
        recorder.scan(seq=2, at=0.0)
        switched.answer, values["kipp-2"] = switched.inner.answer, 55.5
        after = recorder.scan(seq=3, at=0.0)
        values["kipp-2"] = 123.4
        mended = recorder.scan(seq=4, at=0.0)
    assert before.values == {"G1": 1.0, "G2": 123.4}
    assert after.values == {"G1": 1.0}
    assert [fault.kind for _, fault in after.faults] == ["wrong-device"]
    assert after.observations[1].identity.serial == "555"
    assert mended.values == {"G1": 1.0, "G2": 123.4}


def test_a_silent_device_with_a_serial_number_stops_no_recording_and_is_asked_who_it_is_first(named):
    clock = Clock()
    slaves = devices(named, {"kipp-1": 1.0, "kipp-2": 123.4})
    slaves["kipp-2"] = [silent := Silent(slaves["kipp-2"][0])]
    with PtyServer(slaves) as server, Recorder(named.with_ports(server.ports), monotonic=clock) as recorder:
        quiet = recorder.scan(seq=1, at=0.0)
        silent.answer = silent.inner.answer
        clock.now += 2.0
        back = recorder.scan(seq=2, at=0.0)
    assert quiet.values == {"G1": 1.0}
    assert back.values == {"G1": 1.0, "G2": 123.4}
    assert back.observations[1].identity.serial == "1234"


def test_a_serial_number_that_the_driver_cannot_ask_for_is_refused_in_the_file():
    stated = bus(1, serial_number="1").as_dict()
    with pytest.raises(BenchRefused, match="cannot ask its device for a serial number"):
        bench_from(
            {
                **stated,
                "instrument": [{**stated["instrument"][0], "driver": "adam4015", "channels": {}, "settings": {}}],
            },
            source="b",
        )


def test_a_bench_without_serial_numbers_is_written_as_before():
    assert "serial_number" not in bus(1).as_dict()["instrument"][0]
    assert bus(1, serial_number="7").as_dict()["instrument"][0]["serial_number"] == "7"


def test_one_port_keeps_the_longest_pause_that_one_of_its_instruments_wants():
    bench = bus(2)
    hasty, slow = bench.instruments
    slow = replace(slow, settings={**slow.settings, "pause": 0.25})
    mixed = bench_from(replace(bench, instruments=(hasty, slow)).as_dict(), source="b")
    assert mixed.line("bus").gap == 0.25


def test_a_late_device_leaves_faults_and_its_neighbours_own_values_only():
    bench, clock = bus(3), Clock()
    slaves = simulators(bench)
    delays = iter([0.0, 0.13, 0.0, 0.15, 0.0, 0.0])
    slaves["kipp-2"] = Late(slaves["kipp-2"], delays=delays, slowest=0.2)
    slow = tuple(replace(one, settings={"slowest": 0.25}) for one in bench.instruments)
    with (
        PtyServer({"bus": list(slaves.values())}) as server,
        Recorder(replace(bench, instruments=slow).with_ports(server.ports), monotonic=clock) as recorder,
    ):
        scans = [recorder.scan(seq=seq, at=0.0) for seq in range(1, 7)]
    for scan in scans:
        assert scan.values.items() >= {"G1": 100.0, "G3": 300.0}.items()
        assert scan.values.get("G2", 200.0) == 200.0
    assert [len(scan.faults) for scan in scans] == [0, 1, 0, 1, 0, 0]
    assert scans[1].observations[2].exchanges[0].discarded[0] == 2


def test_a_scan_broken_off_between_two_questions_decodes_again_to_nothing(monkeypatch, tmp_path):
    """Only one of two questions was answered before the device fell silent: no reading then, and none years later."""

    class Twice(Named, name="twice_for_tests"):
        def questions(self):
            return super().questions() * 2

        def decode(self, exchanges):
            assert len(exchanges) == 2
            return super().decode(exchanges[1:])

    Driver.registry.pop("twice_for_tests")
    monkeypatch.setitem(Driver.registry, "twice_for_tests", Twice)
    bench = replace(bus(1), instruments=(replace(bus(1).instruments[0], driver="twice_for_tests"),))
    slave = simulators(bus(1))["kipp-1"]
    replies = iter([True, True, True, False])
    noisy = Noisy(slave, noise=lambda reply: reply if next(replies) else reply[:9])
    with PtyServer({"bus": [noisy]}) as server, Spool(tmp_path, run="R-1", bench=bench) as spool:
        with Recorder(bench.with_ports(server.ports)) as recorder:
            spool.append(recorder.scan(seq=1, at=0.0))
            spool.append(recorder.scan(seq=2, at=1.0))
        spool.seal()
    segment = read_segment(segments(tmp_path)[0].read_bytes())
    assert [len(scan["readings"]) for scan in segment.scans] == [1, 0]
    assert decode_again(segment).disagreements == ()
    first = segment.scans[1]["exchanges"][:1]
    broken = replace(segment, scans=(segment.scans[0], {**segment.scans[1], "exchanges": first}))
    assert decode_again(broken).disagreements == ()
