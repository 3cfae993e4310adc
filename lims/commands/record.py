"""`heliobench record`: record a prepared run on the bench's real ports, and hand it to the LIMS."""

import json
from itertools import islice
from pathlib import Path

import click

from instruments.acquisition import Recorder, poll
from instruments.bench import Bench, read_bench
from instruments.clock import SystemClock
from instruments.spool import Spool
from instruments.uplink import Uplink


@click.command()
@click.argument("bench_file", type=click.Path(path_type=Path))
@click.option("--run", required=True, help="Number of the prepared run 已准备的运行编号.")
@click.option(
    "--spool", "folder", type=click.Path(path_type=Path), required=True, help="Folder of the spool 原始记录目录."
)
@click.option("--scans", type=click.IntRange(min=1), help="Stop after so many scans, else at Ctrl-C 扫描次数.")
@click.option("--seal", is_flag=True, help="Seal the run at the end: nothing can be added later 结束时封存.")
@click.option("--server", default="", help="Address of the LIMS; empty: keep the spool only LIMS 地址.")
@click.option("--token-file", type=click.Path(path_type=Path), help="File with the run's token 令牌文件.")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON per scan 每次扫描一行 JSON.")
def record(
    bench_file: Path, run: str, folder: Path, scans: int | None, seal: bool, server: str, token_file: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Scan the bench in BENCH_FILE, once a period, into an append-only spool 在试验台上记录.

    Ctrl-C ends the recording; the same command continues it. Nothing acknowledged is lost by a power cut.
    """
    bench = read_bench(bench_file)
    with Spool(folder / run, run=run, bench=bench) as spool:
        if spool.recovery is not None:
            click.echo(f"{spool.recovery.sentence_zh} {spool.recovery.sentence_en}", err=True)
        _scan(bench, spool, scans, as_json)
        if seal:
            spool.seal()
    if server and token_file is not None:
        uplink = Uplink(base_url=server, token=token_file.read_text(encoding="ascii").strip())
        pushed = uplink.push(folder / run, run=run)
        click.echo(f"segments sent 已上传 {list(pushed.sent)}, held 已有 {list(pushed.held)}", err=True)


def _scan(bench: Bench, spool: Spool, scans: int | None, as_json: bool) -> None:
    with Recorder(bench) as recorder:
        try:
            for scan in islice(poll(recorder, SystemClock(), first=spool.last_seq + 1), scans):
                spool.append(scan)
                values = scan.values
                told = (
                    json.dumps({"seq": scan.seq, "time": scan.time, **values}) if as_json else _line(scan.seq, values)
                )
                click.echo(told)
                for name, fault in scan.faults:
                    click.echo(f"{name}: {fault.sentence_zh} {fault.sentence_en}", err=True)
        except KeyboardInterrupt:
            click.echo("stopped 已停止", err=True)


def _line(seq: int, values: dict[str, float]) -> str:
    return f"{seq:>6}  " + "  ".join(f"{symbol}={value:g}" for symbol, value in values.items())
