"""`heliobench yield`: the gross thermal yield of a collector, and what a Solar Keymark data sheet says of it."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

import click

from lims.cli import in_your_language
from lims.errors import BadInput
from lims.settings import ROOT
from protocols.collectors.climate import Climate
from protocols.collectors.climate_file import read_climate
from protocols.collectors.collector import CollectorParameters
from protocols.collectors.file import Model, read_collector, read_models
from protocols.collectors.keymark import ANGLES, Sheet, sheet
from protocols.collectors.yields import MONTHS, SUNS, TEMPERATURES, Yields, gross_thermal_yield
from protocols.limits import read_limits
from protocols.refusals import NotEvaluable

FILE = click.Path(path_type=Path)
LIMITS = ROOT / "config" / "limits" / "standard_reporting.toml"
CLIMATES = ROOT / "config" / "climates"


@click.command("yield")
@click.argument("collector_path", metavar="COLLECTOR", type=FILE)
@click.option("--climate", "climate_paths", type=FILE, multiple=True, help="EPW, TMY3 or PVGIS file 气象文件.")
@click.option("--temperature", "temperatures", type=float, multiple=True, help="Mean temperature, degC 平均温度.")
@click.option("--sun", type=click.Choice(SUNS), default=SUNS[0], help="Whose position of the sun 太阳位置算法.")
@click.option("--json", "as_json", is_flag=True, help="For a program 供程序读取.")
def gross_yield(
    collector_path: Path, climate_paths: Sequence[Path], temperatures: Sequence[float], sun: str, as_json: bool
) -> None:
    """Print the gross thermal yield of COLLECTOR (TOML) 计算集热器年得热量.

    Without --climate the climates of config/climates are taken. Where sizes and the tested range of the collector are
    known, the numbers of its Solar Keymark data sheet are printed too.
    """
    collector, models = _collector(collector_path)
    climates = [_climate(path) for path in climate_paths or sorted(CLIMATES.glob("*.[ce][sp][vw]"))]
    try:
        yields = gross_thermal_yield(
            collectors=[collector], climates=climates, temperatures=temperatures or TEMPERATURES, sun=sun
        )
    except NotEvaluable:
        raise
    except ValueError as error:
        raise _bad(collector_path, error) from error
    composed = _sheet(collector, models, yields)
    if as_json:
        click.echo(json.dumps(_document(yields, climates, composed), ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(_lines(yields, composed)))


def _collector(path: Path) -> tuple[CollectorParameters, tuple[Model, ...]]:
    try:
        return read_collector(path), read_models(path)
    except (OSError, ValueError) as error:
        raise _bad(path, error) from error


def _climate(path: Path) -> Climate:
    try:
        return read_climate(path)
    except (OSError, ValueError) as error:
        raise _bad(path, error) from error


def _bad(path: Path, error: Exception) -> BadInput:
    reason = (error.strerror or type(error).__name__) if isinstance(error, OSError) else str(error)
    return BadInput(
        f"{path.name} cannot be used: {reason}",
        f"{path.name} 无法使用，请按英文说明更正：{reason}",
        code="unusable-file",
    )


def _sheet(collector: CollectorParameters, models: Sequence[Model], yields: Yields) -> Sheet | NotEvaluable:
    """The sheet, or why there is none."""
    try:
        return sheet(collector=collector, models=models, yields=yields, limits=read_limits(LIMITS))
    except NotEvaluable as refusal:
        return refusal


def _document(yields: Yields, climates: Sequence[Climate], composed: Sheet | NotEvaluable) -> dict[str, object]:
    known, reason = (None, composed) if isinstance(composed, NotEvaluable) else (asdict(composed), None)
    return {
        "schema": "heliobench.yield/1",
        "collector": yields.collectors[0],
        "temperatures": yields.temperatures,
        "climates": [
            {
                "name": climate.name,
                "source": climate.source,
                "licence": climate.licence,
                "tilt": yields.tilts[i],
                "irradiation": yields.irradiation[i].tolist(),
                "monthly": yields.monthly[0, i].tolist(),
                "annual": yields.annual[0, i].tolist(),
                "per_module": yields.per_module[0, i].tolist(),
            }
            for i, climate in enumerate(climates)
        ],
        "sheet": known,
        "no_sheet": {"sentence_en": reason.sentence_en, "sentence_zh": reason.sentence_zh} if reason else None,
    }


def _lines(yields: Yields, composed: Sheet | NotEvaluable) -> Iterable[str]:
    yield f"{yields.collectors[0]}  年得热量 gross thermal yield, kWh/m2 (A_G)"
    for place, climate in enumerate(yields.climates):
        yield ""
        yield f"{climate}  {yields.tilts[place]:g} deg, {yields.irradiation[place].sum():.0f} kWh/m2"
        rows: list[tuple[str, ...]] = [("", *MONTHS, "year 年", "%")]
        for warm, temperature in enumerate(yields.temperatures):
            months, year = yields.monthly[0, place, warm], yields.annual[0, place, warm]
            share = 100.0 * yields.efficiency[0, place, warm]
            rows.append((f"{temperature:g} degC", *(f"{each:.1f}" for each in months), f"{year:.0f}", f"{share:.1f}"))
        yield from _table(rows)
    yield ""
    if isinstance(composed, NotEvaluable):
        reason = in_your_language(composed.sentence_en, composed.sentence_zh)
        yield f"Solar Keymark: {reason}"
    else:
        yield from _sheet_lines(composed)


def _sheet_lines(composed: Sheet) -> Iterable[str]:
    yield f"Solar Keymark  {composed.form}"
    yield from _table(
        [
            ("tm - ta, K", "m2", *composed.rises),
            *((f"{row.name}, W", row.area, *row.power) for row in composed.models),
            ("W/m2", "", *composed.power),
        ]
    )
    yield "  ".join(f"{symbol} {text}" for symbol, text in composed.coefficients.items())
    yield from _table(
        [
            ("deg", *(f"{angle:g}" for angle in ANGLES)),
            ("K_T", *composed.transversal),
            ("K_L", *composed.longitudinal),
        ]
    )
    header = [f"{climate} {t} degC" for climate in composed.climates for t in composed.temperatures]
    rows = [(f"{row.name}, kWh", *(text for climate in row.yields for text in climate)) for row in composed.yields]
    yield from _table([("", *header), *rows])


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
