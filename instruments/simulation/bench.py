"""A whole bench of simulated instruments on pseudo-terminals, all feeling one plant."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from instruments.bench import Bench, Instrument
from instruments.clock import Clock
from instruments.driver import Simulator
from instruments.simulation.plant import Correction, RecordPlant, feeling
from instruments.simulation.pty import PtyServer


@contextmanager
def simulated(
    bench: Bench, *, plant: RecordPlant, clock: Clock, errors: Mapping[str, Correction] | None = None
) -> Iterator[Bench]:
    """The bench with its ports replaced by pseudo-terminals on which its instruments answer.

    `errors` {symbol: calibration}: each instrument errs by the inverse of its calibration, so that correcting its
    readings gives back the plant.
    """

    def simulator(one: Instrument) -> Simulator:
        feel = feeling(plant=plant, clock=clock, symbols=one.symbols, errors=errors or {})
        return one.device.simulator(driver=one.device, feel=feel)

    buses = {port: [simulator(one) for one in on_port] for port, on_port in bench.ports.items()}
    with PtyServer(buses) as server:
        yield bench.with_ports(server.ports)
