"""What the tests of the instruments share: a plant that is easy to recognise and the demonstration bench on ptys."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from instruments.bench import Bench, read_bench
from instruments.clock import ReplayClock
from instruments.driver import Driver, Simulator
from instruments.simulation.bench import simulated
from instruments.simulation.plant import RecordPlant
from instruments.simulation.pty import PtyServer
from instruments.simulation.sensor import Sensor

BEGIN = 1499061600.0  # 2017-07-03T06:00:00Z
DEMO = Path(__file__).parents[2] / "config" / "benches" / "graz-demo.toml"


@pytest.fixture
def demo() -> Bench:
    """The demonstration bench as it stands in its file."""
    return read_bench(DEMO)


def record(rows: int) -> RecordPlant:
    """A record whose every value tells its row."""
    row = np.arange(rows, dtype=np.float64)
    return RecordPlant(
        time=BEGIN + 60.0 * row,
        columns={
            "G": 800.0 + row / 10,
            "Gd": 100.0 + row / 10,
            "DNI": -5.0 + row / 10,
            "t_in": 50.0 + row / 100,
            "t_out": 70.0 + row / 100,
            "t_amb": -9.0 + row / 100,
            "V_dot": 0.0025 + row * 2.0**-20,
            "u": 1.0 + row / 10,
        },
    )


@pytest.fixture
def on_ptys(demo: Bench) -> Iterator[Callable[..., tuple[Bench, ReplayClock]]]:
    """Puts the demonstration bench on ptys: on_ptys(rows=…, scans=…, errors=…) → (bench, its clock)."""
    with ExitStack() as stack:

        def put(*, rows: int, scans: int = 0, errors: dict[str, Sensor] | None = None) -> tuple[Bench, ReplayClock]:
            clock = ReplayClock([BEGIN + 30.0 + 60.0 * row for row in range(scans or rows)])
            bench = stack.enter_context(simulated(demo, plant=record(rows), clock=clock, errors=errors))
            return bench, clock

        yield put


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """Puts one simulator on a pty of its own and returns the port."""
    with ExitStack() as stack:

        def put(*simulators: Simulator) -> str:
            return stack.enter_context(PtyServer({"port": simulators})).ports["port"]

        yield put


@pytest.fixture
def make() -> Callable[..., tuple[Driver, Simulator]]:
    """A driver and its simulator that feels the same value on every channel."""

    def both(
        kind: type[Driver], *, value: float | Callable[[], float], **settings: float | str
    ) -> tuple[Driver, Simulator]:
        driver = kind(address=1, settings=settings)
        return driver, kind.simulator(driver=driver, feel=lambda _: value() if callable(value) else value)

    return both
