"""`heliobench user`: people, from the machine's own keyboard; what the administrator does in the browser otherwise."""

import json
from typing import Any

import click

from lims import migrate
from lims.errors import BadInput
from lims.laboratory import SYSTEM, Laboratory
from lims.parties import operations, queries
from lims.parties.models import Person
from lims.permissions import Role
from lims.settings import load_settings


def _laboratory() -> Laboratory:
    laboratory = Laboratory(load_settings())
    migrate.require_current(laboratory.database)
    return laboratory


@click.group()
def user() -> None:
    """Add people and set their passwords 管理用户."""


@user.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="As JSON 以 JSON 输出.")
def list_people(as_json: bool) -> None:
    """List everybody with their roles 列出用户."""
    with _laboratory().database.read() as session:
        rows = [_row(person) for person in queries.people(session)]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        click.echo(f"{row['username']:<16}{row['name_zh']}  {','.join(row['roles'])}  {row['company']}".rstrip())


def _row(person: Person) -> dict[str, Any]:
    return {
        "username": person.username, "name_zh": person.name_zh, "name_en": person.name_en,
        "roles": sorted(person.roles), "company": person.company.code if person.company else "",
        "active": person.active,
    }  # fmt: skip


@user.command()
@click.argument("username")
@click.option("--name", required=True, help="Name in Chinese 姓名.")
@click.option("--name-en", required=True, help="Name in Latin letters 拼音.")
@click.option(
    "--role", "roles", multiple=True, required=True, type=click.Choice([r.value for r in Role]),
    help="Role; may be given more than once 角色，可多次给出.",
)  # fmt: skip
@click.option("--company", "code", default="", help="Code of the company, for its users 委托单位代码.")
@click.password_option(help="Asked for if not given 不给出则询问.")
def add(username: str, name: str, name_en: str, roles: tuple[str, ...], code: str, password: str) -> None:
    """Add USERNAME 新增用户."""
    with _laboratory().work(SYSTEM) as work:
        firm = next((one for one in queries.companies(work.session) if one.code == code), None)
        if code and firm is None:
            raise BadInput(f"There is no company '{code}'.", f"没有代码为“{code}”的委托单位。")
        operations.add_person(
            work, username=username, name_zh=name, name_en=name_en, password=password,
            roles=[Role(role) for role in roles], company=firm,
        )  # fmt: skip
    click.echo(f"{username} ✓")


@user.command()
@click.argument("username")
@click.password_option(help="Asked for if not given 不给出则询问.")
def password(username: str, password: str) -> None:
    """Set the password of USERNAME; ends all their sign-ins 设置密码."""
    with _laboratory().work(SYSTEM) as work:
        person = queries.person_by_username(work.session, username)
        if person is None:
            raise BadInput(f"There is no user '{username}'.", f"没有名为“{username}”的用户。")
        operations.set_password(work, person, password)
    click.echo(f"{username} ✓")
