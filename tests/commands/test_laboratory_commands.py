"""db, user, audit, record, verify, reproduce and demo: exit codes, and one sentence for every bad input."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from instruments.bench import Bench, read_bench
from instruments.clock import SystemClock
from instruments.segment import read_segment
from instruments.simulation.bench import simulated
from instruments.simulation.plant import RecordPlant
from lims.app import create_app
from lims.audit import Event
from lims.certificates import operations, queries
from lims.demonstration import bench as demonstration
from lims.demonstration import journey
from lims.laboratory import Laboratory
from lims.runs import operations as runs
from lims.settings import ROOT
from tests.conftest import skip_loudly

Run = Callable[..., Any]
BENCH = ROOT / "config" / "benches" / "graz-demo.toml"


@pytest.fixture(scope="module")
def shared(templates: Callable[[str, str], Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    """An issued report on SQLite, only read here."""
    with templates("sqlite", "issued").copied(tmp_path_factory.mktemp("shared") / "instance") as made:
        yield made


@pytest.fixture
def site(shared: Laboratory, monkeypatch: pytest.MonkeyPatch) -> Laboratory:
    """The laboratory with an issued report as the command line's own."""
    monkeypatch.setenv("HELIOBENCH_INSTANCE", shared.settings.instance)
    monkeypatch.delenv("HELIOBENCH_DATABASE_URL", raising=False)
    return shared


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An instance folder that does not exist yet."""
    monkeypatch.setenv("HELIOBENCH_INSTANCE", str(tmp_path / "new"))
    monkeypatch.delenv("HELIOBENCH_DATABASE_URL", raising=False)
    return tmp_path / "new"


@pytest.fixture
def files(site: Laboratory, tmp_path: Path, number: Callable[[str], str]) -> tuple[Path, Path]:
    """The issued report and its bundle."""
    with site.database.read() as session:
        report = queries.by_number(session, number("BG"), journey.actor(site, "office"))
    pdf, bundle = tmp_path / "report.pdf", tmp_path / "bundle.zip"
    pdf.write_bytes(operations.pdf_of(site, report))
    bundle.write_bytes(operations.bundle_of(site, report))
    return pdf, bundle


def one_sentence(ran: Any, said: str, code: int = 2) -> None:
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err
    assert ran.err.count("\n") == 1


# --- db -------------------------------------------------------------------------------------------------------


def test_a_new_database_is_made_told_and_emptied_again(heliobench: Run, empty: Path) -> None:
    assert heliobench("db", "status").code == 1
    assert heliobench("db", "upgrade").code == 0
    assert heliobench("db", "status").code == 0
    one_sentence(heliobench("db", "downgrade", "base"), "back up, then repeat with --yes")
    assert heliobench("db", "downgrade", "base", "--yes").code == 0
    assert heliobench("db", "status").code == 1


@pytest.mark.usefixtures("empty")
def test_a_revision_there_is_not_is_one_sentence(heliobench: Run) -> None:
    one_sentence(heliobench("db", "upgrade", "nonsense"), "no revision 'nonsense'")


@pytest.mark.usefixtures("empty")
@pytest.mark.parametrize(
    "url", ["postgresql://nobody@127.0.0.1:1/none", "oracle://x/y", "not a url", "sqlite:////nowhere/at/all.sqlite"]
)
@pytest.mark.parametrize("arguments", [("db", "status"), ("db", "upgrade"), ("user", "list"), ("audit", "verify")])
def test_a_database_that_cannot_be_reached_is_one_sentence(
    heliobench: Run, monkeypatch: pytest.MonkeyPatch, url: str, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setenv("HELIOBENCH_DATABASE_URL", url)
    one_sentence(heliobench(*arguments), "database")


@pytest.mark.parametrize(
    "arguments", [("user", "list"), ("audit", "verify"), ("verify", "{pdf}"), ("serve",), ("demo", "--once")]
)
def test_a_database_of_another_shape_is_refused_with_what_to_do(
    heliobench: Run, empty: Path, files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setenv("HELIOBENCH_INSTANCE", str(empty))
    empty.mkdir()
    (empty / "demonstration-done").touch()
    ran = heliobench(*(one.format(pdf=files[0]) for one in arguments))
    one_sentence(ran, "run 'heliobench db upgrade'")


# --- user -----------------------------------------------------------------------------------------------------


@pytest.fixture
def own(templates: Callable[[str, str], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Laboratory]:
    """A laboratory of the test's own, to be changed by the command line."""
    with templates("sqlite", "people").copied(tmp_path / "own") as made:
        monkeypatch.setenv("HELIOBENCH_INSTANCE", made.settings.instance)
        yield made


ADD = ("user", "add", "new", "--name", "新", "--name-en", "New")


def test_people_are_added_listed_and_given_passwords(heliobench: Run, own: Laboratory) -> None:
    assert heliobench(*ADD, "--role", "office", "--password", "long enough").code == 0
    rows = json.loads(heliobench("user", "list", "--json").out)
    assert next(row for row in rows if row["username"] == "new")["roles"] == ["office"]
    assert "new " in heliobench("user", "list").out
    assert heliobench("user", "password", "new", "--password", "even longer").code == 0
    with own.database.read() as session:
        events = session.scalars(sa.select(Event.action).where(Event.subject == "new").order_by(Event.position)).all()
    assert list(events) == ["add", "set_password"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((*ADD, "--role", "office", "--password", "short"), "at least 10 characters"),
        ((*ADD, "--role", "emperor", "--password", "long enough"), "--role"),
        ((*ADD, "--role", "company", "--password", "long enough"), "belongs to a company"),
        ((*ADD, "--role", "company", "--company", "C-9", "--password", "long enough"), "no company 'C-9'"),
        ((*ADD, "--role", "office", "--role", "administrator", "--password", "long enough"), "stands alone"),
        (
            ("user", "add", "technician", "--name", "新", "--name-en", "N", "--role", "office", "--password", "x" * 10),
            "is taken",
        ),
        (("user", "password", "nobody", "--password", "long enough"), "no user 'nobody'"),
    ],
)
@pytest.mark.usefixtures("own")
def test_a_person_who_cannot_be_is_one_sentence(heliobench: Run, arguments: tuple[str, ...], said: str) -> None:
    one_sentence(heliobench(*arguments), said)


# --- audit ----------------------------------------------------------------------------------------------------


def test_the_trail_verifies_and_a_changed_event_exits_1(
    heliobench: Run, own: Laboratory, disarmed: Callable[..., None]
) -> None:
    ran = heliobench("audit", "verify", "--json")
    assert (ran.code, json.loads(ran.out)["valid"]) == (0, True)
    with own.database.write() as session:
        disarmed(session, "event")
        session.execute(sa.text("update event set reason = 'x' where position = 5"))
    ran = heliobench("audit", "verify")
    assert ran.code == 1
    assert ran.out.startswith("Event 5 was changed.")
    assert json.loads(heliobench("audit", "verify", "--json").out)["wrong_at"] == 5


# --- verify and reproduce -------------------------------------------------------------------------------------


def test_verify_tells_an_issued_report_from_a_changed_one(
    heliobench: Run, files: tuple[Path, Path], site: Laboratory, tmp_path: Path
) -> None:
    pdf, root = files[0], tmp_path / "root.pem"
    root.write_bytes(operations.authority_of(site).root_pem)
    assert heliobench("verify", pdf).code == 0
    assert json.loads(heliobench("verify", pdf, "--trust", root, "--json").out)["valid"] is True
    data = bytearray(pdf.read_bytes())
    data[len(data) // 2] ^= 1
    pdf.write_bytes(data)
    ran = heliobench("verify", pdf)
    assert (ran.code, ran.err) == (1, "")
    assert ran.out.count("\n") == 1
    assert heliobench("verify", pdf, "--trust", root).code == 1


@pytest.mark.usefixtures("site")
def test_verify_says_of_another_pdf_that_it_is_not_ours(heliobench: Run, tmp_path: Path) -> None:
    other = tmp_path / "other.pdf"
    other.write_bytes(b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")
    ran = heliobench("verify", other)
    assert (ran.code, ran.out.count("\n"), ran.err) == (2, 1, "")


@pytest.mark.usefixtures("site")
def test_a_file_that_cannot_be_read_is_one_sentence(heliobench: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    for arguments in (("verify", "/nowhere.pdf"), ("verify", tmp_path), ("reproduce", "/nowhere.zip")):
        one_sentence(heliobench(*arguments), "cannot be read")
    for command, file in (("verify", files[0]), ("reproduce", files[1])):
        one_sentence(heliobench(command, file, "--trust", "/nowhere.pem"), "cannot be read")
        one_sentence(heliobench(command, file, "--trust", files[0]), "is no root certificate")


def test_reproduce_computes_every_digit_again(heliobench: Run, files: tuple[Path, Path]) -> None:
    ran = heliobench("reproduce", files[1], "--json")
    assert ran.code == 0
    told = json.loads(ran.out)
    assert told["reproduced"] is True
    assert told["differences"] == []


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-50], lambda data: b"", lambda data: b"hello", lambda data: data[:5000]]
)
def test_a_damaged_bundle_is_one_sentence(
    heliobench: Run, files: tuple[Path, Path], damage: Callable[[bytes], bytes]
) -> None:
    files[1].write_bytes(damage(files[1].read_bytes()))
    one_sentence(heliobench("reproduce", files[1]), "undle")


# --- demo -----------------------------------------------------------------------------------------------------


def test_the_demo_done_once_only_tells_the_log_ins_again(heliobench: Run, site: Laboratory) -> None:
    marker = Path(site.settings.instance) / "demonstration-done"
    marker.touch()
    ran = heliobench("demo", "--once")
    assert ran.code == 0
    assert "technician" in ran.out
    marker.unlink()


# --- record ---------------------------------------------------------------------------------------------------


@pytest.fixture
def wired(tmp_path: Path) -> Iterator[Path]:
    """A bench file whose ports are pseudo-terminals with simulated instruments, scanned ten times a second."""
    told = tomllib.loads(BENCH.read_text(encoding="utf-8"))
    plant = RecordPlant(
        time=np.array([0.0]),
        columns={symbol: np.array([20.0]) for one in told["instrument"] for symbol in one["channels"]},
        hold=1e12,
    )
    with simulated(read_bench(BENCH), plant=plant, clock=SystemClock()) as bench:
        yield _bench_file(tmp_path / "bench.toml", bench)


def _bench_file(path: Path, bench: Bench) -> Path:
    text = BENCH.read_text(encoding="utf-8").replace("period = 60.0", "period = 0.1")
    for before, after in zip(read_bench(BENCH).ports, bench.ports, strict=True):
        text = text.replace(f'"{before}"', f'"{after}"')
    path.write_text(text, encoding="utf-8")
    return path


def _spooled(folder: Path) -> list[Any]:
    found, head = [], None
    for path in sorted(folder.glob("segment-*.jsonl")):
        found.append(read_segment(path.read_bytes(), previous=head))
        head = found[-1].head_hash
    return found


def test_record_writes_a_sealed_spool_of_so_many_scans(heliobench: Run, wired: Path, tmp_path: Path) -> None:
    ran = heliobench("record", wired, "--run", "YX-1", "--spool", tmp_path / "spool", "--scans", 3, "--seal", "--json")
    assert ran.code == 0, ran.err
    assert [json.loads(line)["seq"] for line in ran.out.splitlines()] == [1, 2, 3]
    (segment,) = _spooled(tmp_path / "spool" / "YX-1")
    assert (len(segment.scans), segment.final, segment.run) == (3, True, "YX-1")
    assert {one["symbol"] for one in segment.scans[0]["readings"]} == {
        "G",
        "Gd",
        "DNI",
        "t_in",
        "t_out",
        "t_amb",
        "V_dot",
        "u",
    }
    again = heliobench("record", wired, "--run", "YX-1", "--spool", tmp_path / "spool", "--scans", 3)
    one_sentence(again, "is sealed")


def test_a_recording_killed_in_the_middle_is_continued_without_a_lost_scan(
    heliobench: Run, wired: Path, tmp_path: Path
) -> None:
    command = [Path(sys.executable).parent / "heliobench", "record", wired, "--run", "YX-1", "--spool", tmp_path / "s"]
    recorder = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert recorder.stdout is not None
    told = [recorder.stdout.readline() for _ in range(3)]
    recorder.send_signal(signal.SIGKILL)
    recorder.wait()
    told += recorder.stdout.read().splitlines(keepends=True)
    recorder.stdout.close()
    acknowledged = int(told[-1].split()[0]) if told[-1].endswith("\n") else int(told[-2].split()[0])
    ran = heliobench(*command[1:], "--scans", 3, "--seal")
    assert ran.code == 0, ran.err
    scans = [scan["seq"] for segment in _spooled(tmp_path / "s" / "YX-1") for scan in segment.scans]
    assert scans == list(range(1, len(scans) + 1))
    assert len(scans) >= acknowledged + 3


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 48 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=48k", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        skip_loudly("no permission to mount a small file system (root has it)")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_stops_the_recording_with_an_alarm_and_with_room_the_same_spool_goes_on(
    heliobench: Run, wired: Path, small_disk: Path
) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(20_000))
    command = ("record", wired, "--run", "YX-1", "--spool", small_disk, "--json")
    full = heliobench(*command, "--scans", 1000)
    one_sentence(full._replace(out=""), "the disk is full. Everything acknowledged is safe; free space and")
    told = [json.loads(line)["seq"] for line in full.out.splitlines()]
    assert told == list(range(1, len(told) + 1))
    assert len(told) > 3
    one_sentence(heliobench(*command, "--scans", 1000), "the disk is full")
    ballast.unlink()
    again = heliobench(*command, "--scans", 2, "--seal")
    assert again.code == 0, again.err
    assert [json.loads(line)["seq"] for line in again.out.splitlines()] == [len(told) + 1, len(told) + 2]
    kept = _spooled(small_disk / "YX-1")
    assert [scan["seq"] for segment in kept for scan in segment.scans] == list(range(1, len(told) + 3))
    assert kept[-1].final
    assert not any(segment.torn for segment in kept)


def test_record_hands_the_spool_to_the_laboratory_and_may_do_so_again(
    heliobench: Run, wired: Path, tmp_path: Path, own: Laboratory
) -> None:
    """The LIMS was away when the recording ended: the same command sends what is sealed, and scans nothing more."""
    planned = journey.receive(own, journey.order(own))
    with own.work(journey.actor(own, "technician")) as work:
        run, token = runs.prepare(work, planned.job)
    secret = tmp_path / "token"
    secret.write_text(token + "\n")
    command = ("record", wired, "--run", run.number, "--spool", tmp_path / "spool", "--scans", 2, "--seal")
    assert heliobench(*command).code == 0
    with demonstration.served(create_app(own)) as address:
        ran = heliobench(*command, "--server", address, "--token-file", secret)
        assert ran.code == 0, ran.err
        assert "[1]" in ran.err
        ran = heliobench(*command, "--server", address, "--token-file", secret)
        assert ran.code == 0, ran.err
    with own.database.read() as session:
        row = runs.queries.by_number(session, run.number)
        assert (row.state, row.scans) == ("sealed", 2)


def test_record_refuses_what_cannot_be_in_one_sentence_before_it_begins(
    heliobench: Run, wired: Path, tmp_path: Path
) -> None:
    spool = tmp_path / "spool"
    usual = ("--run", "YX-1", "--spool", spool, "--scans", 1)
    one_sentence(heliobench("record", "/nowhere.toml", *usual), "cannot be read")
    one_sentence(heliobench("record", BENCH, *usual), "sim:")
    one_sentence(heliobench("record", wired, *usual, "--server", "http://127.0.0.1:1"), "--token-file")
    one_sentence(
        heliobench("record", wired, *usual, "--server", "http://x", "--token-file", "/nowhere"), "cannot be read"
    )
    assert not list(spool.rglob("segment-*"))
    (tmp_path / "file").write_text("")
    one_sentence(heliobench("record", wired, "--run", "YX-1", "--spool", tmp_path / "file", "--scans", 1), "spool")
    one_sentence(heliobench("record", wired, "--run", "../x", "--spool", spool, "--scans", 1), "run")


def test_a_port_in_use_is_one_sentence(heliobench: Run, wired: Path, tmp_path: Path) -> None:
    with ExitStack() as stack:
        from instruments.acquisition import Recorder

        stack.enter_context(Recorder(read_bench(wired)))
        ran = heliobench("record", wired, "--run", "YX-1", "--spool", tmp_path / "spool", "--scans", 1)
    one_sentence(ran, "in use")


def test_a_spool_in_use_is_one_sentence(heliobench: Run, wired: Path, tmp_path: Path) -> None:
    from instruments.spool import Spool

    with Spool(tmp_path / "spool" / "YX-1", run="YX-1", bench=read_bench(wired)):
        ran = heliobench("record", wired, "--run", "YX-1", "--spool", tmp_path / "spool", "--scans", 1)
    one_sentence(ran, "being written by another program")
