"""`heliobench procedures` lists, shows and judges manual tests; what is handed in by mistake is told in a sentence."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.protocols.procedures.records import PROCEDURES, good_record

Run = Callable[..., tuple[int, str, str]]
ID = "iso9806-2017-rain"
RECORD = """
A_G = 2.0
tilt = 30
t_water = 18.5
flow = 0.055
t_abs = 52
sprayed = 4.0
mass_before = [38210, 38210]
mass_after = [38214, 38214]
water_inside = "no"
"""


@pytest.fixture
def record(tmp_path: Path) -> Path:
    file = tmp_path / "record.toml"
    file.write_text(RECORD, "utf-8")
    return file


def test_every_procedure_is_listed_and_can_be_shown(heliobench: Run) -> None:
    code, out, err = heliobench("procedures")
    assert (code, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()] == list(PROCEDURES)
    for id_ in PROCEDURES:
        code, out, err = heliobench("procedures", id_)
        assert (code, err) == (0, "")
        assert out.startswith(id_)


def test_a_procedure_shows_its_steps_entries_and_which_limits_nobody_has_confirmed(heliobench: Run) -> None:
    _, out, _ = heliobench("procedures", ID)
    assert "mass_before [g] ×2  mass before" in out
    assert "sprayed ≥ 4 h (unconfirmed 未确认)" in out
    assert "water_inside ≠ yes" in out
    _, out, _ = heliobench("procedures", "iso9806-2017-exposure")
    assert "H ≥ [climate_class] A: 600 MJ/m2 (unconfirmed 未确认); B: 540" in out


def test_a_record_is_judged_and_the_exit_code_says_whether_it_passed(heliobench: Run, record: Path) -> None:
    code, out, err = heliobench("procedures", ID, "--record", record)
    assert (code, err) == (1, "")
    assert "not judged" in out
    assert "按现有限值: 合格 pass" in out
    assert "gain = 2 g/m2" in out
    assert "rain_duration = 4 h is not confirmed for ISO 9806:2017" in out
    record.write_text(RECORD.replace('"no"', '"yes"'), "utf-8")
    code, out, _ = heliobench("procedures", ID, "--record", record)
    assert code == 1
    assert "不合格 fail" in out


def test_a_record_that_needs_no_limit_passes(heliobench: Run, tmp_path: Path) -> None:
    id_ = "gbt6424-2007-appearance"
    file = tmp_path / "record.toml"
    file.write_text("\n".join(f'{key} = "{value}"' for key, value in good_record(PROCEDURES[id_]).items()), "utf-8")
    code, out, _ = heliobench("procedures", id_, "--record", file)
    assert code == 0
    assert "合格 pass" in out


def test_a_program_gets_procedures_and_judgements_as_json(heliobench: Run, record: Path) -> None:
    listed = json.loads(heliobench("procedures", "--json")[1])
    assert listed["schema"] == "heliobench.procedures/1"
    assert [one["id"] for one in listed["procedures"]] == list(PROCEDURES)
    judged = json.loads(heliobench("procedures", ID, "--record", record, "--json")[1])
    assert judged["schema"] == "heliobench.judgement/1"
    assert (judged["verdict"], judged["would_be"]) == ("not judged", "pass")


@pytest.mark.parametrize(
    ("arguments", "text", "sentence"),
    [
        (["no-such-test"], None, "There is no procedure “no-such-test”: choose one of"),
        (["--record", "record.toml"], None, "Say which procedure the record is of"),
        ([ID, "--record", "nowhere.toml"], None, "nowhere.toml cannot be read"),
        ([ID, "--record", "record.toml"], "A_G = = 2", "record.toml: not a TOML file"),
        ([ID, "--record", "record.toml"], "colour = 1", "'colour', which iso9806-2017-rain does not know"),
        (["iso9806-2017-leakage", "--record", "record.toml"], "", "is not offered here"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_sentence(
    heliobench: Run,
    record: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    text: str | None,
    sentence: str,
) -> None:
    monkeypatch.chdir(record.parent)
    if text is not None:
        record.write_text(text, "utf-8")
    code, out, err = heliobench("procedures", *arguments)
    assert (code, out) == (2, "")
    assert sentence in err
    assert err.count("\n") == 1
