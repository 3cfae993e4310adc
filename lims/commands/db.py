"""`heliobench db`: the database's way up and down."""

import click

from lims import migrate
from lims.db import Database
from lims.errors import Refused
from lims.settings import load_settings


@click.group()
def db() -> None:
    """Create and migrate the database 建立和升级数据库."""


def _database() -> Database:
    settings = load_settings()
    settings.instance_path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Database(settings.database)


@db.command()
def status() -> int:
    """Show the revision of the database and of this program; exit 1 if they differ 查看版本."""
    found, wanted = migrate.current(_database()), migrate.head()
    click.echo(f"database 数据库 {found or '-'}\nprogram  程序   {wanted}")
    return int(found != wanted)


@db.command()
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the database up to REVISION (default: the newest) 升级."""
    migrate.upgrade(_database(), revision)
    click.echo(f"database 数据库 {migrate.current(_database())}")


@db.command()
@click.argument("revision")
@click.option("--yes", is_flag=True, help="I have a backup 我已备份.")
def downgrade(revision: str, yes: bool) -> None:
    """Bring the database down to REVISION; what only newer tables hold is lost 降级."""
    if not yes:
        raise Refused(
            "A downgrade loses what only the newer tables hold: back up, then repeat with --yes.",
            "降级会丢失仅存于新表中的数据：请先备份，再加 --yes 执行。",
        )
    migrate.downgrade(_database(), revision)
    click.echo(f"database 数据库 {migrate.current(_database()) or '-'}")
