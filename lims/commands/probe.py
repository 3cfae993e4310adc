"""`heliobench probe`: read one instrument, to commission a cable."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

import click

from instruments.driver import Driver, Exchange, Sample, SettingValue, driver_named
from instruments.errors import ExchangeFailed, NoReply
from instruments.link import SerialLink
from lims.cli import in_your_language
from lims.errors import BadInput

DEADLINE = 1.0  # s for one whole answer: a technician can wait, and slow converters need it


class Attempt(NamedTuple):
    """One reading of the instrument: what it said, or how it failed."""

    time: str
    sample: Sample | None
    failure: ExchangeFailed | None

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """What went over the wire."""
        said = self.sample or self.failure
        return said.exchanges if said else ()


@click.command()
@click.argument("port")
@click.option("--driver", "name", required=True, help="Model of the instrument 仪器驱动.")
@click.option("--address", type=int, help="Address on the bus, else the lowest 总线地址，默认最小.")
@click.option("--set", "assignments", multiple=True, metavar="KEY=VALUE", help="A setting 设置, e.g. baud=19200.")
@click.option("--count", type=click.IntRange(min=1), default=1, show_default=True, help="Readings 读数次数.")
@click.option("--period", type=click.FloatRange(0, 86400), default=1.0, show_default=True, help="Seconds 间隔秒数.")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON per reading 每次读数一行 JSON.")
def probe(
    port: str, name: str, address: int | None, assignments: tuple[str, ...], count: int, period: float, as_json: bool
) -> int:
    """Read one instrument on PORT; print its readings with the raw bytes.

    读取一台仪器，显示读数和原始字节。

    Exit code 1: the port is there, but not one usable reading came back.
    """
    kind = driver_named(name)
    driver = kind(address=kind.addresses[0] if address is None else address, settings=_settings(assignments))
    silent = True
    with SerialLink(port, line=driver.wire()) as link:
        for attempt in _attempts(driver, link, count=count, period=period):
            silent = silent and not (attempt.sample and attempt.sample.readings)
            click.echo(_as_json(attempt) if as_json else "\n".join(_lines(attempt)))
            if attempt.failure is not None:
                click.echo(_sentence(attempt.failure, driver, port), err=True)
    return int(silent)


def _settings(assignments: tuple[str, ...]) -> dict[str, SettingValue]:
    settings: dict[str, SettingValue] = {}
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        if not (key and equals):
            raise BadInput(
                f"--set {assignment}: write it as KEY=VALUE, for example --set baud=19200.",
                f"--set {assignment}：请写成 KEY=VALUE，例如 --set baud=19200。",
            )
        settings[key.strip()] = value.strip()
    return settings


def _attempts(driver: Driver, link: SerialLink, *, count: int, period: float) -> Iterator[Attempt]:
    started = time.monotonic()
    for index in range(count):
        time.sleep(max(0.0, started + index * period - time.monotonic()))
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        try:
            yield Attempt(now, driver.read(link, deadline=DEADLINE), None)
        except ExchangeFailed as failure:
            yield Attempt(now, None, failure)


def _lines(attempt: Attempt) -> Iterator[str]:
    yield attempt.time
    for exchange in attempt.exchanges:
        yield f"  → {exchange.sent.hex(' ')}"
        yield f"  ← {exchange.received.hex(' ') or '-'}  ({exchange.elapsed * 1000:.1f} ms)"
        if exchange.discarded:
            yield f"  ✗ {exchange.discarded.hex(' ')}  (discarded 丢弃)"
    if attempt.sample is not None:
        for reading in attempt.sample.readings:
            yield f"  {reading.channel:<24} {reading.value:>14.6g} {reading.unit}"
        for fault in attempt.sample.faults:
            yield f"  {fault.channel or '*':<24} {in_your_language(fault.sentence_en, fault.sentence_zh)}"


def _as_json(attempt: Attempt) -> str:
    sample, failure = attempt.sample, attempt.failure
    line: dict[str, object] = {
        "time": attempt.time,
        "readings": [{"channel": r.channel, "value": r.value, "unit": r.unit} for r in sample.readings]
        if sample
        else [],
        "faults": [
            {"channel": f.channel, "kind": f.kind, "sentence_en": f.sentence_en, "sentence_zh": f.sentence_zh}
            for f in sample.faults
        ]
        if sample
        else [],
        "exchanges": [
            {"tx": e.sent.hex(), "rx": e.received.hex(), "discarded": e.discarded.hex(), "elapsed": e.elapsed}
            for e in attempt.exchanges
        ],
        "failure": {"code": failure.code, "sentence_en": failure.sentence_en, "sentence_zh": failure.sentence_zh}
        if failure
        else None,
    }
    return json.dumps(line, ensure_ascii=False)


def _sentence(failure: ExchangeFailed, driver: Driver, port: str) -> str:
    """Silence has few causes on a new cable, and the technician can check them in order."""
    if not isinstance(failure, NoReply):
        return in_your_language(failure.sentence_en, failure.sentence_zh)
    baud = driver.wire().baud
    return in_your_language(
        f"No reply from {driver.name} at address {driver.address} on {port} within {DEADLINE:g} s: check the power, "
        f"the address, the A and B lines (swap them), the baud rate ({baud}) and the parity.",
        f"{port} 上地址 {driver.address} 的 {driver.name} 在 {DEADLINE:g} s 内无应答：请检查电源、地址、"
        f"A/B 线（可对调）、波特率（{baud}）和校验位。",
    )
