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
    _entry("EL", "W/m2", "long-wave irradiance", "长波辐照度", "Thermal irradiance (above 3 um) on the plane."),
    _entry("t_abs", "degC", "absorber temperature", "吸热体温度", "At the standard's sensor position on the absorber."),
    _entry("dp", "Pa", "pressure drop", "压力降", "Between inlet and outlet of the collector, fittings subtracted."),
    _entry("covered", "1", "covered", "遮盖标志", "1 while an opaque cover shields the collector, else 0."),
    _entry("t_store", "degC", "store water temperature", "贮水温度", "Mean temperature of the water in the store."),
    _entry("t_main", "degC", "cold-water temperature", "冷水温度", "Temperature of the water that fills the store."),
    _entry("t_tube", "degC", "temperature in the tube", "管内温度", "Air or water inside an evacuated tube."),
    _entry("Q_meter", "W", "power of the heat meter", "热量表功率", "Useful power measured by a heat meter."),
    # one row a day
    _entry("H", "MJ/m2", "daily irradiation", "日太阳辐照量", "Integral of G over the test day."),
    _entry("t_amb_day", "degC", "mean ambient temperature of the day", "日平均环境温度", "Mean of t_amb over the day."),
    _entry("Q_day", "MJ", "daily useful heat", "日有用得热量", "Heat that the store's water has gained in the day."),
    # test item and fluid
    _entry("A_G", "m2", "gross area", "总面积", "Gross collector area, the reference area since 2017."),
    _entry("A_a", "m2", "aperture area", "采光面积", "Aperture area, on which older limits of collectors rest."),
    _entry("rho", "kg/m3", "density", "密度", "Density of the heat carrier."),
    _entry("c_p", "J/(kg K)", "specific heat capacity", "比热容", "Isobaric heat capacity of the heat carrier."),
    # coefficients
    _entry("eta0b", "1", "peak collector efficiency (beam)", "直射峰值效率", "At tm = ta, beam at normal incidence."),
    _entry("b0", "1", "incidence angle modifier constant", "入射角修正常数", "Kb = 1 - b0 (1/cos(theta) - 1)."),
    _entry("Kd", "1", "diffuse incidence angle modifier", "散射入射角修正系数", "Modifier of the diffuse irradiance."),
    _entry("a1", "W/(m2 K)", "heat loss coefficient", "热损失系数", "Heat loss coefficient at tm - ta = 0."),
    _entry("a2", "W/(m2 K2)", "temperature dependence of heat loss", "热损失系数的温度系数", "Factor of (tm - ta)^2."),
    _entry("a5", "J/(m2 K)", "effective thermal capacity", "有效热容", "Effective thermal capacity per area, C/A_G."),
    _entry("eta0hem", "1", "peak collector efficiency (hemispherical)", "半球向峰值效率", "eta0b (0.85 + 0.15 Kd)."),
    _entry("a3", "J/(m3 K)", "wind dependence of heat loss", "热损失系数的风速系数", "Factor of (u - 3 m/s)(tm - ta)."),
    _entry("a4", "1", "sky temperature dependence", "长波辐射系数", "Factor of the long-wave balance EL - sigma Ta^4."),
    _entry("a6", "s/m", "wind dependence of zero-loss efficiency", "峰值效率的风速系数", "Factor of (u - 3 m/s) G."),
    _entry("a7", "s/m", "wind dependence of infrared exchange", "红外换热的风速系数", "Of u' times that balance."),
    _entry("a8", "W/(m2 K4)", "radiation losses", "辐射热损系数", "Factor of (tm - ta)^4."),
    _entry("bu", "s/m", "wind dependence of efficiency", "稳态效率的风速系数", "eta = eta0hem (1 - bu u)."),
    _entry("b1", "W/(m2 K)", "heat loss coefficient, steady state", "稳态热损失系数", "Of (b1 + b2 u)(tm - ta)."),
    _entry("b2", "J/(m3 K)", "wind dependence, steady state", "稳态热损失的风速系数", "Of (b1 + b2 u)(tm - ta)."),
    _entry("K10", "1", "incidence angle modifier at 10 deg", "10°入射角修正系数", "Kb at 10 deg."),
    _entry("K20", "1", "incidence angle modifier at 20 deg", "20°入射角修正系数", "Kb at 20 deg."),
    _entry("K30", "1", "incidence angle modifier at 30 deg", "30°入射角修正系数", "Kb at 30 deg."),
    _entry("K40", "1", "incidence angle modifier at 40 deg", "40°入射角修正系数", "Kb at 40 deg."),
    _entry("K50", "1", "incidence angle modifier at 50 deg", "50°入射角修正系数", "Kb at 50 deg."),
    _entry("K60", "1", "incidence angle modifier at 60 deg", "60°入射角修正系数", "Kb at 60 deg."),
    _entry("K70", "1", "incidence angle modifier at 70 deg", "70°入射角修正系数", "Kb at 70 deg."),
    _entry("C", "J/K", "effective thermal capacity of the collector", "集热器有效热容", "C = a5 A_G."),
    _entry("tau_c", "s", "time constant", "时间常数", "Until the outlet has made 63.2 % of its change."),
    _entry("t_stg", "degC", "standard stagnation temperature", "标准滞止温度", "At 1000 W/m2 and 30 degC ambient."),
    _entry("dp1", "Pa s/kg", "linear pressure-drop coefficient", "压力降一次系数", "dp = dp1 m + dp2 m^2."),
    _entry("dp2", "Pa s2/kg2", "quadratic pressure-drop coefficient", "压力降二次系数", "dp = dp1 m + dp2 m^2."),
    # water heaters, tubes, fields
    _entry("V_s", "m3", "store volume", "贮水容积", "Water volume of the store."),
    _entry("A_c", "m2", "contour aperture area", "轮廓采光面积", "Reference area of GB/T 18708."),
    _entry("q_day", "MJ/m2", "daily useful heat per area", "单位面积日有用得热量", "Q_day / A_c."),
    _entry("q_17", "MJ/m2", "daily useful heat at 17 MJ/m2", "17 MJ/m2 时日有用得热量", "q_day scaled to 17 MJ/m2."),
    _entry("U_sl", "W/(m3 K)", "average heat loss factor", "平均热损因数", "Of the store at night, per water volume."),
    _entry("io1", "m2", "input-output: irradiation coefficient", "输入输出法辐照系数", "Q_day = io1 H + io2 dt + io3."),
    _entry("io2", "MJ/K", "input-output: temperature coefficient", "输入输出法温差系数", "dt = t_amb_day - t_main."),
    _entry("io3", "MJ", "input-output: constant", "输入输出法常数项", "Q_day = io1 H + io2 dt + io3."),
    _entry("Y", "m2 K/kW", "stagnation parameter", "空晒性能参数", "Y = (t_tube - t_amb)/G of an evacuated tube."),
    _entry("H_35", "MJ/m2", "stagnation irradiation", "闷晒太阳辐照量", "Warms a filled tube by 35 K."),
    _entry("U_lt", "W/(m2 K)", "average heat loss coefficient of a tube", "平均热损系数", "Filled, without sun."),
    _entry("power_ratio", "1", "measured over estimated power", "实测与估算功率之比", "ISO 24194 performance check."),
    _entry("power_slope", "1", "slope of measured over estimated", "实测对估算功率的斜率", "Through the origin."),
    _entry("f_safe", "1", "safety factor", "安全系数", "f_safe = f_p f_U f_O of ISO 24194."),
    # points of a result
    _entry("time", "s", "start of the averaging window", "平均时段起点", "Seconds since 1970-01-01 UTC."),
    _entry("theta", "deg", "angle of incidence", "入射角", "Between the beam and the plane's normal."),
    _entry("tm_minus_ta", "K", "mean fluid minus ambient", "平均工质温度与环境温度之差", "(t_in + t_out)/2 - t_amb."),
    _entry("dtm_dt", "K/s", "rate of mean fluid temperature", "平均工质温度变化率", "From the window's ends."),
    _entry("mass_flow", "kg/s", "mass flow", "质量流量", "Volume flow times density at the meter."),
    _entry("q_measured", "W/m2", "measured specific power", "实测单位面积功率", "Useful power per gross area."),
    _entry("q_fitted", "W/m2", "fitted specific power", "拟合单位面积功率", "The same by the fitted model."),
    _entry("residual", "W/m2", "residual", "残差", "q_measured - q_fitted."),
    _entry("tm", "degC", "mean fluid temperature", "工质平均温度", "(t_in + t_out)/2."),
    _entry("T_star", "m2 K/W", "reduced temperature difference", "归一化温差", "(tm - ta)/G."),
    _entry("efficiency", "1", "efficiency", "效率", "q_measured / G."),
    _entry("q_estimated", "W/m2", "estimated specific power", "估算单位面积功率", "By the certificate's parameters."),
    _entry("dT", "K", "temperature rise of the fluid", "工质温升", "t_out - t_in."),
    _entry("Gd_share", "1", "diffuse share", "散射比例", "Gd / G."),
    _entry("G_net", "W/m2", "net irradiance", "净辐照度", "G + (eps/alpha)(EL - sigma Ta^4)."),
    _entry("K_theta", "1", "modifier of a point", "测点入射角修正系数", "Zero-loss efficiency over eta0."),
    _entry("response", "1", "share of the change made", "变化完成比例", "0 at the step, 1 at the end."),
    _entry("dp_fitted", "Pa", "fitted pressure drop", "拟合压力降", "dp1 m + dp2 m^2."),
    _entry("duration", "s", "duration", "持续时间", "Length of the interval."),
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
