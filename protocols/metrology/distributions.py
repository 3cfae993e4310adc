"""Normal, t, chi-squared, F, gamma, beta and uniform distributions: probabilities both tails, and quantiles.

Everything broadcasts; a scalar gives a 0-d array. Tails keep their digits: `*_sf` is the upper tail computed as such,
not 1 - cdf. A NaN, or a parameter that is not positive, is refused with a ValueError.

The regularised incomplete gamma and beta functions are a power series and continued fractions (NIST Digital Library of
Mathematical Functions, dlmf.nist.gov, 8.11.4, 8.9.2 and 8.17.22) evaluated by the modified Lentz algorithm (Thompson
and Barnett, J. Comput. Phys. 64 (1986) 490). Their leading factor is built from deviances and Stirling remainders
(C. Loader, Fast and Accurate Computation of Binomial Probabilities, 2000): the difference of log-gammas, as it is
usually written, loses seven digits at a million degrees of freedom. Quantiles are Newton's on the logarithm of the
smaller tail against log(x) or logit(x). There both tails are log-concave, so that Newton's step converges from
everywhere and needs no bracket.
"""

import math
from collections.abc import Callable
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
_Logs = tuple[Array, Array, Array]  # log of: the density on the scale of Newton's variable, lower tail, upper tail

_EPSILON = float(np.finfo(np.float64).eps)
_LEVEL = 4.0 * _EPSILON  # closer to one the factors of a continued fraction only flicker by rounding
_TINY = 1e-300  # stands for a zero denominator in Lentz's algorithm
_MOST_TERMS = 100_000  # some ten times the square root of the largest parameter
_MOST_STEPS = 200
_FARTHEST = 690.0  # exp of it is still a number
# Coefficients of 1/a, 1/a^3, ... in the remainder of Stirling's formula, DLMF 5.11.1; 3e-17 of it missing at a = 10.
_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156)
_LARGE = 10.0


def normal_pdf(x: ArrayLike) -> Array:
    """Give the density exp(-x^2/2)/sqrt(2 pi) of the standard normal distribution."""
    return np.asarray(np.exp(-0.5 * _numbers(x) ** 2) / math.sqrt(2.0 * math.pi))


def normal_cdf(x: ArrayLike) -> Array:
    """Give the probability of a standard normal value up to x."""
    return normal_sf(-_numbers(x))


def normal_sf(x: ArrayLike) -> Array:
    """Give the probability of a standard normal value above x, erfc(x/sqrt 2)/2."""
    return 0.5 * np.asarray(np.frompyfunc(math.erfc, 1, 1)(_numbers(x) / math.sqrt(2.0)), dtype=np.float64)


def normal_ppf(p: ArrayLike) -> Array:
    """Give the standard normal value with the probability p below it (Wichura's AS 241, of the standard library)."""
    p = _probabilities(p)
    inner = (p > 0.0) & (p < 1.0)
    quantile = np.asarray(np.frompyfunc(NormalDist().inv_cdf, 1, 1)(np.where(inner, p, 0.5)), dtype=np.float64)
    return np.where(inner, quantile, np.where(p > 0.5, np.inf, -np.inf))


def t_cdf(x: ArrayLike, dof: ArrayLike) -> Array:
    """Give the probability of Student's t up to x; dof may be a fraction, and inf for the normal distribution."""
    return t_sf(-_numbers(x), dof)


def t_sf(x: ArrayLike, dof: ArrayLike) -> Array:
    """Give the probability of Student's t above x; for x > 0 half of I_{dof/(dof + x^2)}(dof/2, 1/2) (DLMF 8.17)."""
    x, dof = np.broadcast_arrays(_numbers(x), _positive(dof, "degrees of freedom", infinite=True))
    finite = np.where(np.isinf(dof), 1.0, dof)
    with np.errstate(over="ignore"):
        odds = x**2 / finite
    _, tail, _ = _beta_logs(finite / 2.0, np.full_like(finite, 0.5), *_shares(1.0, odds))
    upper = np.where(x > 0.0, 0.5 * np.exp(tail), 1.0 - 0.5 * np.exp(tail))
    return np.where(np.isinf(dof), normal_sf(x), upper)


def t_ppf(p: ArrayLike, dof: ArrayLike) -> Array:
    """Give Student's t with the probability p below it; dof may be a fraction, and inf for the normal distribution."""
    p, dof = np.broadcast_arrays(_probabilities(p), _positive(dof, "degrees of freedom", infinite=True))
    finite = np.where(np.isinf(dof), 1.0, dof)
    logit = _beta_quantile(2.0 * np.minimum(p, 1.0 - p), np.abs(2.0 * p - 1.0), finite / 2.0, np.full_like(p, 0.5))
    size = np.sqrt(finite) * np.exp(-0.5 * logit)
    return np.where(np.isinf(dof), normal_ppf(p), np.sign(p - 0.5) * size)


def gamma_pdf(x: ArrayLike, shape: ArrayLike, scale: ArrayLike) -> Array:
    """Give the density (x/scale)^shape exp(-x/scale)/(x Gamma(shape)) of the gamma distribution for x > 0, else 0."""
    x, shape, scale = _three(x, _positive(shape, "shape"), _positive(scale, "scale"))
    inside = (x > 0.0) & np.isfinite(x)
    value = np.where(inside, x, 1.0)
    return np.where(inside, np.exp(_gamma_density(shape, value / scale)) / value, 0.0)


def gamma_cdf(x: ArrayLike, shape: ArrayLike, scale: ArrayLike) -> Array:
    """Give the probability P(shape, x/scale) of a gamma value up to x (DLMF 8.2.4)."""
    x, shape, scale = _three(x, _positive(shape, "shape"), _positive(scale, "scale"))
    return np.exp(_gamma_logs(shape, np.maximum(x, 0.0) / scale)[1])


def gamma_sf(x: ArrayLike, shape: ArrayLike, scale: ArrayLike) -> Array:
    """Give the probability Q(shape, x/scale) of a gamma value above x."""
    x, shape, scale = _three(x, _positive(shape, "shape"), _positive(scale, "scale"))
    return np.exp(_gamma_logs(shape, np.maximum(x, 0.0) / scale)[2])


def gamma_ppf(p: ArrayLike, shape: ArrayLike, scale: ArrayLike) -> Array:
    """Give the gamma value with the probability p below it."""
    p, shape, scale = _three(_probabilities(p), _positive(shape, "shape"), _positive(scale, "scale"))
    logarithm = _quantile(p, 1.0 - p, np.log(shape), lambda z: _gamma_logs(shape, np.exp(z)))
    return scale * np.exp(logarithm)


def chi2_cdf(x: ArrayLike, dof: ArrayLike) -> Array:
    """Give the probability of chi-squared up to x."""
    return gamma_cdf(x, _positive(dof, "degrees of freedom") / 2.0, 2.0)


def chi2_sf(x: ArrayLike, dof: ArrayLike) -> Array:
    """Give the probability of chi-squared above x."""
    return gamma_sf(x, _positive(dof, "degrees of freedom") / 2.0, 2.0)


def chi2_ppf(p: ArrayLike, dof: ArrayLike) -> Array:
    """Give the value of chi-squared with the probability p below it."""
    return gamma_ppf(p, _positive(dof, "degrees of freedom") / 2.0, 2.0)


def beta_cdf(x: ArrayLike, a: ArrayLike, b: ArrayLike) -> Array:
    """Give the probability I_x(a, b) of a beta value up to x (DLMF 8.17.2)."""
    x, a, b = _three(np.clip(_numbers(x), 0.0, 1.0), _positive(a, "a"), _positive(b, "b"))
    return np.exp(_beta_logs(a, b, x, 1.0 - x)[1])


def beta_ppf(p: ArrayLike, a: ArrayLike, b: ArrayLike) -> Array:
    """Give the beta value with the probability p below it."""
    p, a, b = _three(_probabilities(p), _positive(a, "a"), _positive(b, "b"))
    return _odds_shares(_beta_quantile(p, 1.0 - p, a, b))[0]


def f_cdf(x: ArrayLike, dof1: ArrayLike, dof2: ArrayLike) -> Array:
    """Give the probability of Fisher's F, a ratio of mean squares with dof1 over dof2, up to x."""
    return np.exp(_f_logs(x, dof1, dof2)[1])


def f_sf(x: ArrayLike, dof1: ArrayLike, dof2: ArrayLike) -> Array:
    """Give the probability of Fisher's F above x."""
    return np.exp(_f_logs(x, dof1, dof2)[2])


def f_ppf(p: ArrayLike, dof1: ArrayLike, dof2: ArrayLike) -> Array:
    """Give the value of Fisher's F with the probability p below it."""
    p, dof1, dof2 = _three(_probabilities(p), *(_positive(dof, "degrees of freedom") for dof in (dof1, dof2)))
    return dof2 / dof1 * np.exp(_beta_quantile(p, 1.0 - p, dof1 / 2.0, dof2 / 2.0))


def uniform_cdf(x: ArrayLike, least: ArrayLike, most: ArrayLike) -> Array:
    """Give the probability of a value up to x when every value from least to most is as likely."""
    x, least, width = _three(x, least, _positive(np.subtract(most, least), "width"))
    return np.clip((x - least) / width, 0.0, 1.0)


def uniform_ppf(p: ArrayLike, least: ArrayLike, most: ArrayLike) -> Array:
    """Give the value with the probability p below it when every value from least to most is as likely."""
    p, least, width = _three(_probabilities(p), least, _positive(np.subtract(most, least), "width"))
    return least + p * width


def _numbers(x: ArrayLike) -> Array:
    numbers = np.asarray(x, dtype=np.float64)
    if np.isnan(numbers).any():
        raise ValueError("a value is NaN, which has no probability; remove what is missing first.")
    return numbers


def _probabilities(p: ArrayLike) -> Array:
    numbers = np.asarray(p, dtype=np.float64)
    if not np.all((numbers >= 0.0) & (numbers <= 1.0)):
        raise ValueError(f"a probability lies from 0 to 1; given was {p!r}.")
    return numbers


def _positive(parameter: ArrayLike, name: str, *, infinite: bool = False) -> Array:
    numbers = np.asarray(parameter, dtype=np.float64)
    if not np.all((numbers > 0.0) & (infinite | np.isfinite(numbers))):
        raise ValueError(
            f"{name} of a distribution must be positive{'' if infinite else ' and finite'}; given was {parameter!r}."
        )
    return numbers


def _three(first: ArrayLike, second: ArrayLike, third: ArrayLike) -> tuple[Array, Array, Array]:
    one, two, three = np.broadcast_arrays(_numbers(first), _numbers(second), _numbers(third))
    return one, two, three


def _f_logs(x: ArrayLike, dof1: ArrayLike, dof2: ArrayLike) -> _Logs:
    x, dof1, dof2 = _three(x, *(_positive(dof, "degrees of freedom") for dof in (dof1, dof2)))
    return _beta_logs(dof1 / 2.0, dof2 / 2.0, *_shares(dof1 / dof2 * np.maximum(x, 0.0), 1.0))


def _shares(first: ArrayLike, second: ArrayLike) -> tuple[Array, Array]:
    """Give first and second over their sum, one of which may be infinite."""
    with np.errstate(divide="ignore", over="ignore"):
        ratio = np.divide(first, second)
        return 1.0 / (1.0 + 1.0 / ratio), 1.0 / (1.0 + ratio)


def _odds_shares(logit: Array) -> tuple[Array, Array]:
    with np.errstate(over="ignore"):
        return 1.0 / (1.0 + np.exp(-logit)), 1.0 / (1.0 + np.exp(logit))


def _beta_quantile(lower: Array, upper: Array, a: Array, b: Array) -> Array:
    """Give logit(x) where I_x(a, b) = lower = 1 - upper."""
    return _quantile(lower, upper, np.log(a / b), lambda z: _beta_logs(a, b, *_odds_shares(z)))


def _quantile(lower: Array, upper: Array, start: Array, logs: Callable[[Array], _Logs]) -> Array:
    """Give z where the tails are lower and upper, by Newton's method on the logarithm of the smaller one."""
    inner = (lower > 0.0) & (upper > 0.0)
    by_lower = lower <= upper
    target = np.log(np.where(inner, np.minimum(lower, upper), 0.5))
    z = np.array(start, dtype=np.float64)
    for _ in range(_MOST_STEPS):
        density, below, above = logs(z)
        tail = np.where(by_lower, below, above)
        step = np.where(by_lower, -1.0, 1.0) * (tail - target) * np.exp(tail - density)
        z = np.clip(z + np.where(inner, step, 0.0), -_FARTHEST, _FARTHEST)
        # The convergence is quadratic: after a step this small nothing is left to gain.
        if np.all(~inner | (np.abs(step) <= 1e-9 * np.exp(np.minimum(tail - density, 0.0)))):
            return np.where(inner, z, np.where(lower > 0.0, np.inf, -np.inf))
    raise ValueError("the quantile of this distribution was not found; its parameters are too extreme.")


def _gamma_density(a: Array, x: Array) -> Array:
    """Give log(x^a exp(-x)/Gamma(a))."""
    return 0.5 * np.log(a / (2.0 * math.pi)) - _remainder(a) - _deviance(a, x, a - x)


def _gamma_logs(a: Array, x: Array) -> _Logs:
    inside = (x > 0.0) & np.isfinite(x)
    value = np.where(inside, x, a)
    density = _gamma_density(a, value)
    series = value < a + 1.0
    # Where the one is used the other gets an argument at which it ends at once.
    direct_lower = np.log(_gamma_series(a, np.where(series, value, 0.0)) / a)
    direct_upper = np.log(_gamma_fraction(np.where(series, 1.0, a), np.where(series, 1.0, value)))
    below, above = _both(density + np.where(series, direct_lower, direct_upper), series)
    return (
        np.where(inside, density, -np.inf),
        np.where(inside, below, np.where(x > 0.0, 0.0, -np.inf)),
        np.where(inside, above, np.where(x > 0.0, -np.inf, 0.0)),
    )


def _beta_logs(a: Array, b: Array, x: Array, y: Array) -> _Logs:
    """Give the logarithms for I_x(a, b); y = 1 - x, of which the smaller one carries the digits."""
    n = a + b
    excess = a * y - b * x  # a - n x without cancellation
    lower = excess >= 0.0
    with np.errstate(divide="ignore"):
        density = (
            0.5 * (np.log(a) + np.log(b / n) - math.log(2.0 * math.pi))
            + (_remainder(n) - _remainder(a) - _remainder(b))
            - _deviance(a, n * x, excess)
            - _deviance(b, n * y, -excess)
        )
        p, q, share = np.where(lower, a, b), np.where(lower, b, a), np.where(lower, x, y)
        direct = density + np.log(_beta_fraction(p, q, share, np.abs(excess)))
    return density, *_both(direct, lower)


def _both(direct: Array, lower: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Give log lower and log upper tail, of which `direct` is the one that `lower` says."""
    with np.errstate(divide="ignore"):
        other = np.log(-np.expm1(np.minimum(direct, 0.0)))
    return np.where(lower, direct, other), np.where(lower, other, direct)


def _remainder(a: Array) -> Array:
    """Give lgamma(a) - [(a - 1/2) log a - a + log(2 pi)/2]."""
    large = np.maximum(a, _LARGE)
    series = np.polynomial.polynomial.polyval(large**-2.0, _STIRLING) / large
    small = np.minimum(a, _LARGE)
    exact = np.asarray(np.frompyfunc(math.lgamma, 1, 1)(small), dtype=np.float64)
    direct = exact - ((small - 0.5) * np.log(small) - small + 0.5 * math.log(2.0 * math.pi))
    return np.where(a > _LARGE, series, direct)


def _deviance(a: Array, mean: Array, excess: Array) -> Array:
    """Give a log(a/mean) + mean - a, where excess = a - mean."""
    v = excess / (a + mean)
    near = np.abs(v) < 0.1
    small = np.where(near, v, 0.0)
    odd = small**3 * np.polynomial.polynomial.polyval(small**2, [1.0 / (2 * j + 1) for j in range(1, 10)])
    with np.errstate(divide="ignore", over="ignore"):  # a mean of next to nothing has no density
        far = a * np.log(np.where(near, 1.0, a / mean)) - excess
    return np.where(near, excess * small + 2.0 * a * odd, far)


def _gamma_series(a: Array, x: Array) -> Array:
    """Give 1 + x/(a + 1) + x^2/((a + 1)(a + 2)) + ... (DLMF 8.11.4)."""
    term = np.ones_like(x)
    total = np.ones_like(x)
    for n in range(1, _MOST_TERMS):
        term = term * (x / (a + n))
        total = total + term
        if np.all(term <= 0.1 * _EPSILON * total):
            return total
    raise ValueError("the parameters of this distribution are too large.")


def _gamma_fraction(a: Array, x: Array) -> Array:
    """Give Gamma(a, x)/(x^a exp(-x)) = 1/(x + 1 - a - 1(1 - a)/(x + 3 - a - ...)), from DLMF 8.9.2."""
    partial = x + 1.0 - a
    c, d = np.full_like(x, 1.0 / _TINY), 1.0 / partial
    value, going = d, np.ones(x.shape, dtype=np.bool_)
    for n in range(1, _MOST_TERMS):
        numerator = -n * (n - a)
        partial = partial + 2.0
        d = 1.0 / _nonzero(partial + numerator * d)
        c = _nonzero(partial + numerator / c)
        value = np.where(going, value * (c * d), value)
        going &= np.abs(c * d - 1.0) > _LEVEL
        if not going.any():
            return value
    raise ValueError("the parameters of this distribution are too large.")


def _beta_fraction(a: Array, b: Array, x: Array, excess: Array) -> Array:
    """Give I_x(a, b) B(a, b)/(x^a (1 - x)^b) = 1/(beta1 + alpha1/(beta2 + alpha2/(beta3 + ...))).

    The even part of DLMF 8.17.22, after A. R. Didonato and A. H. Morris, ACM Trans. Math. Softw. 18 (1992) 360. The
    original loses the digits of 1 - (a + b) x/(a + 1); this one takes excess = a - (a + b) x as it was computed.
    """
    partial = a / (a + 1.0) * (excess + 1.0)
    value, c, d = partial, partial, np.zeros_like(partial)
    going = np.ones(partial.shape, dtype=np.bool_)
    for n in range(1, _MOST_TERMS):
        numerator = (a + n - 1.0) * (a + b + n - 1.0) / (a + 2 * n - 1.0) ** 2 * n * (b - n) * x**2
        partial = n + n * (b - n) * x / (a + 2 * n - 1.0) + (a + n) / (a + 2 * n + 1.0) * (excess + 1.0 + n * (2.0 - x))
        d = 1.0 / _nonzero(partial + numerator * d)
        c = _nonzero(partial + numerator / c)
        value = np.where(going, value * (c * d), value)
        going &= np.abs(c * d - 1.0) > _LEVEL
        if not going.any():
            return 1.0 / value
    raise ValueError("the parameters of this distribution are too large.")


def _nonzero(x: Array) -> Array:
    return np.where(np.abs(x) < _TINY, _TINY, x)
