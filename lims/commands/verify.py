"""`heliobench verify`: is this report genuine, and unchanged to the last byte?"""

import json
from pathlib import Path

import click

from lims import migrate
from lims.certificates.operations import Verified, verify_file
from lims.certificates.verify import as_json, verify_pdf
from lims.cli import in_your_language
from lims.commands.files import read_file, read_root
from lims.errors import Sentence
from lims.laboratory import Laboratory
from lims.settings import load_settings

REGISTER = Sentence(
    "Whether it was replaced or withdrawn since then only the laboratory's register knows: open the address of its QR "
    "code.",
    "此后是否被替代或撤回，只有检测机构的登记能够说明：请打开报告二维码所示网址。",
)
# What was never a report of this laboratory: bad input, not a report that was tampered with.
NOT_OURS = frozenset({"not-pdf", "no-signatures", "not-a-report", "unknown-authority"})


@click.command()
@click.argument("report", type=click.Path(path_type=Path))
@click.option(
    "--trust", "roots", multiple=True, type=click.Path(path_type=Path),
    help="The laboratory's root certificate; without it, this site's own and its register 根证书.",
)  # fmt: skip
@click.option("--json", "printing_json", is_flag=True, help="The verdict as JSON 以 JSON 输出.")
def verify(report: Path, roots: tuple[Path, ...], printing_json: bool) -> int:
    """Check REPORT (PDF): signatures, every byte, and the register 验证报告真伪.

    Exit code 0: valid; 1: one of ours, but changed or no longer in force; 2: no report of this laboratory.
    """
    data = read_file(report)
    if roots:
        verdict = verify_pdf(data, [read_root(root) for root in roots])
        valid, sentence = verdict.valid, Sentence(verdict.sentence_en, verdict.sentence_zh)
    else:
        verified = _by_register(data)
        verdict, valid, sentence = verified.verdict, verified.valid, verified.sentence
    if printing_json:
        told = as_json(verdict) | {"valid": valid, "sentence_en": sentence.en, "sentence_zh": sentence.zh}
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        click.echo(in_your_language(sentence.en, sentence.zh))
        if roots and valid:
            click.echo(in_your_language(REGISTER.en, REGISTER.zh))
    return 0 if valid else 2 if verdict.code in NOT_OURS else 1


def _by_register(data: bytes) -> Verified:
    laboratory = Laboratory(load_settings())
    migrate.require_current(laboratory.database)
    try:
        return verify_file(laboratory, data)
    finally:
        laboratory.close()
