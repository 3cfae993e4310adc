"""Our master against another program's slave, and other programs' masters against our simulators, over real ptys."""

import asyncio
import logging
import math
import os
import pty
import select
import time
import tty
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import minimalmodbus
import pytest
from pymodbus.client import ModbusSerialClient
from pymodbus.server import ModbusSerialServer
from pymodbus.simulator import DataType, SimData, SimDevice

from instruments.driver import Line, driver_named
from instruments.errors import BadReply, NoReply
from instruments.link import SerialLink
from instruments.simulation.pty import PtyServer

MAPS = Path(__file__).parents[2] / "config" / "maps"
NUMBERS = {
    "s16": (DataType.INT16, -12345),
    "u16": (DataType.UINT16, 54321),
    "s32": (DataType.INT32, -1234567890),
    "u32": (DataType.UINT32, 4123456789),
    "s64": (DataType.INT64, -(2**53) + 1),
    "u64": (DataType.UINT64, 2**53 - 1),
    "f32": (DataType.FLOAT32, -0.15625),
    "f64": (DataType.FLOAT64, 1234.0625),
}
LOW_FIRST = ModbusSerialClient.convert_to_registers(-97.5, ModbusSerialClient.DATATYPE.FLOAT32, word_order="little")
SLAVE = SimDevice(
    7,
    [
        *(SimData(100 + 4 * n, values=value, datatype=kind) for n, (kind, value) in enumerate(NUMBERS.values())),
        SimData(200, values=LOW_FIRST, datatype=DataType.REGISTERS),
    ],
)
HEAD = 'title = "pymodbus"\nsource = "its documentation"\nfunction = {function}\nbase = 0\n'


@pytest.fixture(autouse=True)
def _quiet():
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL)


@contextmanager
def wire():
    """Two ports whose bytes go from one to the other."""
    pairs = [pty.openpty() for _ in range(2)]
    for _, slave in pairs:
        tty.setraw(slave)
    (left, left_end), (right, right_end) = pairs
    stop_read, stop_write = os.pipe()

    def carry():
        while stop_read not in (ready := select.select([left, right, stop_read], [], [])[0]):
            for one in ready:
                os.write(right if one == left else left, os.read(one, 4096))

    thread = Thread(target=carry, daemon=True)
    thread.start()
    try:
        yield os.ttyname(left_end), os.ttyname(right_end)
    finally:
        os.write(stop_write, b"!")
        thread.join()
        for one in (left, left_end, right, right_end, stop_read, stop_write):
            os.close(one)


@contextmanager
def serving(port):
    """pymodbus's own slave on a port, in a loop of its own."""
    up, loop, servers = Event(), asyncio.new_event_loop(), []

    async def serve():
        servers.append(ModbusSerialServer([SLAVE], port=port, baudrate=9600))
        await servers[0].serve_forever(background=True)
        up.set()
        await servers[0].serving

    thread = Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    assert up.wait(5)
    try:
        yield
    finally:
        asyncio.run_coroutine_threadsafe(servers[0].shutdown(), loop).result(5)
        thread.join(5)
        loop.close()


@pytest.fixture(scope="module")
def slave():
    with wire() as (far, near), serving(far):
        yield near


def read(port, text, *, address=7, deadline=1.0):
    driver = driver_named("modbus_map")(address=address, settings={"map": text, "slowest": 0.05})
    with SerialLink(port, line=driver.wire()) as link:
        return {one.channel: one.value for one in driver.read(link, deadline=deadline).readings}


@pytest.mark.parametrize("function", [3, 4])
def test_every_type_is_read_from_another_programs_slave(slave, function):
    channels = "".join(
        f'[[channel]]\nname = "{kind}"\nregister = {100 + 4 * n}\ntype = "{kind}"\nunit = "1"\n'
        for n, kind in enumerate(NUMBERS)
    )
    assert read(slave, HEAD.format(function=function) + channels) == {
        name: value for name, (_, value) in NUMBERS.items()
    }


def test_the_low_word_first_is_read_from_another_programs_slave(slave):
    channel = '[[channel]]\nname = "f"\nregister = 200\ntype = "f32"\nunit = "1"\nword_order = "low-first"\n'
    assert read(slave, HEAD.format(function=3) + channel) == {"f": -97.5}


def test_a_register_that_another_programs_slave_does_not_have_is_refused_by_it(slave):
    channel = '[[channel]]\nname = "f"\nregister = 4000\ntype = "f32"\nunit = "1"\n'
    with pytest.raises(BadReply, match="Modbus exception 2"):
        read(slave, HEAD.format(function=3) + channel)


def simulated(name, value, **settings):
    driver = driver_named(name)(address=5, settings=settings)
    return driver.simulator(driver=driver, feel=lambda channel: value.get(channel, 0.0))


def master(port, baud):
    found = minimalmodbus.Instrument(port, 5)
    found.serial.baudrate = baud
    found.serial.timeout = 1.0
    return found


@pytest.fixture
def ask(serve):
    """minimalmodbus on a pty on which a simulator answers."""
    opened = []

    def put(name, value, **settings):
        opened.append(master(serve(simulated(name, value, **settings)), 19200))
        return opened[-1]

    yield put
    for one in opened:
        one.serial.close()


def test_another_master_reads_the_simulated_hukseflux(ask):
    device = ask("hukseflux_sr", {"irradiance": -3.25, "body_temperature": 21.5})
    assert device.read_long(2, 3, signed=True) / device.read_register(8) == -3.25
    assert device.read_register(6, signed=True) / device.read_register(9) == 21.5


def test_another_master_reads_the_simulated_keller(ask):
    device = ask("keller_33x", {"p1": 2.5, "tob1": -1.5})
    assert (device.read_float(2), device.read_float(8)) == (2.5, -1.5)


def test_another_master_reads_the_simulated_energy_meter_and_its_serial_number(ask):
    device = ask("eastron_sdm", {"voltage": 229.5, "exported_energy": 1234.5})
    assert (device.read_float(0, 4), device.read_float(0x4A, 4)) == (229.5, 1234.5)
    assert device.read_long(0xFC00, 3) == 4711
    device.serial.timeout = 0.05  # it waits for the length of a good answer
    with pytest.raises(minimalmodbus.IllegalRequestError):
        device.read_float(0x100, 4)


@pytest.mark.parametrize(
    ("order", "theirs"),
    [
        ("1-0-3-2", minimalmodbus.BYTEORDER_LITTLE_SWAP),
        ("3-2-1-0", minimalmodbus.BYTEORDER_BIG),
        ("0-1-2-3", minimalmodbus.BYTEORDER_LITTLE),
        ("2-3-0-1", minimalmodbus.BYTEORDER_BIG_SWAP),
    ],
)
def test_another_master_reads_the_simulated_promass_in_each_byte_order(ask, order, theirs):
    device = ask("promass", {"mass_flow": 10.5, "density": 998.25}, byte_order=order)
    assert device.read_float(2006, byteorder=theirs) == 10.5
    assert device.read_float(2012, byteorder=theirs) == 998.25


def test_another_master_reads_the_simulated_promass_through_its_scan_list(ask):
    device = ask("promass", {"volume_flow": 1.25}, scan_list=True)
    assert device.read_registers(5000, 4) == [2007, 2009, 2013, 2017]
    assert device.read_float(5052, byteorder=minimalmodbus.BYTEORDER_LITTLE_SWAP) == 1.25


def test_another_master_reads_the_simulated_flow_converter(ask):
    device = ask("krohne_ifc300", {"volume_flow": 0.0078125, "counter_3": 7.5}, counter_3="m3")
    assert device.read_float(2, 4) == 0.0078125
    assert device.read_registers(28, 4, 4) == [0x401E, 0, 0, 0]


def test_another_master_reads_the_simulated_device_of_a_map(ask):
    text = (MAPS / "temperature_transmitter.toml").read_text("utf-8")
    device = ask("modbus_map", {"temperature_1": -12.3, "temperature_2": math.nan}, map=text)
    assert device.read_register(0, 1, signed=True) == -12.3
    assert device.read_register(1) == 0x7FFF  # what the map calls missing


def test_another_master_reads_a_simulated_device_whose_bytes_take_their_time_on_the_wire():
    slave = simulated("siemens_mag6000", {"volume_flow": 0.25})
    with PtyServer({"p": [slave]}, lines={"p": Line(baud=9600, parity="E")}) as server:
        device = master(server.ports["p"], 9600)
        begun = time.monotonic()
        assert device.read_float(3001) == 0.25
        assert time.monotonic() - begun >= (8 + 9) * 11 / 9600
        device.serial.close()


def test_a_slave_at_another_address_stays_silent_like_on_a_real_bus(serve):
    port = serve(simulated("keller_33x", {}))
    with pytest.raises(NoReply):
        read(port, HEAD.format(function=3) + '[[channel]]\nname="a"\nregister=2\ntype="f32"\nunit=""\n', deadline=0.05)
