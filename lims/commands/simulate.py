"""`heliobench simulate`: a bench on your desk without instruments."""

from __future__ import annotations

import math
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import click
import numpy as np
import tomli_w

from instruments.bench import Bench, read_bench
from instruments.clock import RunningClock
from instruments.simulation.bench import SimulatedBench
from instruments.simulation.plant import Plant, RecordPlant
from instruments.simulation.schedule import KINDS, Episode, Schedule
from instruments.simulation.sensor import Sensor
from lims.cli import in_your_language
from lims.errors import BadInput
from lims.runs.recordfile import read_record
from lims.settings import ROOT
from lims.simulation.description import read_description
from lims.simulation.indicated import Indicated
from lims.simulation.plant import CollectorPlant, PlantBath, Programme
from lims.simulation.troubles import spoken, written
from lims.simulation.weather import BROKEN, CLEAR
from protocols.fluids import Fluid

PLANT = ROOT / "config" / "simulation" / "flat_plate.toml"
FILE = click.Path(path_type=Path)
_MARK = "# Written by heliobench simulate, and taken away when it ends."
_TEND = 0.1  # s; ours: how often cables and power are seen to
_YEARS = (datetime(1980, 1, 1, tzinfo=UTC).timestamp(), datetime(2100, 1, 1, tzinfo=UTC).timestamp())


@dataclass(frozen=True)
class Felt:
    """What the instruments feel, from when [s UTC] on, and the bath that circulators set."""

    plant: Plant
    begin: float
    told: str
    errors: dict[str, Sensor] = field(default_factory=dict)
    collector: CollectorPlant | None = None


@click.command()
@click.argument("bench_file", type=FILE)
@click.option("--link-dir", type=FILE, help="Folder for stable port names and a bench file with them 稳定端口名目录.")
@click.option("--record", "record_file", type=FILE, help="Replay this record (CSV or Parquet) 回放记录.")
@click.option("--demonstration", is_flag=True, help="Replay the demonstration's record 回放演示记录.")
@click.option("--plant", "plant_file", type=FILE, help="Site, weather, loop and sensors, TOML 仿真对象文件.")
@click.option("--collector", type=FILE, help="Another collector, TOML as for `heliobench yield` 集热器文件.")
@click.option("--sky", type=click.Choice([CLEAR, BROKEN]), help="Clear or broken clouds 晴天或多云.  [default: clear]")
@click.option("--inlet", metavar="DEGC[:MINUTES],...", help="Set points of the inlet 进口温度程序.  [default: 20]")
@click.option("--start", metavar="TIME", help="The plant's first instant, ISO 8601 with offset; else now 起始时刻.")
@click.option(
    "--speed", type=click.FloatRange(0.001, 1e4), default=1.0, show_default=True, help="Of the clock 时钟倍速."
)
@click.option("--seed", type=click.IntRange(0, 2**31), default=1, show_default=True, help="Of all chance 随机种子.")
@click.option("--period", type=click.FloatRange(0.05, 86400), help="Seconds between scans in the bench file 采样周期.")
@click.option("--pace", is_flag=True, help="Bytes take their time at the bench's baud rates 按波特率逐字节发送.")
@click.option("--fault", "faults", multiple=True, metavar="WORDS", help="INSTRUMENT:KIND@BEGIN+SECONDS 故障.")
@click.option("--faults", "fault_file", type=FILE, help="Faults in a TOML file 故障文件.")
@click.option(
    "--random-faults", type=click.FloatRange(0, 3600), default=0.0, metavar="N", help="Per hour 每小时随机故障数."
)
def simulate(
    bench_file: Path, link_dir: Path | None, record_file: Path | None, demonstration: bool, plant_file: Path | None,
    collector: Path | None, sky: str | None, inlet: str | None, start: str | None, speed: float, seed: int, pace: bool,
    period: float | None, faults: tuple[str, ...], fault_file: Path | None, random_faults: float,
) -> None:  # fmt: skip
    """Put every instrument of BENCH_FILE on a pseudo-terminal, feeling one plant, until Ctrl-C 仿真整个试验台.

    The plant is a flat plate in the sun of a simulated day, or a record. Kinds of --fault: silence, late, garbage,
    echo, stuck, brown-out, unplug; `flow-meter:late=0.8@60+30` is late by 0.8 s, from 60 s after the start for 30 s.
    """
    if period and link_dir is None:
        raise BadInput(
            "--period is that of the bench file in --link-dir: give both.",
            "--period 用于 --link-dir 中的台架文件：两者须同时给出。",
        )
    bench = read_bench(bench_file)
    bench = replace(bench, period=period or bench.period)
    if record_file or demonstration:
        _only_one_plant(record_file, demonstration, plant_file, collector, sky, inlet)
        felt = _replayed(bench, record_file, _instant(start))
    else:
        felt = _physical(
            bench, plant_file or PLANT, collector, sky or CLEAR, _programme(inlet or "20"), seed, _instant(start)
        )
    clock = RunningClock(felt.begin, speed=speed)
    names = [one.name for one in bench.instruments]
    told = [spoken(words, start=felt.begin, instruments=names) for words in faults]
    if fault_file is not None:
        told += written(fault_file, start=felt.begin, instruments=names)
    made = SimulatedBench(
        bench,
        plant=felt.plant,
        clock=clock,
        errors=felt.errors,
        schedule=Schedule(told, rate=random_faults, instruments=names, seed=seed) if told or random_faults else None,
        pace=pace,
        links=link_dir,
        bath=None if felt.collector is None else PlantBath(felt.collector, clock),
        seed=seed,
    )
    written_to = None if link_dir is None else link_dir / bench_file.name
    lines = tuple(_lines(made.bench, felt, written_to))
    with made, _bench_file(made.bench, written_to):
        click.echo("\n".join(lines))
        _run(made, clock)
    click.echo("stopped 已停止")


# --- the plant ---


def _physical(
    bench: Bench, file: Path, collector: Path | None, sky: str, inlet: Programme, seed: int, start: float | None
) -> Felt:
    begin = time.time() if start is None else start
    described = read_description(file, collector=collector)
    _must_be_liquid(described.loop.fluid, inlet)
    try:
        plant = described.plant(begin=begin, sky=sky, seed=seed, inlet=inlet)
    except ValueError as error:
        raise BadInput(f"{file.name}: {error}", f"{file.name}：请按英文说明更正：{error}") from error
    sensors = described.sensors_from(begin=begin, seed=seed)
    height = float(plant.weather.at(np.array([begin]))["elevation"][0])
    told = f"{plant.collector.name}, sky 天空: {sky}, sun 太阳高度: {height:.0f}°, seed 种子: {seed}"
    return Felt(Indicated(plant, sensors=sensors, units=bench.units), begin, told, collector=plant)


def _must_be_liquid(fluid: Fluid, inlet: Programme) -> None:
    low, high = fluid.limits
    for _, value in inlet.steps:
        if not low <= value <= high:
            raise BadInput(
                f"--inlet: {fluid.name} is known from {low:.0f} to {high:.0f} degC, not at {value:g} degC.",
                f"--inlet：{fluid.name} 的物性范围为 {low:.0f} 至 {high:.0f} °C，不含 {value:g} °C。",
            )


def _replayed(bench: Bench, file: Path | None, start: float | None) -> Felt:
    """The demonstration's record with its instruments' errors, or that of a file without any."""
    if file is None:
        from lims.demonstration.record import replay

        shown = replay()
        return Felt(shown.plant, float(shown.times[0]) if start is None else start, "demonstration 演示", shown.errors)
    record = read_record(file, needed={}, optional=bench.units).record
    if not record.columns:
        raise BadInput(
            f"{file.name} has none of the quantities of bench {bench.name}: {', '.join(bench.units)}.",
            f"{file.name} 中没有台架 {bench.name} 的任何量：{'、'.join(bench.units)}。",
        )
    hold = float(np.median(np.diff(record.time))) if record.time.size > 1 else 60.0
    plant = RecordPlant(time=record.time, columns=record.columns, hold=hold)
    told = f"{file.name}, {_iso(record.time[0])} – {_iso(record.time[-1])}"
    return Felt(plant, float(record.time[0]) if start is None else start, told)


def _only_one_plant(record: Path | None, demonstration: bool, *physical: object) -> None:
    if (record and demonstration) or any(one is not None for one in physical):
        raise BadInput(
            "A record is replayed as it is: give only one of --record and --demonstration, and none of --plant, "
            "--collector, --sky and --inlet.",
            "记录按原样回放：--record 与 --demonstration 只能给出一个，"
            "且不能同时给出 --plant、--collector、--sky 或 --inlet。",
        )


def _instant(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or not _YEARS[0] <= found.timestamp() < _YEARS[1]:
        raise BadInput(
            f"--start {text}: write it with its offset, between 1980 and 2100, for example 2026-06-21T09:00+08:00.",
            f"--start {text}：请写明时区偏移，且在 1980 至 2100 年之间，例如 2026-06-21T09:00+08:00。",
        )
    return found.timestamp()


def _programme(text: str) -> Programme:
    """`20:120,45:120`: degC and minutes; a lone temperature stays."""
    steps = []
    for part in text.split(","):
        value, _, minutes = part.partition(":")
        try:
            steps.append((60.0 * float(minutes or "1"), float(value)))
        except ValueError:
            steps.append((math.nan, math.nan))
    if not all(0 < seconds < math.inf and math.isfinite(value) for seconds, value in steps):
        raise BadInput(
            f"--inlet {text}: write degC:minutes with commas between, for example 20:120,45:120.",
            f"--inlet {text}：请写成 温度:分钟，以逗号分隔，例如 20:120,45:120。",
        )
    return Programme(tuple(steps))


# --- the bench ---


@contextmanager
def _bench_file(bench: Bench, path: Path | None) -> Iterator[None]:
    """The bench on its links as a file, for as long as they are there; a file of somebody else's is never replaced."""
    if path is None:
        yield
        return
    try:
        if path.exists() and not path.read_text("utf-8", errors="replace").startswith(_MARK):
            raise BadInput(
                f"{path} was not written by this command and is not replaced: choose another --link-dir.",
                f"{path} 并非由本命令写出，不予覆盖：请另选 --link-dir。",
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text := f"{_MARK}\n{tomli_w.dumps(bench.as_dict())}", encoding="utf-8")
    except OSError as error:
        raise BadInput(
            f"{path} cannot be written ({error.strerror}): choose another --link-dir.",
            f"无法写入 {path}（{error.strerror}）：请另选 --link-dir。",
        ) from error
    try:
        yield
    finally:
        if path.exists() and path.read_text("utf-8", errors="replace") == text:  # not what somebody made of it
            path.unlink()


def _lines(bench: Bench, felt: Felt, written_to: Path | None) -> Iterator[str]:
    yield f"{bench.name}  {_iso(felt.begin)}  {felt.told}"
    width = max(len(one.name) for one in bench.instruments)
    for one in bench.instruments:
        yield f"  {one.name:<{width}}  {one.driver:<16} {one.address:>3}  {one.port}"
    absent = [symbol for symbol in bench.units if felt.plant.value(symbol, at=felt.begin) is None]
    if absent:
        yield in_your_language(
            f"Not in the plant, or not in the instrument's unit: the instrument has no value for {', '.join(absent)}.",
            f"仿真对象中没有或与仪器单位不符、仪器将无数值的量：{'、'.join(absent)}。",
        )
    if written_to is not None:
        yield f"  heliobench bench check {written_to}"
        yield f"  heliobench record {written_to} --run TRAINING-1 --spool spool"
    yield "ready; Ctrl-C ends 就绪，Ctrl-C 结束"


def _run(made: SimulatedBench, clock: RunningClock) -> None:
    """See to cables and power until somebody ends it."""
    stopped = Event()
    before = {kind: signal.signal(kind, lambda *_: stopped.set()) for kind in (signal.SIGINT, signal.SIGTERM)}
    try:
        while not stopped.wait(_TEND):
            began, ended = made.tend()
            for line in (*_told(began, clock, "begins", "开始"), *_told(ended, clock, "ends", "结束")):
                click.echo(line)
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)


def _told(episodes: Iterable[Episode], clock: RunningClock, en: str, zh: str) -> Iterator[str]:
    for one in episodes:
        what_en, what_zh = KINDS[one.kind]
        told = in_your_language(f"{one.instrument}: {what_en}, {en}.", f"{one.instrument}：{what_zh}，{zh}。")
        yield f"{_iso(clock.now())}  {told}"


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, tz=UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
