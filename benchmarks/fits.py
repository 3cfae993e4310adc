"""A 200 000 x 8 fit with covariance beside numpy's own triangle and statsmodels, and the digits of NIST's Filip.

    python -m benchmarks.fits [--json] [--repeat 15]

Goals: at most 1.5 times `numpy.linalg.qr(design, mode="r")` of the same design, which is only the first step of a fit,
and at least three times as fast as `OLS(response, design).fit()` with its standard errors. The three take turns; each
number is the best of several calls. numpy's time varies twofold with the state of the memory it copies to.
"""

import json
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import statsmodels.api as sm

from benchmarks._timing import in_turns, main
from protocols.fits import linear

ROOT = Path(__file__).parents[1]
NAMES = ("numpy qr r", "heliobench linear", "statsmodels OLS")


def problem(points: int, terms: int) -> tuple[np.ndarray, np.ndarray]:
    """A design and a response."""
    rng = np.random.default_rng(1)
    design = rng.normal(size=(points, terms))
    design[:, 0] = 1.0
    return design, design @ np.arange(1.0, terms + 1.0) + rng.normal(size=points)


def tasks(design: np.ndarray, response: np.ndarray) -> dict[str, Callable[[], Any]]:
    """What is timed, by name."""
    names = [f"c{place}" for place in range(design.shape[1])]
    return dict(
        zip(
            NAMES,
            (
                lambda: np.linalg.qr(design, mode="r"),
                lambda: linear(design, response, names=names).standard_errors,
                lambda: sm.OLS(response, design).fit().bse,
            ),
            strict=True,
        )
    )


def filip() -> dict[str, float]:
    """Correct digits of the worst coefficient of NIST's Filip."""
    case = json.loads((ROOT / "tests" / "data" / "nist_strd" / "linear.json").read_text("utf-8"))["sets"]["filip"]
    design = np.array(case["x"][0])[:, None] ** np.arange(11)
    true, response = np.array(case["beta"]), np.array(case["y"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # statsmodels calls the design rank-deficient, which it is not
        found = {
            "heliobench linear": linear(design, response, names=[str(power) for power in range(11)]).values,
            "statsmodels OLS": sm.OLS(response, design).fit().params,
            "numpy lstsq": np.linalg.lstsq(design, response)[0],
        }
    return {name: float(max(0.0, np.min(-np.log10(np.abs(each / true - 1.0))))) for name, each in found.items()}


def measure(repeat: int) -> dict[str, Any]:
    """Time the tall and the small fit and compare their results."""
    tall = tasks(*problem(200_000, 8))
    large, small = in_turns(tall, repeat, pick=min), in_turns(tasks(*problem(16, 3)), 20 * repeat, pick=min)
    return {
        "ms": {name: 1e3 * value for name, value in large.items()},
        "us_16_points": {name: 1e6 * value for name, value in small.items()},
        "over_qr": large[NAMES[1]] / large[NAMES[0]],
        "goal_over_qr": 1.5,
        "statsmodels_over_ours": large[NAMES[2]] / large[NAMES[1]],
        "goal_statsmodels_over_ours": 3.0,
        "largest_relative_difference": float(np.max(np.abs(tall[NAMES[1]]() / tall[NAMES[2]]() - 1.0))),
        "digits_of_filip": filip(),
    }


def table(result: dict[str, Any]) -> Iterator[str]:
    """Line by line."""
    yield "fit with covariance         200 000 x 8        16 x 3"
    for name in NAMES:
        yield f"  {name:<22} {result['ms'][name]:9.2f} ms  {result['us_16_points'][name]:9.0f} us"
    yield f"  ours / numpy qr r      {result['over_qr']:9.2f}     (goal at most {result['goal_over_qr']})"
    yield f"  statsmodels / ours     {result['statsmodels_over_ours']:9.1f}     (goal at least 3)"
    yield f"  largest relative difference of a standard error  {result['largest_relative_difference']:.1e}"
    digits = ", ".join(f"{name} {value:.1f}" for name, value in result["digits_of_filip"].items())
    yield f"correct digits of NIST's Filip: {digits}"


if __name__ == "__main__":
    main(__doc__, measure, table, repeat=(15, "timed calls of each"))
