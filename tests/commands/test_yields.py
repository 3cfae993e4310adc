"""`heliobench yield` on the shipped collectors and climate, and on files that are none."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHAPPEE = ROOT / "config/collectors/km3663_chappee_sol_200_lh.toml"
ARCON = ROOT / "config/collectors/sp_sc0843_14_arcon_htheatstore_35_10.toml"
CLIMATE = ROOT / "config/climates/pvgis_45n_8e.csv"

Run = Callable[..., tuple[int, str, str]]


def test_a_person_reads_months_and_the_sheet(heliobench: Run) -> None:
    code, out, err = heliobench("yield", CHAPPEE)
    assert (code, err) == (0, "")
    assert "pvgis_45n_8e  30 deg" in out
    assert "75 degC" in out
    assert out.split("W/m2  ")[1].split()[:6] == ["729", "692", "608", "511", "400", "321"]


def test_a_program_gets_numbers_and_texts(heliobench: Run) -> None:
    code, out, _ = heliobench("yield", CHAPPEE, "--climate", CLIMATE, "--json")
    document = json.loads(out)
    assert code == 0
    assert document["schema"] == "heliobench.yield/1"
    (climate,) = document["climates"]
    assert sum(climate["monthly"][0]) == pytest.approx(climate["annual"][0])
    assert document["sheet"]["yields_per_area"][0] == [f"{round(each)}" for each in climate["annual"]]
    assert "European Union" in climate["licence"]


def test_without_a_tested_range_the_yields_come_and_the_sheet_says_what_is_missing(heliobench: Run) -> None:
    code, out, _ = heliobench("yield", ARCON, "--temperature", "60", "--json")
    document = json.loads(out)
    assert code == 0
    assert document["sheet"] is None
    assert "tested_rise" in document["no_sheet"]["sentence_en"]
    assert document["no_sheet"]["sentence_zh"]
    assert len(document["climates"][0]["annual"]) == 1
    assert "tested_rise" in heliobench("yield", ARCON)[1]


def test_another_sun_gives_another_number(heliobench: Run) -> None:
    simple, exact = (
        json.loads(heliobench("yield", CHAPPEE, "--sun", sun, "--json")[1]) for sun in ("scenocalc", "heliobench")
    )
    ratio = exact["climates"][0]["annual"][0] / simple["climates"][0]["annual"][0]
    assert ratio == pytest.approx(1.0, abs=0.005)
    assert ratio != 1.0


@pytest.mark.parametrize(
    ("collector", "climate", "complaint"),
    [
        ("nowhere.toml", CLIMATE, "nowhere.toml cannot be used: No such file"),
        (CHAPPEE, "nowhere.epw", "nowhere.epw cannot be used: No such file"),
        (CHAPPEE, CHAPPEE, "it is neither EPW, TMY3 nor the CSV of PVGIS"),
        (CLIMATE, CLIMATE, "it is not valid TOML"),
    ],
)
def test_a_file_that_is_none_is_one_sentence_and_exit_2(
    heliobench: Run, collector: str | Path, climate: str | Path, complaint: str
) -> None:
    code, out, err = heliobench("yield", collector, "--climate", climate)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert complaint in err


def test_a_collector_that_depends_on_wind_needs_a_climate_with_wind(heliobench: Run, tmp_path: Path) -> None:
    bare = tmp_path / "bare.toml"
    bare.write_text(CHAPPEE.read_text(encoding="utf-8").replace("a5 =", "a3 = 1.7\na5 ="), encoding="utf-8")
    calm = tmp_path / "calm.epw"
    calm.write_text("LOCATION,Calm,-,-,-,-,45,8,1,200\n", encoding="utf-8")
    code, _, err = heliobench("yield", bare, "--climate", calm)
    assert code == 2
    assert "there are 0 hours" in err


@pytest.mark.parametrize("offset", ["soon", "nan"])
def test_a_time_offset_that_is_no_number_is_one_sentence(heliobench: Run, tmp_path: Path, offset: str) -> None:
    broken = tmp_path / "broken.csv"
    broken.write_text(CLIMATE.read_text("utf-8").replace("Offset (h): 0.1761", f"Offset (h): {offset}"), "utf-8")
    code, out, err = heliobench("yield", CHAPPEE, "--climate", broken)
    assert (code, out) == (2, "")
    assert "broken.csv, line 1: field 1 is" in err
