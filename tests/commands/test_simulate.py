"""`heliobench simulate`: the instruments of a bench behind stable names, read as a person would read them."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from instruments.acquisition import Recorder, Scan
from instruments.bench import read_bench
from lims.commands import simulate
from lims.settings import ROOT

Run = Callable[..., Any]
BENCH = ROOT / "config" / "benches" / "graz-demo.toml"
NOON = "2026-06-21T12:00+08:00"
PLACE = "[site]\nlatitude = 30\nlongitude = 120\ntilt = 30\n"
MAIN = "from lims.cli import main; main()"


@contextmanager
def simulating(*arguments: object) -> Iterator["subprocess.Popen[str]"]:
    """The command in a process of its own, once it says that it is ready."""
    program = [sys.executable, "-c", MAIN, "simulate", *map(str, arguments)]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        said: list[str] = []
        try:
            for line in process.stdout:
                said.append(line)
                if line.startswith("ready"):
                    yield process
                    break
            else:
                pytest.fail("".join(said))
        finally:
            process.kill()


def test_a_person_checks_and_records_a_simulated_bench_and_ends_it(heliobench: Run, tmp_path: Path) -> None:
    links = tmp_path / "ports"
    file = links / BENCH.name
    with simulating(BENCH, "--link-dir", links, "--start", NOON, "--period", 0.1) as process:
        assert read_bench(file).period == 0.1
        checked = heliobench("bench", "check", file)
        recorded = heliobench("record", file, "--run", "T-1", "--spool", tmp_path, "--scans", 3, "--seal", "--json")
        process.terminate()
        assert process.wait(10) == 0
    assert (checked.code, checked.err) == (0, "")
    assert (recorded.code, recorded.err) == (0, "")
    for scan in map(json.loads, recorded.out.splitlines()):
        assert 900.0 < scan["G"] < 1000.0
        assert scan["Gd"] < scan["G"] < scan["Gd"] + scan["DNI"]
        assert scan["t_in"] == pytest.approx(20.0, abs=0.05)
        assert scan["t_in"] < scan["t_out"] < 30.0  # it was not in the sun long enough to come to rest
        assert scan["V_dot"] == pytest.approx(0.02 * 1.757 * 1.151 / 998.2, rel=0.01)
    assert list(links.iterdir()) == []


@pytest.fixture
def scanned(heliobench: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., tuple[Any, list[Scan]]]:
    """`scanned(count, *options)`: the command in this process, scanned so often through its links, and Ctrl-C."""
    monkeypatch.setattr(simulate, "_TEND", 0.01)

    def run(count: int, *options: object) -> tuple[Any, list[Scan]]:
        scans: list[Scan] = []
        ready, links = Event(), tmp_path / "ports"
        run_bench = simulate._run

        def tell(*arguments: Any) -> None:
            ready.set()
            run_bench(*arguments)

        def scan() -> None:
            assert ready.wait(10)
            try:
                with Recorder(read_bench(links / BENCH.name)) as recorder:
                    scans.extend(recorder.scan(seq=seq, at=float(seq)) for seq in range(1, count + 1))
            finally:
                os.kill(os.getpid(), signal.SIGINT)

        monkeypatch.setattr(simulate, "_run", tell)
        technician = Thread(target=scan)
        technician.start()
        ended = heliobench("simulate", BENCH, "--link-dir", links, *options)
        technician.join()
        assert ended.code == 0, ended.err
        assert list(links.iterdir()) == []
        return ended, scans

    return run


def test_a_record_of_a_file_is_replayed_from_its_first_row(scanned: Run, tmp_path: Path) -> None:
    record = tmp_path / "record.csv"
    record.write_text(
        "time_utc,G [kW/m2],t_in [degC]\n2026-06-01T10:00:00Z,0.5,40\n2026-06-01T10:01:00Z,0.9,41\n", encoding="utf-8"
    )
    ended, (scan,) = scanned(1, "--record", record)
    assert scan.values == {"G": 500.0, "t_in": 40.0}
    assert {name for name, _ in scan.faults} == {
        "pyranometer-diffuse", "pyrheliometer", "pt100-scanner", "flow-meter", "weather",
    }  # fmt: skip
    assert "has no value for Gd, DNI, t_out, t_amb, V_dot, u" in ended.out
    assert "2026-06-01T10:00:00Z – 2026-06-01T10:01:00Z" in ended.out


def test_the_demonstration_s_record_is_replayed_with_its_instruments_errors(scanned: Run) -> None:
    ended, (scan,) = scanned(1, "--demonstration", "--speed", 0.001)
    assert set(scan.values) == {"G", "Gd", "DNI", "t_in", "t_out", "t_amb", "V_dot", "u"}
    assert scan.faults == ()
    assert "2017-07-02T06:00:30Z" in ended.out


def test_what_goes_wrong_is_told_and_seen_in_the_scans(scanned: Run, tmp_path: Path) -> None:
    faults = tmp_path / "faults.toml"
    faults.write_text('[[fault]]\ninstrument = "weather"\nkind = "silence"\n', encoding="utf-8")
    options = ("--start", NOON, "--fault", "flow-meter:garbage", "--faults", faults, "--pace")
    ended, (scan,) = scanned(1, *options)
    assert {"G", "Gd", "DNI", "t_in", "t_out", "t_amb"} == set(scan.values)
    assert {name: fault.kind for name, fault in scan.faults}.keys() == {"flow-meter", "weather"}
    assert "flow-meter: damaged answers, begins" in ended.out
    assert "weather: no answer, begins" in ended.out


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--fault", "flow-meter"), "write it as INSTRUMENT:KIND@BEGIN+SECONDS"),
        (("--fault", "flowmeter:silence"), "there is no instrument 'flowmeter'; there are pyranometer-global"),
        (("--fault", "weather:rain"), "no kind of fault 'rain'; there are silence, late"),
        (("--fault", "weather:silence=3"), "a delay belongs to late, not to silence"),
        (("--start", "2026-06-21T12:00"), "write it with its offset"),
        (("--start", "noon"), "write it with its offset"),
        (("--start", "1066-10-14T12:00Z"), "between 1980 and 2100"),
        (("--inlet", "warm"), "write degC:minutes"),
        (("--inlet", "20:0"), "write degC:minutes"),
        (("--inlet", "20,150"), "water is known from 0 to 110 degC, not at 150 degC"),
        (("--period", "2"), "--period is that of the bench file in --link-dir"),
        (("--inlet", "nan"), "write degC:minutes"),
        (("--demonstration", "--sky", "clear"), "give only one of --record and --demonstration"),
        (("--record", "nowhere.csv"), "nowhere.csv"),
        (("--plant", "nowhere.toml"), "nowhere.toml cannot be read"),
        (("--faults", "nowhere.toml"), "nowhere.toml cannot be read"),
        (("--collector", "nowhere.toml"), "nowhere.toml cannot be used"),
        (("--speed", "0"), "--speed"),
    ],
)
def test_bad_input_is_one_sentence(heliobench: Run, options: tuple[str, ...], sentence: str) -> None:
    ran = heliobench("simulate", BENCH, *options)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert sentence in ran.err


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[site]\nlatitude = 91\n", "line 3: latitude = 91 is outside -90 to 90"),
        ("[site]\nlatitude = 30\n", "line 2: longitude is missing"),
        ("[site]\nlatitude = 30\nlongitude = 120\ntilt = 30\ntitl = 1\n", "line 6: unknown key 'titl'"),
        (f"[loop]\nfluid = 'oil'\n{PLACE}", "line 3: fluid = 'oil' is not known; write water"),
        (f"[[sensor]]\nsymbol = 'G'\nnoise = -1\n{PLACE}", "line 4: noise = -1 is outside"),
        (f"x = 1\n{PLACE}", "line 2: unknown key 'x'"),
    ],
)  # fmt: skip
def test_a_wrong_plant_is_told_with_its_line(heliobench: Run, tmp_path: Path, text: str, sentence: str) -> None:
    collector = ROOT / "config" / "collectors" / "km3663_chappee_sol_200_lh.toml"
    (tmp_path / "plant.toml").write_text(f'collector = "{collector}"\n{text}', encoding="utf-8")
    ran = heliobench("simulate", BENCH, "--plant", tmp_path / "plant.toml")
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert sentence in ran.err


def test_a_bench_file_of_somebody_else_is_not_replaced(heliobench: Run, tmp_path: Path) -> None:
    (tmp_path / BENCH.name).write_text("mine", encoding="utf-8")
    ran = heliobench("simulate", BENCH, "--link-dir", tmp_path)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "is not replaced: choose another --link-dir" in ran.err
    assert (tmp_path / BENCH.name).read_text(encoding="utf-8") == "mine"
    assert [path.name for path in tmp_path.iterdir()] == [BENCH.name]
