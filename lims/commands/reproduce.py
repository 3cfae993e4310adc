"""`heliobench reproduce`: the printed digits again, from the raw bytes on the serial line."""

import json
from pathlib import Path

import click

from lims.certificates.bundle import read_bundle
from lims.certificates.reproduction import Reproduction
from lims.certificates.reproduction import reproduce as compute
from lims.cli import in_your_language
from lims.commands.files import read_root
from lims.settings import load_settings


@click.command()
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option(
    "--trust",
    "roots",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Root certificate; without it, this site's own, else the bundle's 根证书.",
)
@click.option("--json", "printing_json", is_flag=True, help="As JSON 以 JSON 输出.")
def reproduce(bundle: Path, roots: tuple[Path, ...], printing_json: bool) -> int:
    """Compute the digits of the report in BUNDLE again and compare 复算报告数值.

    Needs no database: the bundle holds the report, the raw spool, the calibrations, the item and the limits.
    Exit code 0: every digit comes out again; 1: something differs, and what; 2: the bundle cannot be used.
    """
    trusted = [read_root(root) for root in roots] or _own_root()
    found = compute(read_bundle(bundle), trust_roots=trusted)
    if not trusted:
        click.echo(
            in_your_language(
                "The signatures were compared only with the certificate in the bundle itself; to know whose they are, "
                "give the laboratory's root certificate with --trust.",
                "签名仅与证据包自带的证书核对；如需确认签名机构，请用 --trust 给出本中心根证书。",
            ),
            err=True,
        )
    click.echo(_as_json(found) if printing_json else "\n".join(lines(found)))
    return int(not found.same)


def _own_root() -> list[bytes]:
    """This site's root certificate, if this computer has an instance with one."""
    own = load_settings().instance_path / "keys" / "root.pem"
    return [own.read_bytes()] if own.is_file() else []


def lines(found: Reproduction) -> list[str]:
    """What was done and what came out, for a person."""
    told = [
        in_your_language(found.verdict.sentence_en, found.verdict.sentence_zh),
        _counted(found),
        f"{len(found.digits)} printed digits 印刷数值: {len(found.differences)} differ 不符",
        *(f"  {one.key}: printed 报告 {one.printed}, computed 复算 {one.computed}" for one in found.differences),
    ]
    if not found.same_program:
        told.append(
            in_your_language(
                "This program's text is not the one that evaluated; the digits were compared all the same.",
                "本程序与当时计算所用的程序文本不同；仍已逐位比较。",
            )
        )
    verdict = ("Reproduced.", "复算一致。") if found.same else ("NOT reproduced.", "复算不一致。")
    return [*told, in_your_language(*verdict)]


def _counted(found: Reproduction) -> str:
    if found.entries is not None:
        return (
            f"{found.entries} entries of the record 记录内容, beside the audit trail 与审计记录核对: "
            f"{found.disagreements} differ 不符"
        )
    return (
        f"{found.scans} scans 采样, {found.exchanges} exchanges 应答, {found.readings} readings 读数: "
        f"{found.disagreements} differ 不符"
    )


def _as_json(found: Reproduction) -> str:
    told = {
        "report": found.report,
        "reproduced": found.same,
        "valid": found.verdict.valid,
        "sentence_en": found.verdict.sentence_en,
        "sentence_zh": found.verdict.sentence_zh,
        "scans": found.scans,
        "exchanges": found.exchanges,
        "readings": found.readings,
        "entries": found.entries,
        "disagreements": found.disagreements,
        "digits": dict(found.digits),
        "differences": [{"key": d.key, "printed": d.printed, "computed": d.computed} for d in found.differences],
        "same_program": found.same_program,
    }
    return json.dumps(told, ensure_ascii=False, indent=1)
