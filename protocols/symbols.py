"""The glossary of quantities: every symbol has one unit, one definition and two names.

Numbers inside this package are plain float64 in the unit stated here; converting is the caller's work.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """One quantity of the glossary. `unit` is "1" for a pure number and "" for a text."""

    symbol: str
    unit: str
    name_en: str
    name_zh: str
    definition: str


def _entry(symbol: str, unit: str, name_en: str, name_zh: str, definition: str) -> Quantity:
    return Quantity(symbol=symbol, unit=unit, name_en=name_en, name_zh=name_zh, definition=definition)


# fmt: off
_GLOSSARY = (
    # measured columns
    _entry("G", "W/m2", "hemispherical irradiance", "半球向总辐照度", "Global, on the collector's plane."),
    _entry("Gd", "W/m2", "diffuse irradiance", "散射辐照度", "From sky and ground, on the collector's plane."),
    _entry("Gb", "W/m2", "beam irradiance", "直射辐照度", "On the collector's plane: Gb = G - Gd."),
    _entry("DNI", "W/m2", "direct normal irradiance", "法向直射辐照度", "Beam on a plane normal to the sun."),
    _entry("t_in", "degC", "inlet temperature", "进口温度", "Fluid temperature at the collector inlet."),
    _entry("t_out", "degC", "outlet temperature", "出口温度", "Fluid temperature at the collector outlet."),
    _entry("t_amb", "degC", "ambient air temperature", "环境空气温度", "Temperature of the surrounding air."),
    _entry("V_dot", "m3/s", "volume flow", "体积流量", "Volume flow of the heat carrier at the meter's temperature."),
    _entry("u", "m/s", "air speed", "空气流速", "Speed of the surrounding air over the collector."),
    _entry("shaded", "1", "shaded", "遮挡标志", "1 while any part of the collector is shaded, else 0."),
    # test item and fluid
    _entry("A_G", "m2", "gross area", "总面积", "Gross collector area, the reference area since 2017."),
    _entry("rho", "kg/m3", "density", "密度", "Density of the heat carrier."),
    _entry("c_p", "J/(kg K)", "specific heat capacity", "比热容", "Isobaric heat capacity of the heat carrier."),
    # coefficients
    _entry("eta0b", "1", "peak collector efficiency (beam)", "直射峰值效率", "At tm = ta, beam at normal incidence."),
    _entry("b0", "1", "incidence angle modifier constant", "入射角修正常数", "Kb = 1 - b0 (1/cos(theta) - 1)."),
    _entry("Kd", "1", "diffuse incidence angle modifier", "散射入射角修正系数", "Modifier of the diffuse irradiance."),
    _entry("a1", "W/(m2 K)", "heat loss coefficient", "热损失系数", "Heat loss coefficient at tm - ta = 0."),
    _entry("a2", "W/(m2 K2)", "temperature dependence of heat loss", "热损失系数的温度系数", "Factor of (tm - ta)^2."),
    _entry("a5", "J/(m2 K)", "effective thermal capacity", "有效热容", "Effective thermal capacity per area, C/A_G."),
    # points of a result
    _entry("time", "s", "start of the averaging window", "平均时段起点", "Seconds since 1970-01-01 UTC."),
    _entry("theta", "deg", "angle of incidence", "入射角", "Between the beam and the plane's normal."),
    _entry("tm_minus_ta", "K", "mean fluid minus ambient", "平均工质温度与环境温度之差", "(t_in + t_out)/2 - t_amb."),
    _entry("dtm_dt", "K/s", "rate of mean fluid temperature", "平均工质温度变化率", "From the window's ends."),
    _entry("mass_flow", "kg/s", "mass flow", "质量流量", "Volume flow times density at the meter."),
    _entry("q_measured", "W/m2", "measured specific power", "实测单位面积功率", "Useful power per gross area."),
    _entry("q_fitted", "W/m2", "fitted specific power", "拟合单位面积功率", "The same by the fitted model."),
    _entry("residual", "W/m2", "residual", "残差", "q_measured - q_fitted."),
    _entry("used", "1", "used", "采用标志", "1 where the window was used in the fit, else 0."),
    _entry("refusal", "1", "refusal", "拒绝原因序号", "Index of the refusal that excluded the window, or -1."),
)
# fmt: on

QUANTITIES = {entry.symbol: entry for entry in _GLOSSARY}


def quantity(symbol: str) -> Quantity:
    """Look a symbol up. Raises KeyError with a sentence for a symbol that is not in the glossary.

    >>> quantity("a1").unit
    'W/(m2 K)'
    """
    if symbol not in QUANTITIES:
        raise KeyError(f"{symbol!r} is not a symbol of the glossary; known are {', '.join(QUANTITIES)}.")
    return QUANTITIES[symbol]
