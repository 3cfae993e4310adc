"""The input-output correlation of a solar water heater, Q = io1 H + io2 (t_amb - t_main) + io3, and what it predicts.

ISO 9459-2 (the CSTG test): only sums of a day enter, and the store is emptied of its heat every day. A published use
of it (solpy, N. R. Charles) writes the difference of temperatures the other way round, T_i - T_amb; the positive sign
of its io2 needs t_amb - t_main, as here [conflict].
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from protocols.fits import Fit, linear
from protocols.refusals import NotEvaluable

Array = NDArray[np.float64]

NAMES = ("io1", "io2", "io3")
_CLAUSE = "ISO 9459-2:1995, long-term prediction [clause number unconfirmed]"


def regressors(*, H: ArrayLike, dt: ArrayLike) -> Array:
    """Give the columns H, dt, 1; H: MJ/m2 and dt = t_amb_day - t_main: K, of one shape."""
    irradiation, difference = np.broadcast_arrays(np.asarray(H, np.float64), np.asarray(dt, np.float64))
    return np.stack([irradiation, difference, np.ones_like(irradiation)], axis=-1)


def correlation(*, H: Array, dt: Array, Q: Array) -> Fit:
    """Fit io1 [m2], io2 [MJ/K] and io3 [MJ] to days of one heater by ordinary least squares.

    H: MJ/m2, dt: K, Q: MJ, one value a day. Errors as of fits.linear: fewer than four days, days of one temperature
    difference or of one irradiation.
    """
    return linear(regressors(H=H, dt=dt), Q, names=NAMES)


def daily_output(*, values: Array, H: ArrayLike, dt: ArrayLike) -> Array:
    """Give Q = io1 H + io2 dt + io3 in MJ.

    values: io1, io2, io3.  H: MJ/m2.  dt: K.  A negative result means that the system gives nothing on such a day and
    is left as it is; long_term counts it as zero.
    """
    return np.asarray(regressors(H=H, dt=dt) @ np.asarray(values, dtype=np.float64))


def daily_uncertainty(*, covariance: Array, H: ArrayLike, dt: ArrayLike, residual_sd: float = 0.0) -> Array:
    """Give the standard uncertainty in MJ of the output of a day, u^2 = x C x' + s^2 with x = (H, dt, 1).

    covariance: of io1, io2, io3.  residual_sd: s in MJ, the scatter of single days about the correlation; 0 for the
    mean of many days like that (JCGM 102:2011 6.2.1).
    """
    x = regressors(H=H, dt=dt)
    return np.asarray(np.sqrt(np.einsum("...i,ij,...j->...", x, covariance, x) + residual_sd**2))


@dataclass(frozen=True, kw_only=True)
class LongTerm:
    """Sums of the daily output.

    monthly, monthly_uncertainty: MJ, (12,), 0 for a month without a day.  annual, annual_uncertainty: MJ.  days: that
    were summed.  idle: days on which the correlation is negative and nothing is counted.
    """

    monthly: Array
    monthly_uncertainty: Array
    annual: float
    annual_uncertainty: float
    days: int
    idle: int


def long_term(
    *,
    values: Array,
    covariance: Array,
    residual_sd: float,
    H: Array,
    t_amb: Array,
    t_main: Array,
    month: NDArray[np.intp],
    carry_over: bool = False,
) -> LongTerm:
    """Sum the daily output over the days of a climate.

    values, covariance: of io1, io2, io3.  residual_sd: MJ, scatter of a day, taken as independent from day to day.  H:
    MJ/m2 on the plane of the test, t_amb and t_main: degC, one value a day.  month: 1 to 12 of each day.
    The errors of the coefficients are common to all days: u^2 = (sum x) C (sum x)' + n s^2 with x = (H, dt, 1) of the n
    days that give something. Days with a negative output count as zero (ours: a heater whose pump or thermosiphon
    stands still takes nothing out of the store).
    Every day begins with a store full of cold water. The standard's way to carry what is left over to the next day
    needs the draw-off profile f(V), the mixing profile g(V) and its text, which nobody has: `carry_over` is refused.
    Raises NotEvaluable for carry_over, ValueError for days of another number, a month that is none and missing values.
    """
    if carry_over:
        raise _carry_over()
    if len({np.shape(each) for each in (H, t_amb, t_main, month)}) != 1 or np.ndim(H) != 1 or not np.size(H):
        raise ValueError("give one value of H, t_amb, t_main and month for each day, at least one day.")
    if not np.isfinite(np.stack([H, t_amb, t_main])).all():
        raise ValueError("a day of the climate has a missing value; fill it before a sum is made.")
    if not np.isin(month, np.arange(1, 13)).all():
        raise ValueError("months are numbered 1 to 12.")
    x = regressors(H=H, dt=t_amb - t_main)
    output = x @ values
    running = output > 0.0
    member = running & (np.asarray(month) == np.arange(1, 13)[:, None])
    gradients, counts = member.astype(np.float64) @ x, member.sum(axis=1)
    whole = gradients.sum(axis=0)
    each = np.einsum("mi,ij,mj->m", gradients, covariance, gradients) + counts * residual_sd**2
    return LongTerm(
        monthly=gradients @ values,
        monthly_uncertainty=np.sqrt(each),
        annual=float(whole @ values),
        annual_uncertainty=float(np.sqrt(whole @ covariance @ whole + counts.sum() * residual_sd**2)),
        days=output.size,
        idle=int((~running).sum()),
    )


def _carry_over() -> NotEvaluable:
    return NotEvaluable(
        clause=_CLAUSE,
        sentence_en="Heat cannot be carried over from day to day: how the standard combines the draw-off profile f(V), "
        "the mixing profile g(V) and the night's loss was not found; leave carry_over out, or read the standard first.",
        sentence_zh="无法逐日结转剩余热量：标准如何使用排水特性 f(V)、混水特性 g(V) 与夜间热损尚未查得；"
        "请取消 carry_over，或先查阅标准。",
    )
