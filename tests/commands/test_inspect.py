"""`heliobench inspect` and `heliobench evaluate` on files as loggers write them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lims.demonstration import journey

Run = Callable[..., tuple[int, str, str]]
METHOD = "iso9806-2017-qdt"


@pytest.fixture
def logged(tmp_path: Path, toa5: bytes) -> Path:
    path = tmp_path / "OneMin.dat"
    path.write_bytes(toa5)
    return path


def test_what_a_file_holds_is_printed(heliobench: Run, logged: Path) -> None:
    code, printed, err = heliobench("inspect", logged, "--method", METHOD, "--zone", "Asia/Shanghai")
    assert (code, err) == (0, "")
    assert "toa5" in printed
    assert "signature: 8214" in printed
    assert "G_Avg" in printed
    assert "step 间隔 60 s" in printed
    told = json.loads(heliobench("inspect", logged, "--json")[1])
    assert told["proposed"]["t_in"] == {"column": 5, "unit": "degC", "missing": 0}
    assert told["layout"]["header_line"] == 2


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda data: data.replace(b'"Deg C"', b'"Volts"'), "The unit V is of another quantity than degC"),
        (lambda data: data.replace(b"t_in", b"kettle"), "The method needs t_in"),
        (lambda _: b"", "The file is empty"),
        (lambda _: b"\x89PNG\r\n\x00\x00\x00\x00\x00", "neither text nor TDMS"),
        (lambda _: b"PK\x03\x04 a workbook", "save the sheet as CSV"),
    ],
)
def test_what_stands_against_an_import_is_printed_with_exit_code_1(
    heliobench: Run, logged: Path, toa5: bytes, change: Callable[[bytes], bytes], sentence: str
) -> None:
    logged.write_bytes(change(toa5))
    code, printed, err = heliobench("inspect", logged, "--method", METHOD)
    assert (code, err) == (1, "")
    assert sentence in printed


def item(folder: Path, columns: str) -> Path:
    path = folder / "item.toml"
    text = journey.ITEM_FILE.read_text(encoding="utf-8").split("[columns]")[0]
    path.write_text(f"{text}\n[columns]\n{columns}", encoding="utf-8")
    return path


NAMES = "".join(f'{name} = "{name}_Avg"\n' for name in ("G", "Gd", "DNI", "t_in", "t_out", "t_amb", "V_dot", "u"))


def evaluated(heliobench: Run, record: Path, columns: str) -> Any:
    out = record.with_suffix(".json")
    code, printed, err = heliobench("evaluate", METHOD, record, "--item", item(record.parent, columns), "--json", out)
    assert (code, printed, err) == (0, "", "")
    return json.loads(out.read_text(encoding="utf-8"))["coefficients"]


def test_toa5_and_the_same_as_a_gbk_table_with_a_preamble_are_evaluated_alike(
    heliobench: Run, logged: Path, toa5: bytes
) -> None:
    stated = NAMES + 'time_zone = "Asia/Shanghai"\n'
    by_toa5 = evaluated(heliobench, logged, stated)
    lines = toa5.decode().split("\r\n")
    names = [cell.strip('"') for cell in lines[1].split(",")]
    units = [cell.strip('"') for cell in lines[2].split(",")]
    units[:2] = ["", ""]
    header = ";".join(["时间", "记录号", *names[2:]]) + "\n" + ";".join(units).replace("Deg C", "℃") + "\n"
    rows = "\n".join(
        line.replace('"NAN"', "").replace('"', "").replace(",", ";").replace(".", ",") for line in lines[4:]
    )
    table = logged.with_name("gbk.csv")
    table.write_bytes(("试验台 记录\n\n" + header + rows).encode("gb18030"))
    assert evaluated(heliobench, table, stated + 'time = "时间"\nseparator = ";"\n') == by_toa5


def test_a_loggers_clock_is_never_taken_as_utc(heliobench: Run, logged: Path) -> None:
    code, _, err = heliobench("evaluate", METHOD, logged, "--item", item(logged.parent, NAMES))
    assert code == 2
    assert 'time_zone = "Asia/Shanghai"' in err
