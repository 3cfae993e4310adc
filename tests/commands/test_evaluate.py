"""`heliobench evaluate` on the demonstration's real record, and on whatever a person may hand in by mistake."""

import hashlib
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[2]
GRAZ = ROOT / "lims/demonstration/graz/graz_2017-07_2017-08_1min.parquet"
ITEM = ROOT / "config/items/graz_array.toml"
METHOD = "iso9806-2017-qdt"
COLUMNS = """rd_gti AS "G [W/m2]", rd_dti AS "Gd [W/m2]", te_in AS "t_in [K]", te_out - 273.15 AS "t_out [degC]",
             te_amb AS "t_amb [K]", vf * 3600 AS "V_dot [m3/h]", ve_wind AS "u [m/s]", is_shadowed AS "shaded [1]" """

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The record's July as CSV and the two months as Parquet, and the item with the offset of start-of-minute means."""
    made = tmp_path_factory.mktemp("evaluate")
    rows = f"FROM '{GRAZ}' ORDER BY time_utc"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT time_utc, {COLUMNS} {rows}) TO '{made}/record.parquet' (FORMAT parquet)")
        connection.execute(
            f"""COPY (SELECT strftime(time_utc, '%Y-%m-%dT%H:%M:%SZ') AS time_utc, {COLUMNS} {rows} LIMIT 44640)
                TO '{made}/july.csv' (HEADER)"""
        )
    (made / "item.toml").write_text(ITEM.read_text(encoding="utf-8"), encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def july(folder: Path) -> list[str]:
    """The lines of the CSV record."""
    return (folder / "july.csv").read_text(encoding="utf-8").splitlines()


def evaluated(heliobench: Run, record: Path, item: Path, out: Path) -> dict[str, Any]:
    code, printed, err = heliobench("evaluate", METHOD, record, "--item", item, "--json", out)
    assert (code, printed, err) == (0, "", "")
    document: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return document


def test_the_two_months_give_the_coefficients_of_a_careful_fit(heliobench: Run, folder: Path, tmp_path: Path) -> None:
    document = evaluated(heliobench, folder / "record.parquet", folder / "item.toml", tmp_path / "out.json")
    found = {one["symbol"]: one for one in document["coefficients"]}
    # lims/demonstration/graz/README.md: a careful fit of this record by its collectors.
    expected = {"eta0b": (0.728, "1"), "Kd": (0.905, "1"), "a1": (2.06, "W/(m2 K)"), "a2": (0.0144, "W/(m2 K2)")}
    for symbol, (value, unit) in expected.items():
        assert found[symbol]["unit"] == unit
        assert abs(found[symbol]["value"] - value) < found[symbol]["expanded_uncertainty"]
    assert document["schema"] == "heliobench.outcome/1"
    assert document["method"] == METHOD
    assert document["record"]["rows"] == 89280
    assert document["record"]["sha256"] == hashlib.sha256((folder / "record.parquet").read_bytes()).hexdigest()
    assert document["item"]["A_G"] == 515.66
    assert re.fullmatch(r"\d+\.\d+\.\d+.*", document["software"]["version"])
    assert len(document["covariance"]) == len(document["coefficients"])
    assert all(refusal["clause"] and refusal["count"] > 0 for refusal in document["refusals"])


def test_without_json_a_person_reads_a_table_with_reasons_and_notes(heliobench: Run, folder: Path) -> None:
    code, out, err = heliobench("evaluate", METHOD, folder / "july.csv", "--item", folder / "item.toml")
    assert (code, err) == (0, "")
    assert re.search(r"^ *eta0b +0\.7\d+ +0\.0\d+", out, re.MULTILINE)
    assert "data points used 采用数据点: " in out
    assert "The collector is shaded" in out
    assert hashlib.sha256((folder / "july.csv").read_bytes()).hexdigest() in out


def test_one_language_is_enough_for_a_person_who_asks_for_it(
    heliobench: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HELIOBENCH_LANGUAGE", "zh")
    _, out, _ = heliobench("evaluate", METHOD, folder / "july.csv", "--item", folder / "item.toml")
    assert "遮挡" in out
    assert "The collector is shaded" not in out


def test_a_gap_and_a_missing_value_refuse_their_windows_and_nothing_else(
    heliobench: Run, folder: Path, july: list[str], tmp_path: Path
) -> None:
    whole = evaluated(heliobench, folder / "july.csv", folder / "item.toml", tmp_path / "whole.json")
    used = [i for i, flag in enumerate(whole["points"]["used"]) if flag]
    gap, hole = (whole["points"]["time"][used[i]] for i in (3, 40))
    start = whole["points"]["time"][0]
    lines = list(july)
    row = 1 + int(hole - start) // 60
    fields = lines[row].split(",")
    lines[row] = ",".join([fields[0], "", *fields[2:]])
    del lines[1 + int(gap - start) // 60]
    record = tmp_path / "holes.csv"
    record.write_text("\n".join(lines), encoding="utf-8")
    holes = evaluated(heliobench, record, folder / "item.toml", tmp_path / "holes.json")
    flags = dict(zip(holes["points"]["time"], holes["points"]["used"], strict=True))
    changed = [time for i, time in enumerate(whole["points"]["time"]) if whole["points"]["used"][i] and not flags[time]]
    assert changed == [gap, hole]
    assert "Gaps in the record: 1" in holes["record"]["remarks"][0]["sentence_en"]


def _with(old: str, new: str) -> Callable[[list[str]], list[str]]:
    return lambda lines: [lines[0].replace(old, new), *lines[1:]]


def _swapped(lines: list[str]) -> list[str]:
    return [*lines[:10], lines[11], lines[10], *lines[12:]]


BAD_RECORDS: dict[str, tuple[Callable[[list[str]], list[str]], str]] = {
    "missing column": (_with("t_in [K]", "inlet [K]"), "bad.csv: the column “t_in [degC]” is missing"),
    "wrong unit": (_with("t_in [K]", "t_in [W]"), "column “t_in [W]”: The unit W is of another quantity"),
    "no unit": (_with("t_in [K]", "t_in"), "the column “t_in” has no unit"),
    "repeated time": (lambda lines: [*lines[:11], lines[10], *lines[11:]], "line 12: the time"),
    "unsorted time": (_swapped, "line 12: the time"),
    "word": (lambda lines: [*lines[:5], lines[5].replace(",", ",dark", 1), *lines[6:]], "line 6, column “G [W/m2]”"),
    "no rows": (lambda lines: lines[:1], "no rows"),
    "two minutes": (lambda lines: lines[:3], "Only 0 windows can be used"),
}


@pytest.mark.parametrize("name", BAD_RECORDS)
def test_a_bad_record_is_one_sentence_exit_2_and_nothing_is_written(
    heliobench: Run, folder: Path, july: list[str], tmp_path: Path, name: str
) -> None:
    change, complaint = BAD_RECORDS[name]
    record, out = tmp_path / "bad.csv", tmp_path / "out.json"
    record.write_text("\n".join(change(july[:3000])), encoding="utf-8")
    code, printed, err = heliobench("evaluate", METHOD, record, "--item", folder / "item.toml", "--json", out)
    assert (code, printed) == (2, "")
    assert err.count("\n") == 1
    assert complaint in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.csv"]


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("A_G = 515.66", "", "item.toml: The item description lacks A_G (gross area); add it."),
        ("A_G = 515.66", 'A_G = "515.66 kg"', "A_G: The unit kg is of another quantity than m2"),
        ("A_G = 515.66", "A_G = 515.66\narea = 1", "'area', which this method does not know"),
        ("A_G = 515.66", "A_G 515.66", "item.toml: not a TOML file"),
    ],
)
def test_a_bad_item_is_one_sentence_and_exit_2(
    heliobench: Run, folder: Path, tmp_path: Path, old: str, new: str, complaint: str
) -> None:
    item = tmp_path / "item.toml"
    item.write_text((folder / "item.toml").read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    code, printed, err = heliobench("evaluate", METHOD, folder / "july.csv", "--item", item)
    assert (code, printed, err.count("\n")) == (2, "", 1)
    assert complaint in err


@pytest.mark.parametrize(
    ("method", "record", "item", "complaint"),
    [
        ("iso9806", "july.csv", "item.toml", "There is no method “iso9806”: choose one of "),
        (METHOD, "nowhere.csv", "item.toml", "nowhere.csv cannot be read"),
        (METHOD, "july.csv", "nowhere.toml", "nowhere.toml cannot be read"),
        (METHOD, "item.toml", "item.toml", "item.toml: "),
    ],
)
def test_a_wrong_name_is_one_sentence_and_exit_2(
    heliobench: Run, folder: Path, method: str, record: str, item: str, complaint: str
) -> None:
    code, printed, err = heliobench("evaluate", method, folder / record, "--item", folder / item)
    assert (code, printed, err.count("\n")) == (2, "", 1)
    assert complaint in err


def test_an_outcome_that_is_already_there_is_replaced_as_a_whole(heliobench: Run, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    out.write_text("old", encoding="utf-8")
    evaluated(heliobench, folder / "july.csv", folder / "item.toml", out)
    assert [path.name for path in tmp_path.iterdir()] == ["out.json"]


def test_an_outcome_may_go_into_a_pipe(heliobench: Run, folder: Path, tmp_path: Path) -> None:
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    os.close(read_end)
    assert not Path(f"/dev/fd/{write_end}").is_file()
    code, _, err = heliobench(
        "evaluate", METHOD, folder / "july.csv", "--item", folder / "item.toml", "--json", f"/dev/fd/{write_end}"
    )
    os.close(write_end)
    assert code == 2  # nobody reads: a sentence, and the pipe was not replaced by a file
    assert "Broken pipe" in err


@pytest.mark.parametrize("place", ["nowhere/out.json", "."])
def test_an_outcome_that_cannot_be_written_is_one_sentence(
    heliobench: Run, folder: Path, tmp_path: Path, place: str
) -> None:
    arguments = ("evaluate", METHOD, folder / "july.csv", "--item", folder / "item.toml", "--json", tmp_path / place)
    code, printed, err = heliobench(*arguments)
    assert (code, printed, err.count("\n")) == (2, "", 1)
    assert "cannot be written" in err
    assert list(tmp_path.iterdir()) == []
