"""`heliobench demo`: the whole main job once, on simulated instruments, from serial bytes to a verified report."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import click

from lims import migrate
from lims.app import create_app
from lims.certificates import operations as certificates
from lims.certificates.bundle import read_bundle
from lims.certificates.models import Report
from lims.certificates.reproduction import reproduce
from lims.commands.reproduce import lines
from lims.demonstration import journey, people
from lims.demonstration.record import DAYS, replay
from lims.errors import Refused
from lims.items import queries as item_queries
from lims.items.codes import item_address
from lims.items.label import item_sticker, label_pdf
from lims.laboratory import Laboratory
from lims.results.models import Result
from lims.settings import DEMONSTRATION, load_settings
from protocols.rounding import report as rounded

MARKER = "demonstration-done"


@click.command()
@click.option("--once", is_flag=True, help="Do nothing if it was done in this instance before 已完成则跳过.")
@click.option(
    "--days", type=click.IntRange(5, len(DAYS)), default=len(DAYS), show_default=True, help="Days to replay 天数."
)
@click.option("--speed", type=float, help="1 = real time; empty = as fast as the ports answer 回放速度.")
def demo(once: bool, days: int, speed: float | None) -> None:
    """Do the whole main job on simulated instruments 完整演示：从串口字节到可验证的报告."""
    settings = load_settings(demonstration=True)
    marker = settings.instance_path / MARKER
    laboratory = Laboratory(settings)
    if once and marker.exists():
        migrate.require_current(laboratory.database)
    else:
        _do(laboratory, DAYS[:days], speed)
        marker.touch()
    _log_ins(laboratory)
    laboratory.close()


def _do(laboratory: Laboratory, days: tuple[date, ...], speed: float | None) -> None:
    begun = time.monotonic()
    instance = laboratory.settings.instance_path
    with _step(1, "建立数据库和演示实验室", "database and demonstration laboratory"):
        instance.mkdir(parents=True, exist_ok=True, mode=0o700)
        (instance / DEMONSTRATION).touch()
        migrate.upgrade(laboratory.database)
        if not people.loaded(laboratory):
            people.load(laboratory)
    with _step(2, "委托、评审、收样、贴标签、排检测任务", "request, review, item, label, job"):
        planned = journey.receive(laboratory, journey.order(laboratory))
        label = _label(laboratory, planned.item)
        _say(f"{planned.request} → {planned.item} → {planned.job}   {label}")
    with _step(3, "仿真仪器经伪终端应答，记录到哈希链原始记录", "simulated instruments on ptys, hashed spool, uplink"):
        run = _measure(laboratory, planned, days, speed)
    with _step(4, "按当日校准修正，按 ISO 9806:2017 准动态法计算", "correction and quasi-dynamic evaluation"):
        result = journey.evaluate(laboratory, run)
        _say_result(result)
    with _step(5, "提交、审核、批准：三人", "submit, review, authorise: three people"):
        for sentence in journey.approve(laboratory, result.number):
            _say(f"✗ {sentence}")
    with _step(6, "编制、签名、签发报告", "compose, sign, issue the report"):
        report = journey.report(laboratory, result.number)
        files = _export(laboratory, report)
        _say(f"{report.number}   {files[0]}   {files[1]}")
    with _step(7, "验证：原件有效，改动一个字节即无效", "verify: valid, and not with one byte changed"):
        _verify(laboratory, files[0])
    with _step(8, "由原始字节复算报告中的每个数字", "compute the printed digits again from the raw bytes"):
        _reproduce(laboratory, files[1])
    journey.further(laboratory)
    click.echo(f"\n{time.monotonic() - begun:.1f} s")


@contextmanager
def _step(number: int, zh: str, en: str) -> Iterator[None]:
    click.secho(f"[{number}/8] {zh} {en}", bold=True)
    begun = time.monotonic()
    yield
    click.secho(f"      {time.monotonic() - begun:.1f} s", dim=True)


def _say(text: str) -> None:
    click.echo(f"      {text}")


def _label(laboratory: Laboratory, number: str) -> Path:
    path = _folder(laboratory) / f"{number}-label.pdf"
    with laboratory.database.read() as session:
        item = item_queries.by_number(session, number, journey.actor(laboratory, "technician"))
    if item.received_at is None:
        raise Refused(f"{number} was not received.", f"{number} 尚未收样。")
    sticker = item_sticker(
        number=number, address=item_address(laboratory.settings.base_url, number), name=item.name_zh,
        customer_code=item.company.code, received=item.received_at.date(),
    )  # fmt: skip
    path.write_bytes(label_pdf([sticker]))
    return path


def _measure(laboratory: Laboratory, planned: journey.Planned, days: tuple[date, ...], speed: float | None) -> str:
    record = replay(days)
    app = create_app(laboratory)
    with click.progressbar(length=len(record.times), label="      采样 scans") as bar:
        run = journey.measure(laboratory, app, planned, record, speed=speed, tick=lambda: bar.update(1))
    _say(run)
    return run


def _say_result(result: Result) -> None:
    for one in result.values:
        value, expanded = rounded(one.value, one.expanded_uncertainty)
        u = one.standard_uncertainty
        factor = f"  (k = {one.expanded_uncertainty / u:.3g})" if u else ""
        _say(f"{one.symbol:<6} {value:>9} ± {expanded:<8} {one.unit}{factor}")


def _folder(laboratory: Laboratory) -> Path:
    folder = laboratory.settings.instance_path / "demonstration"
    folder.mkdir(exist_ok=True)
    return folder


def _export(laboratory: Laboratory, report: Report) -> tuple[Path, Path]:
    folder = _folder(laboratory)
    pdf, bundle = folder / f"{report.number}.pdf", folder / f"{report.number}.zip"
    pdf.write_bytes(certificates.pdf_of(laboratory, report))
    bundle.write_bytes(certificates.bundle_of(laboratory, report))
    shutil.copyfile(laboratory.settings.instance_path / "keys" / "root.pem", folder / "root.pem")
    return pdf, bundle


def _verify(laboratory: Laboratory, pdf: Path) -> None:
    data = pdf.read_bytes()
    changed = bytearray(data)
    changed[len(data) // 2] ^= 1
    genuine, forged = (certificates.verify_file(laboratory, bytes(one)) for one in (data, changed))
    _say(f"✓ {genuine.sentence}")
    _say(f"✗ {forged.sentence}")
    if not genuine.valid or forged.valid:
        raise Refused("The verification does not work as it must.", "验证结果不符合预期。")


def _reproduce(laboratory: Laboratory, bundle: Path) -> None:
    found = reproduce(read_bundle(bundle), trust_roots=[certificates.authority_of(laboratory).root_pem])
    for line in lines(found):
        _say(line)
    if not found.same:
        raise Refused("The printed digits do not come out again.", "报告数值无法复现。")


def _log_ins(laboratory: Laboratory) -> None:
    click.echo(f"\n演示登录 demonstration log-ins, password 密码: {people.password(laboratory)}")
    for row in people.description()["person"]:
        click.echo(f"  {row['username']:<12}{row['name_zh']} {row['name_en']}  ({', '.join(row['roles'])})")
