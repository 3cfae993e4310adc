"""Evidence for the quasi-dynamic methods."""

import json
from collections.abc import Callable
from functools import cache

import numpy as np

from benchmarks.evaluate_qdt import load, ours, peer
from protocols.fluids import tabulated
from tests.protocols.conftest import DATA
from tests.protocols.coverage import MODELS, TESTS, ordinary, responses, share_covered, simulation
from tests.protocols.quasidynamic_oracle import fitted
from tests.protocols.simulated import TRUTHS, case
from tests.validation.evidence import Evidence

PUBLISHED = json.loads((DATA / "quasidynamic" / "graz_summer_2017.json").read_text("utf-8"))["recomputed"]["30min"]
GLAZED = "iso9806-2017-qdt"


def _recovered(method: str) -> Callable[[], list[float]]:
    return lambda: [one.value for one in case(method).evaluate().coefficients]


def _estimates(method: str) -> list[float]:
    return [one.value for one in case(method, noise=0.05).evaluate().coefficients]


@cache
def _second(method: str) -> tuple[float, ...]:
    one = case(method, noise=0.05)
    values, _ = fitted(one, TRUTHS[method], one.evaluate().points["used"] > 0)
    return tuple(values.tolist())


@cache
def _graz(averaging_time: float) -> dict[str, float]:
    record, item = load()
    outcome = ours(record, {**item, "averaging_time": averaging_time})
    return {one.symbol: one.value for one in outcome.coefficients}


def _graz_by_others() -> list[float]:
    record, item = load()
    fluid = tabulated(
        name="table",
        density=item["fluid_density"],
        heat_capacity=item["fluid_heat_capacity"],
        source="item",
        extrapolation=20.0,
    )
    return [float(one) for one in peer(record, item, fluid)]


def _covered(method: str) -> list[float]:
    found = simulation(method, 1)
    return share_covered(found, *ordinary(found, responses(found, tests=TESTS, by_day=0.0, seed=2))).tolist()


_SIMULATED = tuple(
    Evidence(
        subject=method,
        what=f"{', '.join(truth)} of a record made with known coefficients",
        kind="recovered",
        reference="eight days made by the model written down a second time, water by IAPWS, sun within 0.01 deg of SPA",
        expected=tuple(truth.values()),
        computed=_recovered(method),
        relative=1e-7,
        absolute=1e-14,
    )
    for method, truth in TRUTHS.items()
)

_PROGRAMS = tuple(
    Evidence(
        subject=method,
        what=f"{', '.join(TRUTHS[method])} of a noisy simulated record, relative difference",
        kind="program",
        reference="pvlib 0.16 (SPA), pandas, statsmodels OLS",
        expected=(0.0,) * len(TRUTHS[method]),
        computed=lambda method=method: np.array(_estimates(method)) / np.array(_second(method)) - 1.0,
        absolute=1e-4,
        remark="The choice of windows and the properties of water are ours.",
    )
    for method in (GLAZED, "iso9806-2017-qdt-bins", "iso9806-2017-qdt-wisc")
)

# Two standard errors of the publication, which has five months where we have two, and of ours.
_GRAZ_TOLERANCE = {"eta0b": 0.006, "b0": 0.015, "Kd": 0.02, "a1": 0.24, "a2": 0.005, "a5": 400.0}
_GRAZ = tuple(
    Evidence(
        subject=GLAZED,
        what=f"{symbol} of a field in Graz, 30-min means of two months",
        kind="published",
        reference="case C22: May to September 2017 of the same array, day-block bootstrap",
        expected=PUBLISHED[symbol][0],
        computed=lambda symbol=symbol: _graz(1800.0)[symbol],
        absolute=allowed,
        remark="July and August only; allowed are about two standard errors.",
    )
    for symbol, allowed in _GRAZ_TOLERANCE.items()
)

_GRAZ_PROGRAM = Evidence(
    subject=GLAZED,
    what="eta0b, b0, Kd, a1, a2, a5 of 89 280 minutes of the field in Graz, relative difference",
    kind="program",
    reference="pvlib 0.16 (SPA), pandas, statsmodels OLS; windows chosen anew",
    expected=(0.0,) * 6,
    computed=lambda: np.array(list(_graz(1800.0).values())) / np.array(_graz_by_others()) - 1.0,
    absolute=2e-4,
)

_COVERAGE = tuple(
    Evidence(
        subject=method,
        what=f"share of {TESTS} simulated tests whose ordinary 95 % interval holds the truth, each coefficient",
        kind="recovered",
        reference="independent noise of windows; k = 2",
        expected=(0.95,) * len(MODELS[method].terms),
        computed=lambda method=method: _covered(method),
        absolute=0.02,
        remark="With noise that a whole day shares the reported intervals hold it in 91 to 99 %.",
    )
    for method in MODELS
)

EVIDENCE = (*_SIMULATED, *_PROGRAMS, *_GRAZ, _GRAZ_PROGRAM, *_COVERAGE)
