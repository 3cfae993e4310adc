"""`heliobench audit`: check the audit trail from the first event to the last."""

import json
from dataclasses import asdict

import click

from lims import audit as trail
from lims import migrate
from lims.cli import in_your_language
from lims.laboratory import Laboratory
from lims.settings import load_settings


@click.group()
def audit() -> None:
    """Check the audit trail 核查审计记录."""


@audit.command()
@click.option("--json", "as_json", is_flag=True, help="The verdict as JSON 以 JSON 输出.")
def verify(as_json: bool) -> int:
    """Walk the hash chain; exit 1 and name the first event that is missing or changed 逐条核对哈希链."""
    laboratory = Laboratory(load_settings())
    migrate.require_current(laboratory.database)
    with laboratory.database.read() as session:
        verdict = trail.verify(session)
    laboratory.close()
    if as_json:
        click.echo(json.dumps(asdict(verdict) | {"valid": verdict.wrong_at is None}, ensure_ascii=False))
    else:
        click.echo(f"{in_your_language(verdict.sentence_en, verdict.sentence_zh)} ({verdict.events}) {verdict.head}")
    return int(verdict.wrong_at is not None)
