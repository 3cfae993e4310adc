"""Read the parameters of a collector from a TOML file.

    name = "..."                 area_basis = "gross"      eta0b = 0.739   Kd = 0.91   a1 = 3.51 ...
    form = "ISO 9806:2017"       source = "..."            tested_rise = 53.0
    [modifier]   kind = "table"  K = [K at 10, 20, ... 90 deg]
    [[models]]   name = "..."    length = 1.757            width = 1.151
    [standard_uncertainty]       eta0b = 0.004 ...

Coefficients are in the units of `CollectorParameters`, lengths in m. Every sentence of a refusal names file and key.
"""

import math
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from protocols.collectors.collector import SYMBOLS, CollectorParameters
from protocols.collectors.modifier import (
    Ambrosetti,
    Biaxial,
    Modifier,
    Tabulated,
    TwoTerm,
    Unity,
    tabulated,
    ten_degree_table,
)

Table = Mapping[str, object]

_TEXTS = ("name", "source", "form", "area_basis")
_NUMBERS = ("area", "tested_rise", *SYMBOLS)
_TABLES = ("modifier", "models", "standard_uncertainty")


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One size of a collector family: outer length, width and height [m]; a height of 0 is unknown."""

    name: str
    length: float
    width: float
    height: float = 0.0

    @property
    def area(self) -> float:
        """Give the gross area, length times width [m2], unrounded."""
        return self.length * self.width


def read_collector(path: Path) -> CollectorParameters:
    """Read the parameters of one collector. Its area is `area`, else length times width of the first model.

    Raises ValueError naming file and key for anything missing, unknown or of a wrong kind.
    """
    file, table = path.name, _table(path)
    models = _models(file, table)
    stated: Table = {"area": models[0].area, **table} if models else table
    lacking = [key for key in ("name", "area", "eta0b", "Kd", "a1", "modifier") if key not in stated]
    if lacking:
        raise _wrong(file, f"it lacks {', '.join(lacking)}; add what the certificate says")
    values: dict[str, Any] = {key: _text(file, key, stated[key]) for key in _TEXTS if key in stated}
    values |= {key: _number(file, key, stated[key]) for key in _NUMBERS if key in stated}
    covariance = _covariance(file, stated.get("standard_uncertainty"))
    with _naming(file):
        return CollectorParameters(**values, modifier=_modifier(file, stated["modifier"]), covariance=covariance)


@contextmanager
def _naming(file: str) -> Iterator[None]:
    """Name the file in the sentences of what is built from it."""
    try:
        yield
    except ValueError as error:
        if str(error).startswith(f"{file}: "):
            raise
        raise ValueError(f"{file}: {error}") from error


def read_models(path: Path) -> tuple[Model, ...]:
    """Read the sizes of the family, [[models]]; none if the file lists none. Raises as `read_collector` does."""
    return _models(path.name, _table(path))


def _table(path: Path) -> Table:
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _wrong(path.name, f"it is not valid TOML: {error}") from error
    unknown = set(table) - {*_TEXTS, *_NUMBERS, *_TABLES}
    if unknown:
        raise _wrong(
            path.name, f"{min(unknown)} is not a key of a collector; known are {', '.join(_TEXTS + _NUMBERS + _TABLES)}"
        )
    return table


def _models(file: str, table: Table) -> tuple[Model, ...]:
    rows = table.get("models", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _wrong(file, "models must be a list of tables, [[models]]")
    return tuple(_model(file, number, row) for number, row in enumerate(rows, start=1))


def _model(file: str, number: int, row: Table) -> Model:
    where = f"models {number}"
    if not {"name", "length", "width"} <= set(row) <= {"name", "length", "width", "height"}:
        raise _wrong(file, f"{where} needs the keys name, length and width [m], and may have height")
    sizes = {key: _number(file, f"{key} of {where}", value) for key, value in row.items() if key != "name"}
    small = [key for key, size in sizes.items() if not size > 0]
    if small:
        raise _wrong(file, f"{small[0]} of {where} must be positive, in m")
    return Model(name=_text(file, f"name of {where}", row["name"]), **sizes)


def _covariance(file: str, table: object) -> NDArray[np.float64] | None:
    if table is None:
        return None
    if not isinstance(table, dict) or not set(table) <= set(SYMBOLS):
        raise _wrong(file, f"standard_uncertainty may have only the keys {', '.join(SYMBOLS)}")
    u = [_number(file, f"the standard uncertainty of {key}", table.get(key, 0.0)) for key in SYMBOLS]
    if min(u) < 0:
        raise _wrong(file, "a standard uncertainty is never negative")
    return np.diag(np.square(u))


# --- the modifier ---

_CURVES = ("K", "transversal", "longitudinal")  # lists; the other keys are numbers
_KINDS: dict[str, tuple[tuple[str, ...], Callable[..., Modifier]]] = {
    "none": ((), Unity),
    "b0": (("b0",), TwoTerm),
    "K50": (("K50",), lambda K50: TwoTerm.from_k50(K50)),
    "two-term": (("b0", "b1"), TwoTerm),
    "srcc": (("B0", "B1"), TwoTerm.srcc),
    "ambrosetti": (("kappa",), Ambrosetti),
    "table": (("K",), lambda K: K),
    "biaxial": (("transversal", "longitudinal"), Biaxial),
}


def _modifier(file: str, table: object) -> Modifier:
    if not isinstance(table, dict) or table.get("kind") not in _KINDS:
        raise _wrong(file, f"modifier needs a kind, one of {', '.join(_KINDS)}")
    keys, make = _KINDS[table["kind"]]
    if set(table) != {"kind", *keys}:
        raise _wrong(file, f"a modifier of kind {table['kind']!r} needs exactly the keys {', '.join(('kind', *keys))}")
    return make(**{key: (_curve if key in _CURVES else _number)(file, key, table[key]) for key in keys})


def _curve(file: str, key: str, value: object) -> Tabulated:
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        array = np.empty(0)
    if array.ndim == 1 and array.size:
        return ten_degree_table(array.tolist())
    if array.ndim == 2 and array.shape[1] == 2:
        return tabulated([(angle, k) for angle, k in array.tolist()])
    raise _wrong(file, f"{key} of modifier must be a list of K at 10, 20, ... 90 deg, or of pairs [angle in deg, K]")


# --- kinds of values ---


def _number(file: str, key: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _wrong(file, f"{key} is {value!r}; give a number")
    return float(value)


def _text(file: str, key: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise _wrong(file, f"{key} is {value!r}; give a text")
    return value


def _wrong(file: str, what: str) -> ValueError:
    return ValueError(f"{file}: {what}.")
