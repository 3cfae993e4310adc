"""Clauses in Chinese: those whose number nobody has confirmed are named in words, which are written in English."""

import re

_NAMES = {
    "absorber coating": "吸热体涂层",
    "air speeds, wind or infrared sensitive collectors": "风敏感或红外敏感集热器的空气流速",
    "angle of incidence": "入射角",
    "appearance": "外观",
    "average heat loss coefficient": "平均热损系数",
    "average heat loss factor": "平均热损因数",
    "daily useful heat": "日有用得热量",
    "daily useful heat by draw-off": "日有用得热量（排水法）",
    "dry exposure": "空晒",
    "effective thermal capacity": "有效热容",
    "effective thermal capacity, calculated": "有效热容（计算）",
    "energy efficiency grades": "能效等级",
    "exposure": "空晒（暴露）",
    "external thermal shock": "外热冲击",
    "filing of the energy label": "能效标识备案",
    "final inspection": "最终检查",
    "freeze resistance": "耐冻",
    "freeze resistance of heat pipes": "热管耐冻",
    "half exposure": "半程空晒",
    "high temperature and stagnation": "耐高温与滞止",
    "impact resistance": "耐撞击",
    "impact resistance, ice balls": "耐撞击（冰球）",
    "impact resistance, steel balls": "耐撞击（钢球）",
    "incidence angle modifier": "入射角修正系数",
    "inlet temperatures": "进口温度",
    "input-output test": "输入输出法试验",
    "internal pressure": "耐压",
    "internal pressure test": "耐压试验",
    "internal pressure test, polymer channels": "耐压试验（聚合物流道）",
    "internal pressure test, repeated": "耐压试验（复测）",
    "internal thermal shock": "内热冲击",
    "leakage test of air heating collectors": "空气集热器漏风试验",
    "measuring period": "测量时段",
    "mechanical load": "机械荷载",
    "mechanical load, negative pressure": "机械荷载（负压）",
    "mechanical load, positive pressure": "机械荷载（正压）",
    "mechanical shock": "抗机械冲击",
    "number of points": "测点数",
    "peak power": "峰值功率",
    "permitted deviations": "允许偏差",
    "power check": "功率核查",
    "power table": "功率表",
    "preconditioning": "预处理",
    "pressure drop": "压力降",
    "pressure test": "耐压试验",
    "product requirements": "产品要求",
    "quasi-dynamic data": "准动态试验数据",
    "quasi-dynamic day types": "准动态试验日类型",
    "quasi-dynamic evaluation": "准动态试验数据处理",
    "quasi-dynamic test": "准动态试验",
    "quasi-dynamic test conditions": "准动态试验条件",
    "rain": "淋雨",
    "rain penetration": "淋雨",
    "rupture and collapse test of air heating collectors": "空气集热器破裂与塌陷试验",
    "scope": "适用范围",
    "item description": "试件描述",
    "significance of a2": "a2 的显著性",
    "stagnation filled with water": "闷晒",
    "stagnation irradiation": "闷晒太阳辐照量",
    "stagnation parameter": "空晒性能参数",
    "stagnation temperature": "滞止温度",
    "standard reporting conditions": "标准报告条件",
    "standard stagnation temperature": "标准滞止温度",
    "steady-state inlet temperatures": "稳态试验进口温度",
    "steady-state test": "稳态试验",
    "steady-state test conditions": "稳态试验条件",
    "steady-state test conditions, wind or infrared sensitive collectors": "风敏感或红外敏感集热器稳态试验条件",
    "stiffness": "刚度",
    "strength": "强度",
    "technical requirements": "技术要求",
    "test conditions": "试验条件",
    "test days": "试验日",
    "test flow": "试验流量",
    "thermal performance": "热性能",
    "thermal shock": "耐热冲击",
    "time constant": "时间常数",
    "transparent cover": "透明盖板",
    "vacuum": "真空度",
    "vacuum quality": "真空品质",
}
_MARKS = {
    "[clause number unconfirmed]": "［条款号未确认］",
    "[clause numbers unconfirmed]": "［条款号未确认］",
    "[conditions unconfirmed]": "［试验条件未确认］",
}
_PLACES = ((re.compile(r"\b[Tt]able (\d+)"), r"表 \1"), (re.compile(r"\bformula (\d+)"), r"公式 \1"))
_AND = re.compile(r"(?<=\d) and (?=\d)")


def clause_zh(clause: str) -> str:
    """Give a clause as its Chinese reader needs it: numbers and editions as they are, names and marks in Chinese.

    A name that nobody has written down in Chinese stays English.

    >>> clause_zh("internal pressure [clause number unconfirmed]"), clause_zh("6.3.2")
    ('耐压［条款号未确认］', '6.3.2')
    """
    for mark, chinese in _MARKS.items():
        if clause.endswith(mark):
            return _named(clause.removesuffix(mark).rstrip()) + chinese
    return _named(clause)


def _named(clause: str) -> str:
    if clause in _NAMES:
        return _NAMES[clause]
    first, comma, rest = clause.partition(", ")
    if comma:
        return f"{_named(first)}，{_named(rest)}"
    for place, chinese in _PLACES:
        clause = place.sub(chinese, clause)
    return _AND.sub("、", clause)
