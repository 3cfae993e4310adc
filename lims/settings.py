"""How this site is set: one frozen dataclass, from config/default.toml, a site file and the environment."""

from __future__ import annotations

import os
import re
import secrets
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lims.errors import BadInput

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "HELIOBENCH_"
# Read elsewhere, not settings: which site file, which language the command line speaks, which server the tests take.
MAIL_PASSWORD = "HELIOBENCH_MAIL_PASSWORD"  # noqa: S105 (the name of the variable)
RESERVED = frozenset({MAIL_PASSWORD, "HELIOBENCH_SITE", "HELIOBENCH_LANGUAGE", "HELIOBENCH_TEST_POSTGRESQL"})
# A file in an instance folder that holds the demonstration laboratory: its reports say so whatever the settings say.
DEMONSTRATION = "DEMONSTRATION"
MAIL_SECURITIES = ("starttls", "tls", "none")
TRUE, FALSE = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting; the meaning of each stands beside its default in config/default.toml."""

    instance: str
    database_url: str
    host: str
    port: int
    base_url: str
    workers: int
    threads: int
    language: str
    time_zone: str
    session_hours: int
    sign_in_attempts: int
    sign_in_attempts_address: int
    sign_in_window_minutes: int
    upload_limit_mb: int
    page_rows: int
    vat_percent: int
    quotation_days: int
    secure_cookies: bool
    demonstration: bool
    numbers: dict[str, str]
    mail_host: str
    mail_port: int
    mail_security: str
    mail_user: str
    mail_from: str
    mail_ca_file: str
    blind_technicians: bool
    blind_manufacturer: bool

    @property
    def instance_path(self) -> Path:
        """The instance folder, absolute; a relative one lies beside the code."""
        return (ROOT / self.instance).resolve()

    @property
    def database(self) -> str:
        """The database's URL; SQLite in the instance folder unless another is set."""
        return self.database_url or f"sqlite:///{self.instance_path / 'heliobench.sqlite'}"


def load_settings(environment: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Settings from the default file, the site file and the environment; later ones win.

    Raises `BadInput` naming the key and where it stands, for an unknown key or a value of the wrong type.
    """
    environment = os.environ if environment is None else environment
    values = _from_file(ROOT / "config" / "default.toml")
    if site := environment.get("HELIOBENCH_SITE"):
        values = _over(values, _from_file(Path(site)))
    values |= _from_environment(environment)
    values = _over(values, _checked(overrides, "the program"))
    _require_time_zone(values["time_zone"])
    _require_mail(values)
    marked = (ROOT / values["instance"] / DEMONSTRATION).exists()
    return Settings(**values | {"demonstration": values["demonstration"] or marked})


def _require_mail(values: Mapping[str, Any]) -> None:
    if values["mail_security"] not in MAIL_SECURITIES:
        raise BadInput(
            f"Setting 'mail_security' is '{values['mail_security']}'; it is one of {', '.join(MAIL_SECURITIES)}.",
            f"设置“mail_security”为“{values['mail_security']}”；可选：{'、'.join(MAIL_SECURITIES)}。",
        )
    if values["mail_host"] and "@" not in values["mail_from"]:
        raise BadInput(
            "Setting 'mail_host' names a mail server, but 'mail_from' is no address to send from.",
            "设置“mail_host”指定了邮件服务器，但“mail_from”不是有效的发件地址。",
        )


def _over(values: dict[str, Any], later: dict[str, Any]) -> dict[str, Any]:
    """The later values win; of a table only the keys that they name."""
    tables = {key: values[key] | value for key, value in later.items() if isinstance(value, dict)}
    return values | later | tables


def _require_time_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        raise BadInput(
            f"Setting 'time_zone' is '{name}', which is no time zone; give one like Asia/Shanghai.",
            f"设置“time_zone”为“{name}”，不是时区；请填写如 Asia/Shanghai 的时区。",
        ) from error


def _from_file(path: Path) -> dict[str, Any]:
    try:
        return _checked(tomllib.loads(path.read_text(encoding="utf-8")), str(path))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(
            f"The settings file {path} cannot be read: {error}.", f"无法读取设置文件 {path}：{error}。"
        ) from error


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    named = {k: v for k, v in environment.items() if k.startswith(PREFIX) and k not in RESERVED}
    parsed = {k.removeprefix(PREFIX).lower(): _parsed(k, v) for k, v in named.items()}
    return _checked(parsed, "the environment")


def _parsed(key: str, text: str) -> Any:
    kind = _TYPES.get(key.removeprefix(PREFIX).lower())
    if kind == "bool" and text.lower() in TRUE | FALSE:
        return text.lower() in TRUE
    if kind == "int" and re.fullmatch("-?[0-9]+", text):
        return int(text)
    return text


_TYPES = {field.name: str(field.type).partition("[")[0] for field in fields(Settings)}


def _checked(values: Mapping[str, Any], where: str) -> dict[str, Any]:
    for key, value in values.items():
        if key not in _TYPES:
            known = ", ".join(sorted(_TYPES))
            raise BadInput(
                f"Unknown setting '{key}' in {where}; the settings are: {known}.",
                f"{where} 中的设置“{key}”不存在；可用的设置有：{known}。",
            )
        if type(value).__name__ != _TYPES[key]:
            raise BadInput(
                f"Setting '{key}' in {where} must be of type {_TYPES[key]}, not {value!r}.",
                f"{where} 中的设置“{key}”应为 {_TYPES[key]} 类型，而不是 {value!r}。",
            )
        if isinstance(value, dict) and not all(isinstance(one, str) for one in value.values()):
            raise BadInput(
                f"Setting '{key}' in {where} is a table of texts; write each as KEY = \"text\".",
                f'{where} 中的设置“{key}”应为文本表；请逐项写成 KEY = "文本"。',
            )
    return dict(values)


def secret(settings: Settings, name: str) -> bytes:
    """The site's secret ``name``, generated on first use into the instance folder with mode 0600."""
    path = settings.instance_path / "secrets" / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_once(path, secrets.token_bytes(32))
    return path.read_bytes()


def _write_once(path: Path, data: bytes) -> None:
    """Write aside and link: the name appears with all its bytes or not at all, and the first worker's stay."""
    handle, temporary = tempfile.mkstemp(dir=path.parent)  # of mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path)
    except FileExistsError:  # another worker was first: its secret is the secret
        pass
    finally:
        os.unlink(temporary)
