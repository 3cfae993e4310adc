"""Settings: default, then site file, then environment, then the program; a mistake is one sentence."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path
from threading import Barrier

import pytest

from lims.errors import BadInput
from lims.settings import Settings, load_settings, secret


def test_the_defaults_are_complete_and_of_the_right_types(tmp_path: Path) -> None:
    settings = load_settings({}, instance=str(tmp_path))  # the checkout's own may hold the demonstration
    assert {type(getattr(settings, field.name)).__name__ for field in fields(Settings)} == {
        "str",
        "int",
        "bool",
        "dict",
    }
    assert settings.demonstration is False


def test_each_source_wins_over_the_one_before(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text('port = 1001\nhost = "site"\nlanguage = "en"\n')
    environment = {"HELIOBENCH_SITE": str(site), "HELIOBENCH_HOST": "environment"}
    assert (load_settings({}).port, load_settings(environment).port) == (8000, 1001)
    assert load_settings(environment).host == "environment"
    assert load_settings(environment, host="program").host == "program"


@pytest.mark.parametrize(("text", "value"), [("1", True), ("Yes", True), ("on", True), ("0", False), ("FALSE", False)])
def test_a_switch_in_the_environment_may_be_written_as_people_write_it(text: str, value: bool) -> None:
    assert load_settings({"HELIOBENCH_SECURE_COOKIES": text}).secure_cookies is value


def test_other_variables_of_the_environment_are_left_alone() -> None:
    assert load_settings({"PATH": "/bin", "HELIOBENCH_TEST_POSTGRESQL": "x:1", "HELIOBENCH_LANGUAGE": "zh"})


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"HELIOBENCH_PROT": "1"}, "Unknown setting 'prot' in the environment; the settings are: base_url, "),
        ({"HELIOBENCH_PORT": "http"}, "Setting 'port' in the environment must be of type int, not 'http'."),
        ({"HELIOBENCH_PORT": "80.5"}, "Setting 'port' in the environment must be of type int, not '80.5'."),
        ({"HELIOBENCH_PORT": "--1"}, "Setting 'port' in the environment must be of type int, not '--1'."),
        ({"HELIOBENCH_PORT": "²"}, "Setting 'port' in the environment must be of type int, not '²'."),
        ({"HELIOBENCH_SECURE_COOKIES": "maybe"}, "Setting 'secure_cookies' in the environment must be of type bool"),
        ({"HELIOBENCH_TIME_ZONE": "Mars/Base"}, "Setting 'time_zone' is 'Mars/Base', which is no time zone"),
        ({"HELIOBENCH_TIME_ZONE": "../etc"}, "Setting 'time_zone' is '../etc', which is no time zone"),
        ({"HELIOBENCH_SITE": "/nowhere/site.toml"}, "The settings file /nowhere/site.toml cannot be read"),
    ],
)
def test_a_mistake_in_the_environment_is_one_sentence(environment: dict[str, str], said: str) -> None:
    with pytest.raises(BadInput) as refused:
        load_settings(environment)
    assert refused.value.sentence_en.startswith(said)
    assert refused.value.sentence_zh


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"port = 'x'", "must be of type int"),
        (b"port = true", "must be of type int"),
        (b"port = 80.0", "must be of type int"),
        (b"secure_cookies = 1", "must be of type bool"),
        (b"colour = 'red'", "Unknown setting 'colour'"),
        (b"port =", "cannot be read"),
        (b"host = '\xff'", "cannot be read"),
    ],
)
def test_a_mistake_in_the_site_file_is_one_sentence_naming_the_file(tmp_path: Path, text: bytes, said: str) -> None:
    site = tmp_path / "site.toml"
    site.write_bytes(text)
    with pytest.raises(BadInput, match=said) as refused:
        load_settings({"HELIOBENCH_SITE": str(site)})
    assert str(site) in refused.value.sentence_en
    assert str(site) in refused.value.sentence_zh


def test_a_misspelt_override_of_the_program_is_an_error_too() -> None:
    with pytest.raises(BadInput, match="Unknown setting 'demonstation' in the program"):
        load_settings({}, demonstation=True)


def test_the_database_lies_in_the_instance_unless_another_is_set(tmp_path: Path) -> None:
    assert load_settings({}, instance=str(tmp_path)).database == f"sqlite:///{tmp_path}/heliobench.sqlite"
    assert load_settings({}, database_url="postgresql://x/y").database == "postgresql://x/y"


# --- secrets ------------------------------------------------------------------------------------------------


def test_a_secret_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    settings = load_settings({}, instance=str(tmp_path))
    made = secret(settings, "session")
    assert len(made) == 32
    assert secret(settings, "session") == made
    assert secret(settings, "other") != made
    assert stat.S_IMODE((tmp_path / "secrets" / "session").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    assert sorted(path.name for path in (tmp_path / "secrets").iterdir()) == ["other", "session"]


def test_workers_that_start_at_once_agree_on_the_secret(tmp_path: Path) -> None:
    for number in range(20):
        settings = load_settings({}, instance=str(tmp_path / str(number)))
        together = Barrier(8)

        def start(_: int, settings: Settings = settings, together: Barrier = together) -> bytes:
            together.wait()
            return secret(settings, "session")

        with ThreadPoolExecutor(8) as pool:
            found = set(pool.map(start, range(8)))
        assert len(found) == 1
        assert len(found.pop()) == 32


def test_an_instance_that_holds_the_demonstration_says_so_whatever_the_settings_say(tmp_path: Path) -> None:
    (tmp_path / "DEMONSTRATION").touch()
    assert load_settings({"HELIOBENCH_DEMONSTRATION": "false"}, instance=str(tmp_path)).demonstration is True
    assert load_settings({}, instance=str(tmp_path / "other")).demonstration is False


def test_a_table_is_laid_over_the_default_key_by_key(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text('[numbers]\nBG = "JC{year}{seq:04d}"\n')
    assert load_settings({"HELIOBENCH_SITE": str(site)}).numbers == {
        "default": "{kind}-{year}-{seq:05d}", "BG": "JC{year}{seq:04d}",
    }  # fmt: skip
    site.write_text("[numbers]\nBG = 7\n")
    with pytest.raises(BadInput, match="table of texts"):
        load_settings({"HELIOBENCH_SITE": str(site)})
    with pytest.raises(BadInput, match="must be of type dict"):
        load_settings({"HELIOBENCH_NUMBERS": "BG"})
