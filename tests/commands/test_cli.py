"""The command line starts at once, speaks the person's language, and never shows a traceback for bad input."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from lims import cli
from lims.errors import Damaged, Refused


def test_help_imports_no_command_and_no_library_but_click() -> None:
    script = (
        "import sys, json\nsys.argv = ['heliobench', '--help']\nfrom lims.cli import main\n"
        "try:\n    main()\nexcept SystemExit as left:\n"
        "    print(json.dumps([left.code, sorted({name.split('.')[0] for name in sys.modules})]), file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    code, modules = json.loads(ran.stderr)
    assert code == 0
    assert not {"numpy", "flask", "sqlalchemy", "pint", "serial", "duckdb", "protocols", "instruments"} & set(modules)
    for name, entry in cli.COMMANDS.items():
        assert name in ran.stdout
        assert entry.chinese in ran.stdout


def test_the_installed_script_prints_its_version() -> None:
    script = Path(sys.executable).parent / "heliobench"
    ran = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)
    assert ran.stdout.startswith("heliobench 0.")


@pytest.mark.parametrize("words", [[], ["audit"], ["bench"]])
def test_a_group_of_commands_without_one_shows_what_there_is(words: list[str]) -> None:
    script = Path(sys.executable).parent / "heliobench"
    ran = subprocess.run([script, *words], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "\nCommands" in ran.stderr


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_of_the_table_is_there_and_has_help_in_both_languages(
    heliobench: Callable[..., tuple[object, str, str]], name: str
) -> None:
    code, out, err = heliobench(name, "--help")
    assert (code, err) == (0, "")
    assert any("一" <= sign <= "鿿" for sign in out)


@pytest.mark.parametrize(
    "arguments",
    [["fly"], ["--fly"], ["evaluate"], ["evaluate", "m", "r"], ["probe", "p", "--driver", "x", "--count", "0"]],
)
def test_a_mistyped_command_line_is_one_sentence_that_points_to_the_help(
    heliobench: Callable[..., tuple[object, str, str]], arguments: list[str]
) -> None:
    code, out, err = heliobench(*arguments)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert "--help" in err


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"HELIOBENCH_LANGUAGE": "zh", "LANG": "en_GB.UTF-8"}, "不行。"),
        ({"HELIOBENCH_LANGUAGE": "en", "LANG": "zh_CN.UTF-8"}, "No."),
        ({"LANG": "zh_CN.UTF-8"}, "不行。"),
        ({"LANG": "en_GB.UTF-8"}, "No."),
        ({"LANG": "C.UTF-8"}, "不行。 No."),
        ({}, "不行。 No."),
    ],
)
def test_a_sentence_is_in_the_language_of_the_person(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], expected: str
) -> None:
    for name in ("HELIOBENCH_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert cli.in_your_language("No.", "不行。") == expected


class _Silent(Exception):
    """An error of another package that carries its sentences, as instruments and protocols do."""

    sentence_en, sentence_zh = "Silence.", "无应答。"


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (Refused("No.", "不行。"), 2, "No.\n"),
        (Damaged("Changed.", "已改动。"), 1, "Changed.\n"),
        (_Silent(), 2, "Silence.\n"),
        (Refused("Two\nlines.", "两行。"), 2, "Two lines.\n"),
    ],
)
def test_an_exception_with_a_sentence_ends_with_it_and_its_exit_code(
    heliobench: Callable[..., tuple[object, str, str]],
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    code: int,
    sentence: str,
) -> None:
    @click.command()
    def broken() -> None:
        raise error

    monkeypatch.setattr(cli.LazyGroup, "get_command", lambda *_: broken)
    assert heliobench("methods") == (code, "", sentence)


def test_our_own_mistake_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(cli.LazyGroup, "get_command", lambda *_: broken)
    monkeypatch.setattr("sys.argv", ["heliobench", "methods"])
    with pytest.raises(ZeroDivisionError):
        cli.main()


def test_methods_are_listed_for_people_and_for_programs(heliobench: Callable[..., tuple[object, str, str]]) -> None:
    _, text, _ = heliobench("methods")
    code, out, _ = heliobench("methods", "--json")
    (method,) = [one for one in json.loads(out)["methods"] if one["id"] == "iso9806-2017-qdt"]
    assert code == 0
    assert method["id"] in text
    assert method["inputs"]["t_in"] == "degC"
    assert {entry["symbol"] for entry in method["item"]} >= {"A_G", "tilt", "azimuth", "latitude", "longitude"}
