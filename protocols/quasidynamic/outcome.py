"""The outcome of a quasi-dynamic evaluation: coefficients, points and what must be said about them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from protocols import fits
from protocols.evaluation import coverage_factor
from protocols.limits import Limit
from protocols.method import Coefficient, Outcome
from protocols.metrology.selection import Dropped
from protocols.quasidynamic.admission import Run
from protocols.quasidynamic.conditions import Conditions, condition_notes
from protocols.quasidynamic.day_types import day_types
from protocols.quasidynamic.diagnostics import diagnostics
from protocols.quasidynamic.identification import identification_figures
from protocols.quasidynamic.model import Estimate, Problem, linear_values
from protocols.quasidynamic.terms import Model, Samples, rate_of_change
from protocols.symbols import quantity
from protocols.uncertainty import COVERAGE_FACTOR
from protocols.windows import Sieve

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Result:
    """What an evaluation has found, before it is written down.

    used: of the complete windows.  absent: coefficients that the form of the item does not have.
    """

    method_id: str
    run: Run
    sieve: Sieve
    used: NDArray[np.bool_]
    left: Problem
    fit: fits.Fit
    dropped: tuple[Dropped, ...]
    estimate: Estimate
    absent: Mapping[str, float]
    limits: tuple[Limit, ...]


def outcome_of(result: Result) -> Outcome:
    """Write down what was found."""
    run = result.run
    fitted = run.data.design @ linear_values(model=run.model, fit=result.fit, fixed=run.fixed)
    points = _points(run, result.sieve, fitted)
    figures = diagnostics(run, result.used, result.fit, points)
    figures |= identification_figures(run.model, result.left, result.fit)
    figures |= day_types(run, points)
    return Outcome(
        method_id=result.method_id,
        coefficients=_coefficients(run.model, result.estimate),
        covariance=result.estimate.budget.total,
        points=points,
        refusals=result.sieve.refusals,
        notes=condition_notes(
            Conditions(
                diagnostics=figures,
                limits=run.limits,
                model=run.model,
                fixed=run.fixed,
                absent=result.absent,
                left=result.left,
                dropped=result.dropped,
                estimate=result.estimate,
                two_axes="K_L" in run.blocks,
                transit_known="transit_time" in run.item,
                causes=tuple(each.symbol for each in run.record.uncertainties),
            )
        ),
        diagnostics=figures,
        limits=result.limits,
    )


def _coefficients(model: Model, found: Estimate) -> tuple[Coefficient, ...]:
    random, common, total = (
        np.sqrt(np.diag(each)).tolist() for each in (found.budget.random, found.budget.common, found.budget.total)
    )
    few = coverage_factor(random=random, common=common, dof=found.dof)
    factors = np.where(found.by_days, few, COVERAGE_FACTOR).tolist()
    return tuple(
        Coefficient(
            symbol=symbol,
            value=float(found.values[i]),
            unit=quantity(symbol).unit,
            standard_uncertainty=total[i],
            expanded_uncertainty=factors[i] * total[i],
            coverage_factor=factors[i],
            random_uncertainty=random[i],
            common_uncertainty=common[i],
            t_ratio=float(found.t_ratios[i]),
        )
        for i, symbol in enumerate(model.symbols)
    )


def _points(run: Run, sieve: Sieve, fitted: Array) -> dict[str, Array]:
    means: dict[str, Array] = {}
    for name, values in window_means(run).items():
        means[name] = values
        if name == "q_measured":
            means |= {"q_fitted": fitted, "residual": values - fitted}
    return {
        "time": run.cut.start,
        **{name: run.cut.spread(values) for name, values in means.items()},
        "used": sieve.passed.astype(np.float64),
        "refusal": sieve.index,
    }


def window_means(run: Run) -> dict[str, Array]:
    """Give what is known of every complete window before anything is fitted."""
    data, blocks = run.data, run.blocks
    samples = Samples(blocks=blocks, cosine=run.cosine, interval=run.plant.interval)
    means = {
        "G": blocks["G"].mean(axis=1),
        "Gb": samples.beam.mean(axis=1),
        "Gd": blocks["Gd"].mean(axis=1),
        "theta": run.theta.mean(axis=1),
        "tm_minus_ta": samples.above.mean(axis=1),
        "dtm_dt": rate_of_change(samples.mean_fluid, run.plant.interval),
        "q_measured": data.response,
        "mass_flow": data.mass_flow,
        "u": blocks["u"].mean(axis=1),
    }
    if "EL" in blocks:
        means["EL"] = blocks["EL"].mean(axis=1)
    return means
