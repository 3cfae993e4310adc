"""The straight efficiency curve that a product standard limits, on the area and temperature its limit rests on.

    eta = eta0 - U (t - ta)/G        t = t_in or tm; per gross or per aperture area

A test gives eta0hem (or eta0b and Kd), a1 and a2 per gross area A_G over the mean temperature. Here the line is laid
through the fitted curve at the test's own points x = (t - ta)/G by least squares,

    (eta0, U) = A_G/A (X'X)^-1 X' M (eta0hem, a1, a2),   X = [1, -x],   M = [1, -T*, -G T*^2],   T* = (tm - ta)/G,

so that it rests on the reported coefficients and nothing else: without a2, over tm, it is eta0hem and a1 themselves.
Where the curve was fitted to efficiencies, whose residuals are then orthogonal to 1 and T*, it is over tm the line that
the points themselves give; over t_in within 0.1 % (a real report of 16 points). Covariances follow to first order (JCGM
102:2011, 6.2.1); the uncertainty of A_G, which A_G/A cancels, is left in, that of the aperture is added.
Text and clause of the product standards were not read: that a line is laid through the points of a second-order curve
in this way is ours.

A quasi-dynamic test has no points at normal incidence. It gives a line only without a2, and only over tm.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from protocols.collectors.forms import hemispherical_efficiency
from protocols.method import Note
from protocols.uncertainty import transformed

Array = NDArray[np.float64]

QUANTITIES = ("eta0", "U")
_STEADY, _QUASI_DYNAMIC = ("eta0hem", "a1", "a2"), ("eta0b", "Kd", "a1", "a2")
_OF_OTHERS = ("a3", "a4", "a6", "a7", "a8")  # losses that a covered collector does not have


@dataclass(frozen=True, slots=True, kw_only=True)
class Areas:
    """Reference areas of an item, m2; aperture: None where nobody has stated it, its standard uncertainty 0 likewise.

    aperture_by: who says so, "company" or "laboratory".
    """

    gross: float
    aperture: float | None = None
    u_aperture: float = 0.0
    aperture_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A fitted curve per gross area over the mean temperature.

    values: eta0hem [1], a1 [W/(m2 K)], a2 [W/(m2 K2)] with their covariance.  coverage_factor: the largest of them.
    G [W/m2], above [K]: tm - ta, inlet_above [K]: t_in - ta of the points used; empty for a quasi-dynamic test.
    """

    values: Array
    covariance: Array
    coverage_factor: float
    G: Array
    above: Array
    inlet_above: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """eta0 [1] and U [W/(m2 K)] on a basis, with standard uncertainties.

    factor: A_G over the area of the basis.  told: how it was laid, in words.
    """

    values: Mapping[str, float]
    standard_uncertainties: Mapping[str, float]
    coverage_factor: float
    factor: float
    told: tuple[Note, ...]


def curve_of(outcome: Mapping[str, Any]) -> Curve | None:
    """Read the curve of a covered collector out of an outcome (heliobench.outcome/1); None where it gives none.

    None too for a collector that has losses by wind or sky, whose efficiency is no curve over one difference.
    """
    told = {one["symbol"]: one for one in outcome["coefficients"]}
    names = next((each for each in (_STEADY, _QUASI_DYNAMIC) if set(each) <= set(told)), None)
    if names is None or any(told[symbol]["value"] for symbol in _OF_OTHERS if symbol in told):
        return None
    order = [one["symbol"] for one in outcome["coefficients"]]
    rows = [order.index(symbol) for symbol in names]
    values = np.array([told[symbol]["value"] for symbol in names], dtype=np.float64)
    covariance = np.array(outcome["covariance"], dtype=np.float64)[np.ix_(rows, rows)]
    steady = names == _STEADY
    if not steady:
        values, covariance = _hemispherical(values, covariance)
    return Curve(
        values=values,
        covariance=covariance,
        coverage_factor=max(told[symbol]["coverage_factor"] for symbol in names),
        **_points(outcome["points"] if steady else {}),
    )


def _hemispherical(values: Array, covariance: Array) -> tuple[Array, Array]:
    """eta0b, Kd, a1, a2 as eta0hem, a1, a2."""
    eta0b, diffuse, a1, a2 = values.tolist()
    share = hemispherical_efficiency(eta0b=1.0, Kd=diffuse)
    by_diffuse = hemispherical_efficiency(eta0b=eta0b, Kd=1.0) - hemispherical_efficiency(eta0b=eta0b, Kd=0.0)
    jacobian = np.array([[share, by_diffuse, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]])
    return np.array([share * eta0b, a1, a2]), transformed(covariance, jacobian)


def _points(points: Mapping[str, Sequence[float | None]]) -> dict[str, Array]:
    used = np.array(points.get("used", ()), dtype=np.float64) == 1.0
    column = {name: np.array(points.get(name, ()), dtype=np.float64)[used] for name in ("G", "tm_minus_ta")}
    inlet = [np.array(points.get(name, ()), dtype=np.float64)[used] for name in ("t_in", "t_amb")]
    return {"G": column["G"], "above": column["tm_minus_ta"], "inlet_above": inlet[0] - inlet[1]}


def line_of(curve: Curve, *, area: str, temperature: str, areas: Areas) -> Line | Note:
    """Lay the line on a basis, or say why it cannot be.

    area: "gross" or "aperture".  temperature: "mean" or "inlet".
    """
    against = _against_area(area, areas) or _against_temperature(curve, temperature)
    if against is not None:
        return against
    aperture = areas.aperture if area == "aperture" else None
    factor = 1.0 if aperture is None else areas.gross / aperture
    jacobian = factor * _laid(curve, temperature)
    values = jacobian @ curve.values
    covariance = transformed(curve.covariance, jacobian)
    if aperture is not None:
        covariance = covariance + np.outer(values, values) * (areas.u_aperture / aperture) ** 2
    return Line(
        values=dict(zip(QUANTITIES, values.tolist(), strict=True)),
        standard_uncertainties=dict(zip(QUANTITIES, np.sqrt(np.diag(covariance)).tolist(), strict=True)),
        coverage_factor=curve.coverage_factor,
        factor=factor,
        told=(_told_area(area, areas, factor), _told_line(curve, temperature)),
    )


def _laid(curve: Curve, temperature: str) -> Array:
    """(X'X)^-1 X' M; the unit rows of eta0hem and a1 where there are no points."""
    if not curve.G.size:
        return np.eye(2, 3)
    star = curve.above / curve.G
    x = star if temperature == "mean" else curve.inlet_above / curve.G
    model = np.column_stack([np.ones_like(star), -star, -curve.G * star**2])
    return np.asarray(np.linalg.lstsq(np.column_stack([np.ones_like(x), -x]), model)[0])


# --- in words ---


def _against_area(area: str, areas: Areas) -> Note | None:
    if area != "aperture":
        return None
    if areas.aperture is None:
        return Note(
            code="aperture area not stated",
            sentence_en="Not judged: the limit rests on the aperture area, which is not stated among the properties of "
            "the item.",
            sentence_zh="不作判定：该限值以采光面积为基准，而样品参数中没有采光面积。",
        )
    if not areas.aperture <= areas.gross:
        return Note(
            code="aperture area too large",
            sentence_en=f"Not judged: the aperture area of {areas.aperture:g} m² is larger than the gross area of "
            f"{areas.gross:g} m²; correct one of them on the item's page.",
            sentence_zh=f"不作判定：采光面积 {areas.aperture:g} m² 大于总面积 {areas.gross:g} m²；请在样品页面更正。",
        )
    return None


def _against_temperature(curve: Curve, temperature: str) -> Note | None:
    if curve.G.size:
        return None
    if temperature == "inlet":
        return Note(
            code="no points over the inlet temperature",
            sentence_en="Not judged: the limit rests on the inlet temperature, over which a quasi-dynamic test gives "
            "no curve; it takes a steady-state test.",
            sentence_zh="不作判定：该限值以进口温度为基准，准动态试验不给出以进口温度为基准的效率曲线；须进行稳态试验。",
        )
    if curve.values[2]:
        return Note(
            code="no straight line",
            sentence_en="Not judged: the limit is for a straight line, and the curve of this quasi-dynamic test has "
            "a2; it takes the points of a steady-state test to lay a line through it.",
            sentence_zh="不作判定：该限值针对一次效率曲线，而本准动态试验结果含 a2；须由稳态试验的测点拟合直线。",
        )
    return None


def _told_area(area: str, areas: Areas, factor: float) -> Note:
    if area != "aperture" or areas.aperture is None:
        return Note(
            code="gross area",
            sentence_en=f"Per gross area, A_G = {areas.gross:g} m², as measured.",
            sentence_zh=f"以总面积 A_G = {areas.gross:g} m² 为基准，与检测结果相同。",
        )
    whose_en, whose_zh = _BY[areas.aperture_by]
    sure_en, sure_zh = (
        (f", standard uncertainty {areas.u_aperture:g} m²", f"，标准不确定度 {areas.u_aperture:g} m²")
        if areas.u_aperture
        else (", stated without uncertainty and taken as exact", "，未给出不确定度，按准确值计")
    )
    return Note(
        code="aperture area",
        sentence_en=f"Per aperture area, A_a = {areas.aperture:g} m² ({whose_en}{sure_en}): converted from the gross "
        f"area, A_G = {areas.gross:g} m², by A_G/A_a = {factor:.4f}.",
        sentence_zh=f"以采光面积 A_a = {areas.aperture:g} m²（{whose_zh}{sure_zh}）为基准：由总面积 "
        f"A_G = {areas.gross:g} m² 换算，A_G/A_a = {factor:.4f}。",
    )


_BY = {
    "company": ("stated by the company", "由委托单位提供"),
    "laboratory": ("measured by the laboratory", "由本机构测量"),
}


def _told_line(curve: Curve, temperature: str) -> Note:
    english, chinese = {"mean": ("mean", "平均"), "inlet": ("inlet", "进口")}[temperature]
    if not curve.G.size:
        return Note(
            code="line",
            sentence_en=f"Over the {english} temperature of the fluid; eta0 = eta0b (0.85 + 0.15 Kd), U = a1.",
            sentence_zh=f"以工质{chinese}温度为基准；eta0 = eta0b (0.85 + 0.15 Kd)，U = a1。",
        )
    return Note(
        code="line",
        sentence_en=f"Straight line over the {english} temperature of the fluid, laid by least squares through the "
        f"fitted curve at its {curve.G.size} points.",
        sentence_zh=f"以工质{chinese}温度为基准的一次效率曲线，由拟合曲线在 {curve.G.size} 个测点处按最小二乘法得出。",
    )
