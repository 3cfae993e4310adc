"""`heliobench bench check` on simulated instruments."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from instruments.bench import read_bench
from instruments.driver import Line, driver_named
from instruments.drivers.kipp_smp import KippSmp
from instruments.link import SerialLink
from instruments.simulation.pty import PtyServer
from lims.laboratory import Laboratory

Run = Callable[..., Any]


@contextmanager
def bench_file(folder: Path, *, equipment: str = "HB-EQ-0001", more: str = "") -> Iterator[Path]:
    """A bench of one simulated radiometer."""
    driver = KippSmp(address=1)
    with PtyServer({"p": [KippSmp.simulator(driver=driver, feel=lambda _: 321.0)]}) as server:
        path = folder / "bench.toml"
        path.write_text(
            f'name = "b"\nperiod = 1.0\n[[instrument]]\nname = "global"\ndriver = "kipp_smp"\naddress = 1\n'
            f'port = "{server.ports["p"]}"\nequipment = "{equipment}"\nchannels = {{ G = "irradiance" }}\n'
            f"deadline = 0.2\nsettings = {{ slowest = 0.1 }}\n{more}",
            encoding="utf-8",
        )
        yield path


def test_a_bench_in_order_shows_each_instrument_and_its_readings(heliobench: Run, tmp_path: Path) -> None:
    with bench_file(tmp_path) as path:
        ran = heliobench("bench", "check", path)
        told = json.loads(heliobench("bench", "check", path, "--json").out)
    assert (ran.code, ran.err) == (0, "")
    assert "global  HB-EQ-0001" in ran.out
    assert "321 W/m2" in ran.out
    assert told["readings"] == [{"symbol": "G", "value": 321.0, "unit": "W/m2"}]
    assert told["faults"] == []


def test_an_instrument_that_is_not_there_is_a_sentence_and_exit_code_1(heliobench: Run, tmp_path: Path) -> None:
    with bench_file(tmp_path) as path:
        pass
    ran = heliobench("bench", "check", path)
    assert ran.code == 1
    assert "✗ Port" in ran.out
    assert "does not exist" in ran.out


@pytest.mark.parametrize(("equipment", "code", "said"), [("HB-EQ-0001", 0, "321"), ("HB-EQ-9", 1, "no equipment")])
def test_with_the_register_an_unknown_number_is_told(
    heliobench: Run, monkeypatch: pytest.MonkeyPatch, templates: Callable[[str, str], Any], tmp_path: Path,
    equipment: str, code: int, said: str,
) -> None:  # fmt: skip
    monkeypatch.delenv("HELIOBENCH_DATABASE_URL", raising=False)
    with templates("sqlite", "issued").copied(tmp_path / "instance") as made:
        site: Laboratory = made
        monkeypatch.setenv("HELIOBENCH_INSTANCE", site.settings.instance)
        with bench_file(tmp_path, equipment=equipment) as path:
            ran = heliobench("bench", "check", path, "--register")
    assert ran.code == code, ran.out
    assert said in ran.out


@contextmanager
def bath_file(folder: Path) -> Iterator[Path]:
    """A bench of one simulated bath."""
    driver = driver_named("julabo")(address=1, settings={})
    with PtyServer({"p": [driver.simulator(driver=driver, feel=lambda _: 20.0)]}) as server:
        path = folder / "bath.toml"
        path.write_text(
            f'name = "b"\nperiod = 1.0\n[[instrument]]\nname = "inlet bath"\ndriver = "julabo"\naddress = 1\n'
            f'port = "{server.ports["p"]}"\nequipment = "HB-EQ-0001"\n'
            'channels = { t_in = "bath_temperature" }\ndeadline = 1.0\n',
            encoding="utf-8",
        )
        yield path


def test_a_set_point_is_ordered_in_a_persons_name_read_back_and_logged(heliobench: Run, tmp_path: Path) -> None:
    with bath_file(tmp_path) as path:
        taken = heliobench("bench", "set", path, "inlet bath", "55.5", "--person", "陈立")
        refused = heliobench("bench", "set", path, "inlet bath", "96", "--person", "陈立")
        unknown = heliobench("bench", "set", path, "oven", "50", "--person", "陈立")
    assert (taken.code, taken.err) == (0, "")
    assert "55.5 °C" in taken.out
    assert (refused.code, "outside 5 to 95" in refused.err) == (1, True)
    assert (unknown.code, "inlet bath" in unknown.err) == (2, True)
    lines = [json.loads(line) for line in (tmp_path / "bath.setpoints.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(one["person"], one["wanted"], one["found"], one["refusal"]) for one in lines] == [
        ("陈立", "55.5", 55.5, None), ("陈立", "96.0", None, "outside-limits"),
    ]  # fmt: skip
    assert bytes.fromhex(lines[0]["exchanges"][0]["tx"]) == b"OUT_SP_00 55.50\r"


def test_while_the_bench_is_recorded_the_recorder_carries_the_order_out(heliobench: Run, tmp_path: Path) -> None:
    with bath_file(tmp_path) as path, recording(path, tmp_path / "spool") as scans:
        before = json.loads(next(scans))["seq"]
        taken = heliobench("bench", "set", path, "inlet bath", "55.5", "--person", "陈立")
        refused = heliobench("bench", "set", path, "inlet bath", "96", "--person", "陈立")
        after = [json.loads(next(scans))["seq"] for _ in range(2)]
    assert (taken.code, taken.err) == (0, "")
    assert "55.5 °C" in taken.out
    assert (refused.code, "outside 5 to 95" in refused.err) == (1, True)
    assert after == [before + 1, before + 2]
    lines = [json.loads(line) for line in (tmp_path / "bath.setpoints.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(one["person"], one["wanted"], one["refusal"]) for one in lines] == [
        ("陈立", "55.5", None), ("陈立", "96.0", "outside-limits"),
    ]  # fmt: skip
    assert bytes.fromhex(lines[0]["exchanges"][0]["tx"]) == b"OUT_SP_00 55.50\r"
    assert not (tmp_path / "bath.orders").exists()


def test_a_port_that_another_program_holds_is_refused_as_before(heliobench: Run, tmp_path: Path) -> None:
    with bath_file(tmp_path) as path, SerialLink(read_bench(path).instruments[0].port, line=Line()):
        refused = heliobench("bench", "set", path, "inlet bath", "55.5", "--person", "陈立")
    assert (refused.code, "in use by another program" in refused.err) == (2, True)


@contextmanager
def recording(path: Path, spool: Path) -> Iterator[Iterator[str]]:
    """The lines of a recorder of this bench, in a process of its own."""
    command = [Path(sys.executable).parent / "heliobench", "record", path, "--run", "YX-1", "--spool", spool, "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as recorder:
        assert recorder.stdout is not None
        try:
            yield recorder.stdout
        finally:
            recorder.send_signal(signal.SIGINT)
            recorder.stdout.read()
    assert recorder.returncode == 0
