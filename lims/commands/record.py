"""`heliobench record`: record a prepared run on the bench's real ports, and hand it to the LIMS."""

import json
import re
from contextlib import AbstractContextManager, nullcontext
from itertools import islice
from pathlib import Path
from typing import Any

import click

from instruments.acquisition import Recorder, Scan, poll
from instruments.bench import Bench, read_bench
from instruments.clock import SystemClock
from instruments.courier import Courier
from instruments.errors import PortUnavailable
from instruments.group_commit import GroupCommit
from instruments.order_desk import OrderDesk, desk_of
from instruments.segment import read_segment
from instruments.setpoint_log import SetPointLog, log_of, no_set_point, order
from instruments.spool import Spool, segments
from instruments.thermostat import Thermostat
from instruments.uplink import Uplink
from lims.commands.files import read_file
from lims.errors import BadInput


@click.command()
@click.argument("bench_file", type=click.Path(path_type=Path))
@click.option("--run", required=True, help="Number of the prepared run 已准备的试验记录编号.")
@click.option(
    "--spool", "folder", type=click.Path(path_type=Path), required=True, help="Folder of the spool 原始记录目录."
)
@click.option("--scans", type=click.IntRange(min=1), help="Stop after so many scans, else at Ctrl-C 采样次数.")
@click.option("--seal", is_flag=True, help="Seal the run at the end: nothing can be added later 结束时封存.")
@click.option("--server", default="", help="Address of the LIMS; empty: keep the spool only LIMS 地址.")
@click.option("--token-file", type=click.Path(path_type=Path), help="File with the run's token 令牌文件.")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON per scan 每次采样一行 JSON.")
def record(
    bench_file: Path, run: str, folder: Path, scans: int | None, seal: bool, server: str, token_file: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Scan the bench in BENCH_FILE, once a period, into an append-only spool 在试验台上记录.

    Ctrl-C ends the recording; the same command continues it. Nothing acknowledged is lost by a power cut. Of a sealed
    run the same command with --server sends what the LIMS does not hold yet.
    """
    _require_plain(run)
    uplink = _uplink(server, token_file)
    bench = read_bench(bench_file)
    if uplink is None or not _is_sealed(folder / run):
        with _courier(server, token_file, folder / run, run):
            _record(bench, folder / run, run, scans, seal=seal, as_json=as_json, bench_file=bench_file)
    if uplink is not None:
        pushed = uplink.push(folder / run, run=run)
        click.echo(f"segments sent 已上传 {list(pushed.sent)}, held 已有 {list(pushed.held)}", err=True)


def _require_plain(run: str) -> None:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", run):
        raise BadInput(
            f"'{run}' cannot be the number of a run; give it as the LIMS shows it.",
            f"“{run}”不能作为试验记录编号；请按系统显示的编号填写。",
        )


def _uplink(server: str, token_file: Path | None, *, attempts: int | None = None) -> Uplink | None:
    if not server and token_file is None:
        return None
    if not server or token_file is None:
        raise BadInput("Give --server and --token-file together.", "--server 与 --token-file 须同时给出。")
    token = read_file(token_file).decode(errors="replace").strip()
    return Uplink(base_url=server, token=token, attempts=attempts)


def _courier(server: str, token_file: Path | None, folder: Path, run: str) -> AbstractContextManager[object]:
    """What shows the run in the LIMS while it is recorded; nothing without a LIMS."""
    uplink = _uplink(server, token_file, attempts=1)
    if uplink is None:
        return nullcontext()
    return Courier(uplink, folder, run=run, tell=lambda en, zh: click.echo(f"{zh} {en}", err=True))


def _is_sealed(folder: Path) -> bool:
    last = segments(folder)[-1:]
    data = last[0].read_bytes() if last else b""
    return data.endswith(b"\n") and read_segment(data).final


def _record(
    bench: Bench, folder: Path, run: str, scans: int | None, *, seal: bool, as_json: bool, bench_file: Path
) -> None:
    with _spool(folder, run, bench) as spool:
        if spool.recovery is not None:
            click.echo(f"{spool.recovery.sentence_zh} {spool.recovery.sentence_en}", err=True)
        _scan(bench, spool, scans, as_json, bench_file)
        if seal:
            spool.seal()


def _spool(folder: Path, run: str, bench: Bench) -> Spool:
    try:
        return Spool(folder, run=run, bench=bench)
    except OSError as error:
        raise BadInput(
            f"The spool folder {folder} cannot be used ({error.strerror}): choose another with --spool.",
            f"无法使用原始记录目录 {folder}（{error.strerror}）：请用 --spool 另选。",
        ) from error


def _scan(bench: Bench, spool: Spool, scans: int | None, as_json: bool, bench_file: Path) -> None:
    def tell(scan: Scan) -> None:
        values = scan.values
        click.echo(json.dumps({"seq": scan.seq, "time": scan.time, **values}) if as_json else _line(scan.seq, values))
        for name, fault in scan.faults:
            click.echo(f"{name}: {fault.sentence_zh} {fault.sentence_en}", err=True)

    with Recorder(bench) as recorder, _order_desk(recorder, bench_file):
        try:
            with GroupCommit(spool, acknowledged=tell, patience=bench.period / 2) as disk:
                for scan in islice(poll(recorder, SystemClock(), first=spool.last_seq + 1), scans):
                    disk.put(scan)
        except KeyboardInterrupt:
            click.echo("stopped 已停止", err=True)


def _order_desk(recorder: Recorder, bench_file: Path) -> AbstractContextManager[object]:
    """Where `heliobench bench set` hands in orders while the ports are ours; without a thermostat there is none."""
    names = {one.name for one in recorder.bench.instruments if isinstance(one.device, Thermostat)}
    log = SetPointLog(log_of(bench_file))

    def carry(name: str, value: float, person: str) -> dict[str, Any]:
        if name not in names:
            raise no_set_point(name)
        found, path = recorder.between_scans(
            name, lambda one, link: order(one, link, value=value, person=person, log=log)
        )
        return {"found": found, "log": path}

    if not names:
        return nullcontext()
    try:
        return OrderDesk(desk_of(bench_file), carry)
    except PortUnavailable as without:
        click.echo(f"{without.sentence_zh} {without.sentence_en}", err=True)
        return nullcontext()


def _line(seq: int, values: dict[str, float]) -> str:
    return f"{seq:>6}  " + "  ".join(f"{symbol}={value:g}" for symbol, value in values.items())
