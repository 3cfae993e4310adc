"""The plant, and simulated instruments seen by an independent master."""

import logging

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymodbus.client import ModbusSerialClient

from instruments.drivers.kipp_smp import KippSmp
from instruments.drivers.siemens_mag6000 import Mag6000
from instruments.simulation.plant import RecordPlant
from instruments.simulation.sensor import Sensor


def plant(values=(1.0, np.nan, 3.0), time=(0.0, 60.0, 180.0)):
    return RecordPlant(time=np.array(time), columns={"G": np.array(values)})


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (-0.1, np.nan),
        (0.0, 1.0),
        (59.9, 1.0),
        (60.0, np.nan),
        (120.0, np.nan),
        (180.0, 3.0),
        (239.9, 3.0),
        (240.0, np.nan),
    ],
)
def test_a_row_holds_until_the_next_and_a_gap_is_nothing(at, value):
    assert plant().value("G", at=at) == pytest.approx(value, nan_ok=True)


def test_a_quantity_that_the_record_does_not_have_is_not_connected():
    assert plant().value("DNI", at=0.0) is None


def test_a_record_that_cannot_be_replayed_is_refused():
    with pytest.raises(ValueError, match="times must increase"):
        plant(time=(0.0, 60.0, 60.0))
    with pytest.raises(ValueError, match="column G has 2 rows, the times have 3"):
        plant(values=(1.0, 2.0))


@given(true=st.floats(-1e3, 1e3), c0=st.floats(-10, 10), c1=st.floats(0.9, 1.1))
def test_correcting_what_an_instrument_indicates_gives_back_the_truth(true, c0, c1):
    calibration = Sensor(c0=c0, c1=c1)
    assert calibration.c0 + calibration.c1 * calibration.indicated(true, at=0.0) == pytest.approx(true, abs=1e-9)


def test_an_independent_master_reads_our_simulators(serve, make):
    _, kipp = make(KippSmp, value=-12.3)
    flow_driver = Mag6000(address=2)
    flow = flow_driver.simulator(driver=flow_driver, feel=lambda _: 0.25)
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
    client = ModbusSerialClient(serve(kipp, flow), baudrate=19200, timeout=1, retries=0)
    assert client.connect()
    try:
        registers = client.read_input_registers(0, count=10, device_id=1).registers
        assert (registers[4], registers[5] - 0x10000) == (1, -123)
        words = client.read_holding_registers(3001, count=2, device_id=2).registers
        assert client.convert_from_registers(words, client.DATATYPE.FLOAT32) == 0.25
        assert client.read_input_registers(400, count=1, device_id=1).exception_code == 2
    finally:
        client.close()
