"""`heliobench record` records nothing of a device that is not the one the bench states."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from instruments.driver import driver_named
from instruments.simulation.pty import PtyServer

Run = Callable[..., Any]


def test_another_serial_number_than_the_bench_states_refuses_to_record(heliobench: Run, tmp_path: Path) -> None:
    driver = driver_named("hukseflux_sr")(address=1, settings={"slowest": 0.1})
    with PtyServer({"p": [driver.simulator(driver=driver, feel=lambda _: 12.0)]}) as server:
        path = tmp_path / "bench.toml"
        path.write_text(
            'name = "b"\nperiod = 0.1\n[[instrument]]\nname = "global"\ndriver = "hukseflux_sr"\naddress = 1\n'
            f'port = "{server.ports["p"]}"\nequipment = "E"\nchannels = {{ G = "irradiance" }}\ndeadline = 0.2\n'
            'settings = { slowest = 0.1 }\nserial_number = "not this one"\n',
            encoding="utf-8",
        )
        ran = heliobench("record", path, "--run", "YX-1", "--spool", tmp_path / "spool", "--scans", 1)
    assert (ran.code, ran.out) == (2, "")
    assert "the bench states serial number not this one" in ran.err
    assert not list((tmp_path / "spool" / "YX-1").glob("segment-*"))
