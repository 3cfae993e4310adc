"""`heliobench probe` reads simulated instruments on real pseudo-terminals, and says what to check when it cannot."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from instruments.driver import Simulator, driver_named, drivers
from instruments.link import SerialLink
from instruments.simulation.pty import PtyServer
from lims.commands import probe

Run = Callable[..., tuple[int, str, str]]


class _Deaf(Simulator):
    """A port on which nobody answers: no power, wrong address, A and B swapped."""

    def answer(self, received: bytes) -> tuple[bytes, bytes]:
        return b"", b""


class _Babbling(Simulator):
    """Answers with noise."""

    def answer(self, received: bytes) -> tuple[bytes, bytes]:
        return b"\x55" * 40, b""


def simulators() -> dict[str, list[Simulator]]:
    """Every driver's own simulator, feeling 20 of whatever it measures, and two that fail."""
    made = {}
    for name, kind in drivers().items():
        device = kind(address=kind.addresses[:2][-1])
        made[name] = [kind.simulator(driver=device, feel=lambda channel: 20.0)]
    flow = driver_named("siemens_mag6000")(address=1)
    made["deaf"] = [_Deaf(driver=flow, feel=lambda channel: None)]
    made["babbling"] = [_Babbling(driver=flow, feel=lambda channel: None)]
    return made


@pytest.fixture(scope="module")
def ports() -> Iterator[dict[str, str]]:
    """The pseudo-terminals of all simulators by name."""
    with PtyServer(simulators()) as server:
        yield server.ports


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A simulated instrument answers in milliseconds; silence need not be waited for as long as in the hall."""
    monkeypatch.setattr(probe, "DEADLINE", 0.2)


@pytest.mark.parametrize("name", drivers())
def test_every_driver_can_be_probed(heliobench: Run, ports: dict[str, str], name: str) -> None:
    kind = driver_named(name)
    address = kind.addresses[:2][-1]
    code, out, err = heliobench("probe", ports[name], "--driver", name, "--address", address, "--json")
    assert (code, err) == (0, "")
    (line,) = map(json.loads, out.splitlines())
    for reading in line["readings"]:
        assert kind(address=address).channels[reading["channel"]] == reading["unit"]
    assert any(abs(reading["value"] - 20.0) < 0.1 for reading in line["readings"])
    assert line["failure"] is None
    assert any(bytes.fromhex(exchange["rx"]) for exchange in line["exchanges"])  # an order may have no answer


def test_a_person_sees_the_bytes_and_the_reading(heliobench: Run, ports: dict[str, str]) -> None:
    code, out, err = heliobench("probe", ports["siemens_mag6000"], "--driver", "siemens_mag6000", "--address", 2)
    assert (code, err) == (0, "")
    assert "  → 02 03" in out
    assert "  ← 02 03" in out
    assert "volume_flow" in out
    assert "m3/s" in out


def test_it_reads_as_often_as_it_is_told(heliobench: Run, ports: dict[str, str]) -> None:
    arguments = ("--driver", "siemens_mag6000", "--address", 2, "--count", 3, "--period", 0, "--json")
    code, out, _ = heliobench("probe", ports["siemens_mag6000"], *arguments)
    assert code == 0
    assert len(out.splitlines()) == 3


def test_silence_says_what_to_check_and_exits_1(heliobench: Run, ports: dict[str, str]) -> None:
    code, out, err = heliobench("probe", ports["deaf"], "--driver", "siemens_mag6000", "--address", 1)
    assert code == 1
    assert "→ 01 03" in out
    assert err.count("\n") == 1
    for word in ("siemens_mag6000", "address 1", ports["deaf"], "power", "A and B lines", "baud rate", "parity"):
        assert word in err


def test_silence_is_also_told_to_a_program(heliobench: Run, ports: dict[str, str]) -> None:
    code, out, _ = heliobench("probe", ports["deaf"], "--driver", "siemens_mag6000", "--address", 1, "--json")
    line = json.loads(out)
    assert code == 1
    assert line["readings"] == []
    assert line["failure"]["code"] == "no-reply"
    assert line["exchanges"][0]["rx"] == ""


def test_noise_is_shown_and_exits_1(heliobench: Run, ports: dict[str, str]) -> None:
    code, out, err = heliobench("probe", ports["babbling"], "--driver", "siemens_mag6000", "--address", 1)
    assert code == 1
    assert "55 55" in out
    assert err.count("\n") == 1


def test_an_unknown_driver_lists_the_known_ones(heliobench: Run, ports: dict[str, str]) -> None:
    code, out, err = heliobench("probe", ports["deaf"], "--driver", "kipp")
    assert (code, out, err.count("\n")) == (2, "", 1)
    for name in drivers():
        assert name in err


def test_a_port_that_does_not_exist_is_one_sentence(heliobench: Run, tmp_path: Path) -> None:
    code, out, err = heliobench("probe", tmp_path / "ttyUSB9", "--driver", "siemens_mag6000")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "ttyUSB9 does not exist" in err


def test_a_file_that_is_no_port_is_one_sentence(heliobench: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    code, _, err = heliobench("probe", tmp_path / "notes.txt", "--driver", "siemens_mag6000")
    assert (code, err.count("\n")) == (2, 1)
    assert "not a serial port" in err


def test_a_port_in_use_is_one_sentence(heliobench: Run, ports: dict[str, str]) -> None:
    with SerialLink(ports["deaf"], line=driver_named("siemens_mag6000").line):
        code, out, err = heliobench("probe", ports["deaf"], "--driver", "siemens_mag6000")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "in use" in err


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--address", "300"), "address 300"),
        (("--set", "baud"), "write it as KEY=VALUE"),
        (("--set", "colour=red"), "no setting 'colour'"),
        (("--set", "parity=Q"), "parity = 'Q'"),
    ],
)
def test_a_wrong_setting_is_one_sentence(
    heliobench: Run, ports: dict[str, str], arguments: tuple[str, ...], complaint: str
) -> None:
    code, out, err = heliobench("probe", ports["deaf"], "--driver", "siemens_mag6000", *arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert complaint in err


def test_a_setting_reaches_the_line(heliobench: Run, ports: dict[str, str]) -> None:
    _, _, err = heliobench("probe", ports["deaf"], "--driver", "siemens_mag6000", "--set", "baud=38400")
    assert "38400" in err
