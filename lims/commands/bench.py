"""`heliobench bench`: look at a bench before a test, and set its thermostats."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import click

from instruments.bench import Bench, Instrument, read_bench
from instruments.bench_check import Checked, check_bench, strange
from instruments.driver import Fault
from instruments.errors import InstrumentError, PortUnavailable
from instruments.link import SerialLink
from instruments.order_desk import desk_of, hand_over
from instruments.setpoint_log import SetPointLog, log_of, order
from instruments.thermostat import Thermostat
from lims import migrate
from lims.cli import in_your_language
from lims.equipment import queries
from lims.equipment.models import Equipment
from lims.errors import BadInput
from lims.laboratory import Laboratory
from lims.settings import load_settings


class Shown(NamedTuple):
    """An instrument as it was found, and what is wrong with it."""

    found: Checked
    faults: tuple[Fault, ...]


@click.group()
def bench() -> None:
    """Look at a bench before a test, set its thermostats 检查试验台、设定恒温槽."""


@bench.command()
@click.argument("bench_file", type=click.Path(path_type=Path))
@click.option("--register", is_flag=True, help="Hold it against the equipment register 与设备台账核对.")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON per instrument 每台仪器一行 JSON.")
def check(bench_file: Path, register: bool, as_json: bool) -> int:
    """Open every port of BENCH_FILE, ask every instrument who it is, and read each once; nothing is recorded.

    打开全部端口，核对仪器身份，各读数一次；不作记录。

    With --register serial numbers and calibrations are held against the equipment register of this laboratory. Exit
    code 1: something is wrong, and a sentence says what.
    """
    found = check_bench(read_bench(bench_file))
    against = _register_faults(found) if register else {}
    shown = [Shown(one, (*one.faults, *against.get(one.instrument.name, ()))) for one in found]
    for one in shown:
        click.echo(json.dumps(_as_dict(one), ensure_ascii=False) if as_json else "\n".join(_lines(one)))
    return int(any(one.faults for one in shown))


@bench.command("set")
@click.argument("bench_file", type=click.Path(path_type=Path))
@click.argument("instrument")
@click.argument("value", type=float, metavar="CELSIUS")
@click.option("--person", required=True, help="Who orders it 操作人.")
@click.option(
    "--log", "log_file", type=click.Path(path_type=Path), help="Log to append to 操作日志; default: beside BENCH_FILE."
)
def set_point(bench_file: Path, instrument: str, value: float, person: str, log_file: Path | None) -> int:
    """Make CELSIUS the set point of a thermostat of BENCH_FILE: within its limits, ordered once, read back, logged.

    设定恒温槽温度：限值内、仅发送一次、回读核对、记入日志。

    Every order is a line of the log, the refused and failed ones too. While the bench is recorded the recorder carries
    the order out between two scans, and logs it beside the bench file. Exit code 1: the set point was not taken.
    """
    wired = read_bench(bench_file)
    chosen = _thermostat(wired, instrument)
    log = SetPointLog(log_file or log_of(bench_file))
    try:
        found, path = _ordered(wired, chosen, value, person, log, desk=desk_of(bench_file))
    except PortUnavailable:
        raise
    except InstrumentError as failed:
        click.echo(in_your_language(failed.sentence_en, failed.sentence_zh), err=True)
        return 1
    click.echo(f"{instrument}  {found:g} °C  → {path}")
    return 0


def _ordered(
    wired: Bench, chosen: Instrument, value: float, person: str, log: SetPointLog, *, desk: Path
) -> tuple[float, str]:
    """The set point read back [degC] and where it is logged: by ourselves, or by the recorder that owns the port."""
    settle = chosen.device.worst_response(deadline=chosen.deadline)
    try:
        link = SerialLink(chosen.port, line=wired.line(chosen.port), settle=settle)
    except PortUnavailable as taken:
        if taken.code != "port-in-use":
            raise
        answer = hand_over(desk, instrument=chosen.name, celsius=value, person=person)
        if answer is None:
            raise
        return answer["found"], answer["log"]
    with link:
        return order(chosen, link, value=value, person=person, log=log)


def _thermostat(wired: Bench, name: str) -> Instrument:
    """The instrument of this name, if it has a set point; `BadInput` naming those that have one."""
    able = {one.name: one for one in wired.instruments if isinstance(one.device, Thermostat)}
    if name not in able:
        known = ", ".join(able) or "-"
        raise BadInput(
            f"{wired.name} has no thermostat '{name}'; with a set point there are: {known}.",
            f"{wired.name} 没有名为“{name}”的恒温设备；可设定温度的有：{known}。",
        )
    return able[name]


def _register_faults(found: Sequence[Checked]) -> dict[str, list[Fault]]:
    laboratory = Laboratory(load_settings())
    migrate.require_current(laboratory.database)
    with laboratory.database.read() as session:
        entries = queries.of_numbers(session, {one.instrument.equipment for one in found})
        known = {entry.number: entry for entry in entries}
        faults = {
            one.instrument.name: list(_against(one, known.get(one.instrument.equipment), laboratory.today))
            for one in found
        }
    laboratory.close()
    return faults


def _against(one: Checked, entry: Equipment | None, day: date) -> Iterator[Fault]:
    """What the register says against this instrument on a day."""
    if entry is None:
        yield _unregistered(one.instrument)
        return
    if one.identity and (fault := strange(one.instrument, one.identity, entry.serial_number)):
        yield fault
    if unfit := queries.unfit(entry, one.instrument.channels, day):
        yield Fault("unfit", unfit.en, unfit.zh)


def _unregistered(one: Instrument) -> Fault:
    return Fault(
        "unregistered",
        f"{one.name}: there is no equipment {one.equipment} in the register.",
        f"{one.name}：设备台账中没有 {one.equipment}。",
    )


def _lines(one: Shown) -> Iterator[str]:
    instrument, identity = one.found.instrument, one.found.identity
    says = " ".join(part for part in (identity.model, identity.serial) if part) if identity else "-"
    yield f"{instrument.name}  {instrument.equipment}  {instrument.port}  {instrument.driver}  {says}"
    for reading in one.found.readings:
        yield f"  {instrument.symbols[reading.channel]:<12} {reading.value:>14.6g} {reading.unit}"
    for fault in one.faults:
        yield f"  ✗ {in_your_language(fault.sentence_en, fault.sentence_zh)}"


def _as_dict(one: Shown) -> dict[str, Any]:
    instrument, identity = one.found.instrument, one.found.identity
    return {
        "instrument": instrument.name,
        "equipment": instrument.equipment,
        "port": instrument.port,
        "driver": instrument.driver,
        "identity": {"model": identity.model, "serial": identity.serial} if identity else None,
        "readings": [
            {"symbol": instrument.symbols[each.channel], "value": each.value, "unit": each.unit}
            for each in one.found.readings
        ],
        "faults": [
            {"kind": each.kind, "sentence_en": each.sentence_en, "sentence_zh": each.sentence_zh} for each in one.faults
        ],
    }
