"""Statements of conformity: how probable it is, where to accept, and the verdict with its risk.

A measured value with a standard uncertainty stands for a normal distribution of what the quantity may be (JCGM
106:2012, 7). The guard band w = r U is the choice of the laboratory and its customer (ISO/IEC 17025:2017, 7.1.3 and
7.8.6): r = 0 is simple acceptance, r = 1 the band of ILAC-G8:09/2019. Risks over many items are in
protocols.metrology.risk. Clauses as commonly retold [clause numbers unconfirmed].
"""

import math
from dataclasses import dataclass

from protocols.clauses import clause_zh
from protocols.limits import Limit
from protocols.metrology.distributions import normal_cdf, normal_ppf, normal_sf


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A decision rule agreed upon before the test.

    guard: r, the guard band in expanded uncertainties; negative widens the acceptance ("uncritical").
    coverage_factor: k of U = k u.  name_en, name_zh: as the report calls it.
    """

    name_en: str
    name_zh: str
    guard: float
    coverage_factor: float = 2.0

    def __post_init__(self) -> None:
        """Refuse a guard band or coverage factor that is no number."""
        if not (math.isfinite(self.guard) and math.isfinite(self.coverage_factor) and self.coverage_factor > 0.0):
            raise ValueError(
                f"the rule {self.name_en!r} has the guard band {self.guard} U with k = {self.coverage_factor}; "
                "give finite numbers and k above zero."
            )

    @property
    def risk_at_limit(self) -> float:
        """Give the probability Phi(-k r) that an item at the acceptance limit does not conform (one-sided)."""
        return float(normal_cdf(-self.coverage_factor * self.guard))


SIMPLE = Rule(name_en="simple acceptance", name_zh="简单接受", guard=0.0)
GUARDED = Rule(name_en="guard band w = U", name_zh="保护带 w = U", guard=1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A verdict with what it rests on.

    verdict: "pass", "conditional pass", "conditional fail", "fail" or "not judged".
    lower, upper: the limits, lower_acceptance, upper_acceptance: moved inwards by w; infinite where there is none.
    compared: the value as it was compared, not rounded.
    risk: the probability that the verdict is wrong: that the item does not conform although it passes, or does although
    it fails; 0 for an exact value, NaN when not judged.
    """

    verdict: str
    rule: Rule
    lower: float
    upper: float
    lower_acceptance: float
    upper_acceptance: float
    compared: float
    standard_uncertainty: float
    risk: float
    sentence_en: str
    sentence_zh: str


def conformance_probability(
    value: float, standard_uncertainty: float, *, lower: float | None = None, upper: float | None = None
) -> float:
    """Give the probability Phi((upper - y)/u) - Phi((lower - y)/u) that the true value lies within the limits.

    value y, standard_uncertainty u, lower, upper: in one unit; one limit may be missing. For u = 0 the limit of the
    formula: 1 within, 0 outside, 1/2 on a limit. JCGM 106:2012, 7.
    Raises ValueError without any limit, for lower > upper, for a negative u and for NaN.
    """
    low, high = _checked(value, standard_uncertainty, lower, upper)
    if low == high:
        return 0.0
    a, b = (_distance(limit, float(value), float(standard_uncertainty)) for limit in (low, high))
    if a > 0.0:  # both in the upper tail, where the difference of two numbers near one has no digits
        return float(normal_sf(a) - normal_sf(b))
    return float(normal_cdf(b) - normal_cdf(a))


def nonconformance_probability(
    value: float, standard_uncertainty: float, *, lower: float | None = None, upper: float | None = None
) -> float:
    """Give the probability that the true value lies outside the limits, with the digits of a small one.

    The specific risk of accepting the item. Arguments and errors as of conformance_probability.
    """
    low, high = _checked(value, standard_uncertainty, lower, upper)
    if low == high:
        return 1.0
    a, b = (_distance(limit, float(value), float(standard_uncertainty)) for limit in (low, high))
    return float(normal_cdf(a) + normal_sf(b))


def guard_for_risk(risk: float, *, coverage_factor: float = 2.0) -> float:
    """Give r of w = r U for which an item at the acceptance limit has this risk: z(1 - risk)/k; 0.82 for 5 %, k = 2."""
    if not 0.0 < risk < 1.0 or not coverage_factor > 0.0:
        raise ValueError(f"a risk of {risk} with k = {coverage_factor} has no guard band; give e.g. 0.05 and 2.")
    return float(-normal_ppf(risk)) / coverage_factor


def capability(
    mean: float, standard_deviation: float, *, lower: float | None = None, upper: float | None = None
) -> float:
    """Give Cpk, the distance of the mean to the nearer limit in three standard deviations; negative outside."""
    low, high = _checked(mean, standard_deviation, lower, upper)
    if standard_deviation == 0.0:
        raise ValueError("a standard deviation of zero has no capability index.")
    return min(high - mean, mean - low) / (3.0 * standard_deviation)


def posterior(
    *, prior_mean: float, prior_uncertainty: float, value: float, standard_uncertainty: float
) -> tuple[float, float]:
    """Combine what was known before with a measured value, both normal; give mean and standard uncertainty.

    1/u^2 = 1/u0^2 + 1/um^2, y = u^2 (y0/u0^2 + ym/um^2) (JCGM 106:2012, 7). The result goes into
    conformance_probability.
    """
    if not (math.isfinite(prior_mean) and math.isfinite(value)):
        raise ValueError(f"{prior_mean} and {value} cannot be combined; give finite numbers.")
    if not (prior_uncertainty > 0.0 and standard_uncertainty > 0.0):
        raise ValueError("both the prior and the measurement need an uncertainty above zero to be weighed.")
    before, measured = prior_uncertainty**-2, standard_uncertainty**-2
    return (before * prior_mean + measured * value) / (before + measured), (before + measured) ** -0.5


def decide(
    value: float,
    standard_uncertainty: float,
    *,
    rule: Rule,
    lower: Limit | None = None,
    upper: Limit | None = None,
) -> Decision:
    """Judge a value against limits T and the acceptance limits A, inwards of them by w = r U.

    pass: within A; conditional pass: outside A, within T; conditional fail: outside T by at most w; fail: farther
    (ILAC-G8:09/2019, 4.2). A limit belongs to what it allows. With r <= 0 there are only pass and fail, at A.
    A limit that nobody has confirmed is not judged against. Raises ValueError as conformance_probability does, for
    limits in different units, and when the guard bands leave nothing to accept.
    """
    for limit in (lower, upper):
        if limit is not None and not (limit.confirmed and limit.established):
            return _not_judged(value, standard_uncertainty, rule, lower, upper, limit)
    if lower is not None and upper is not None and lower.unit != upper.unit:
        raise ValueError(f"the limits are in {lower.unit} and {upper.unit}; give both in one unit.")
    low, high = _checked(value, standard_uncertainty, _number(lower), _number(upper))
    w = rule.guard * rule.coverage_factor * standard_uncertainty
    if low + w > high - w:
        raise ValueError(
            f"guard bands of {w:g} leave nothing between {low:g} and {high:g} to accept; the measurement is too "
            "uncertain for these limits."
        )
    verdict = _verdict(value, low, high, w)
    probability = nonconformance_probability if verdict.endswith("pass") else conformance_probability
    risk = probability(value, standard_uncertainty, lower=low, upper=high) if standard_uncertainty else 0.0
    english, chinese = _VERDICTS[verdict]
    return Decision(
        verdict=verdict,
        rule=rule,
        lower=low,
        upper=high,
        lower_acceptance=low + w,
        upper_acceptance=high - w,
        compared=value,
        standard_uncertainty=standard_uncertainty,
        risk=risk,
        sentence_en=f"{english} by {rule.name_en}; the probability that this is wrong is {_percent(risk)}.",
        sentence_zh=f"按“{rule.name_zh}”判定：{chinese}；误判概率为 {_percent(risk)}。",
    )


_VERDICTS = {
    "pass": ("Conforms", "合格"),
    "conditional pass": (
        "Conforms conditionally, within the limit but not beyond the guard band,",
        "有条件合格（在限值内，但处于保护带内）",
    ),
    "conditional fail": (
        "Does not conform conditionally, outside the limit by less than the guard band,",
        "有条件不合格（超出限值，但未超出保护带）",
    ),
    "fail": ("Does not conform", "不合格"),
}


def _verdict(value: float, low: float, high: float, w: float) -> str:
    if low + w <= value <= high - w:
        return "pass"
    if low <= value <= high:
        return "conditional pass"
    return "conditional fail" if low - w <= value <= high + w else "fail"


def _not_judged(
    value: float, standard_uncertainty: float, rule: Rule, lower: Limit | None, upper: Limit | None, limit: Limit
) -> Decision:
    where, where_zh = f"{limit.edition}, {limit.clause}", f"{limit.edition}，{clause_zh(limit.clause)}"
    english, chinese = (
        ("has not been compared with the text", "尚未与标准文本核对")
        if limit.established
        else ("was not found", "数值未找到")
    )
    return Decision(
        verdict="not judged",
        rule=rule,
        lower=-math.inf if lower is None else lower.value,
        upper=math.inf if upper is None else upper.value,
        lower_acceptance=math.nan,
        upper_acceptance=math.nan,
        compared=value,
        standard_uncertainty=standard_uncertainty,
        risk=math.nan,
        sentence_en=f"Not judged: the limit {limit.symbol} ({where}) {english}; confirm it first.",
        sentence_zh=f"不作判定：限值 {limit.symbol}（{where_zh}）{chinese}；请先确认。",
    )


def _number(limit: Limit | None) -> float | None:
    return None if limit is None else limit.value


def _percent(risk: float) -> str:
    if risk < 1e-6:
        return "< 0.0001 %"
    return f"{100.0 * risk:.2g} %" if risk < 0.99 else "> 99 %"


def _checked(value: float, uncertainty: float, lower: float | None, upper: float | None) -> tuple[float, float]:
    """Give both limits, infinite where there is none."""
    low, high = -math.inf if lower is None else float(lower), math.inf if upper is None else float(upper)
    if not (math.isfinite(value) and math.isfinite(uncertainty)):
        raise ValueError(f"the value {value} with the uncertainty {uncertainty} cannot be judged; give finite numbers.")
    if uncertainty < 0.0:
        raise ValueError(f"the standard uncertainty is {uncertainty}; give zero or a positive number.")
    if math.isnan(low) or math.isnan(high):
        raise ValueError("a limit is NaN; a limit that nobody knows cannot be judged against.")
    if math.isinf(low) and math.isinf(high):
        raise ValueError("there is no limit to conform to; give lower, upper or both.")
    if low > high:
        raise ValueError(f"the lower limit {low} is above the upper one {high}; exchange them.")
    return low, high


def _distance(limit: float, value: float, uncertainty: float) -> float:
    """Give (limit - value)/u, for u = 0 its limit."""
    if limit == value:
        return 0.0
    return (limit - value) / uncertainty if uncertainty > 0.0 else math.copysign(math.inf, limit - value)
