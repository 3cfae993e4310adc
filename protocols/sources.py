"""Sources of limits in Chinese: where a number was read or recalled, which the limit tables tell in English."""

import re

_NAMES = {
    "EN 12975-2 allowed 2": "EN 12975-2 允许 2",
    "EnergyProfessional Symposium, ice stones after EN 12975 and photovoltaic standards": (
        "EnergyProfessional 研讨会：按 EN 12975 及光伏标准的冰球"
    ),
    "EnergyProfessional Symposium, impact resistance of collectors (heights up to 2.0 m)": (
        "EnergyProfessional 研讨会：集热器耐撞击（高度至 2.0 m）"
    ),
    "EnergyProfessional Symposium, impact resistance of collectors (steel ball of EN 12975)": (
        "EnergyProfessional 研讨会：集热器耐撞击（EN 12975 钢球）"
    ),
    "EnergyProfessional Symposium, rain penetration of collectors": "EnergyProfessional 研讨会：集热器淋雨",
    "EuroSun 2008, normative requirements of impact resistance tests": "EuroSun 2008：耐撞击试验的标准要求",
    "ISO 9806-1:1994 as retold in public teaching notes": "公开教学资料转述的 ISO 9806-1:1994",
    "ISO 9806-1:1994 had 10 %": "ISO 9806-1:1994 为 10 %",
    "ISO 9806-1:1994 had 1.5 K": "ISO 9806-1:1994 为 1.5 K",
    "ISO 9806-1:1994 had 15 min": "ISO 9806-1:1994 为 15 min",
    "ISO 9806-1:1994 had 800": "ISO 9806-1:1994 为 800",
    "K within 2 % of normal is sourced for ISO 9806-1:1994": "K 与法向值相差 2 % 以内出自 ISO 9806-1:1994",
    "Zhejiang data registry, entry 20625": "浙江省数据目录第 20625 条",
    "an open implementation of ISO 24194:2022": "ISO 24194:2022 的开源实现",
    "collector maker's academy (DualSun) on the internal pressure test": "集热器厂家培训资料（DualSun）：耐压试验",
    "description of a Chinese test rig, 2007": "国内某试验装置的介绍（2007 年）",
    "design text quoting Chinese reference conditions (freesmiily.com/578)": (
        "引用国内参考条件的设计资料（freesmiily.com/578）"
    ),
    "for the quasi-dynamic test not found": "准动态试验未查得",
    "for water where possible": "尽可能用水",
    "from memory": "凭记忆",
    "from memory of the standard": "凭对标准的记忆",
    "guaranteed value of a tube maker (Suneco)": "真空管厂家（Suneco）保证值",
    "guaranteed value of a tube maker (Suneco), equal to it": "真空管厂家（Suneco）保证值，与其相等",
    "indoors 1 K": "室内 1 K",
    "inferred from Solar Keymark data sheet DS_3663: tested up to 53 K, printed up to 83 K": (
        "由 Solar Keymark 数据表 DS_3663 推断：试验至 53 K，列至 83 K"
    ),
    "memory of IEC 61215, not read": "凭对 IEC 61215 的记忆，未查阅",
    "memory of ISO 9459-2, not read": "凭对 ISO 9459-2 的记忆，未查阅",
    "memory of the standard, not read": "凭对标准的记忆，未查阅",
    "memory of the standard, shaky, not read": "凭对标准的记忆，不确切，未查阅",
    "no page was read": "未查阅任何页",
    "no source could be opened": "未能打开任何来源",
    "not found": "未查得",
    "or from 800": "或自 800 起",
    "page of a tube maker (lrmdw.cn)": "真空管厂家网页（lrmdw.cn）",
    "page of a tube maker (lrmdw.cn), its own value": "真空管厂家网页（lrmdw.cn），厂家自定值",
    "page of a tube maker that prints it as the national limit (lrmdw.cn)": "真空管厂家网页（lrmdw.cn），称为国标限值",
    "printed on Solar Keymark sheets": "见于 Solar Keymark 数据表",
    "printed on a Solar Keymark sheet of 2022": "见于 2022 年的一份 Solar Keymark 数据表",
    "public code of the national filing portal (fasterrecord_web, commit 24c556e)": (
        "国家备案平台的公开代码（fasterrecord_web，提交 24c556e）"
    ),
    "published example of a collector maker (DualSun): 1016 W/m2 for 1 h": (
        "集热器厂家（DualSun）公布的示例：1016 W/m2、1 h"
    ),
    "published example of a collector maker (DualSun): 5 min": "集热器厂家（DualSun）公布的示例：5 min",
    "recalled": "凭记忆",
    "recalled, not read in the standard": "凭记忆，未在标准中查阅",
    "recalled: steady-state level 3 m/s with 0.5 m/s": "凭记忆：稳态风速 3 m/s，偏差 0.5 m/s",
    "recalled: steady-state levels below 1, 1.5 and 3 m/s": "凭记忆：稳态风速低于 1、1.5、3 m/s",
    "recalled: within 10 % of 1000 W/m2": "凭记忆：1000 W/m2 的 ±10 % 以内",
    "report on the national spot check of 2008 (17huanbao)": "2008 年国家监督抽查的报道（17huanbao）",
    "sunpeek 0.7.31, quoting the standard": "sunpeek 0.7.31 引用的标准内容",
    "taken over from GB/T 17049-2005, which was not read either": "沿用 GB/T 17049-2005，该标准亦未查阅",
    "the ball was added in 2005": "钢球为 2005 年版新增",
    "the edition is inferred from the values": "版本由数值推断",
    "the foreword says that it has changed": "前言说明该值已修改",
    "the text of ISO 9806 was not read": "未查阅 ISO 9806 原文",
    "web page of a tube maker": "真空管厂家网页",
    "web page on heat-pipe tubes (GB/T 19775)": "热管真空管网页（GB/T 19775）",
    "web page on heat-pipe tubes (GB/T 19775): four readings five minutes apart": (
        "热管真空管网页（GB/T 19775）：间隔五分钟读四次"
    ),
    "web pages on flat plate and tube collectors": "平板型与真空管型集热器网页",
    "web pages still quote 0.50 of an older edition": "网页仍引用旧版的 0.50",
    "web pages still quote 0.60 of an older edition": "网页仍引用旧版的 0.60",
    "web pages still quote 0.68 of an older edition": "网页仍引用旧版的 0.68",
    "web pages still quote 2.5 of an older edition": "网页仍引用旧版的 2.5",
}
_MARKS = {
    "[2017 edition unverified]": "［2017 年版未核实］",
    "[conflict]": "［相互矛盾］",
    "[edition unverified]": "［版本未核实］",
    "[memory]": "［凭记忆］",
    "[unverified, shaky]": "［未核实，不确切］",
    "[unverified]": "［未核实］",
}
_TAKEN_OVER = (
    (
        re.compile(
            r"as (ISO [\d:]+), of which (GB/T [\d-]+) is recalled to be a modified adoption \[memory\]; there: "
        ),
        r"同 \1（凭记忆，\2 系修改采用该标准）；该标准的来源：",
    ),
    (
        re.compile(r"taken over from (ISO [\d:]+) \(\[memory\] of a modified adoption\): "),
        r"沿用 \1（凭记忆，系修改采用）；该标准的来源：",
    ),
)


def source_zh(source: str) -> str:
    """Give a source as its Chinese reader needs it; what nobody has written down in Chinese stays as it is.

    >>> source_zh("recalled, not read in the standard [memory]; indoors 1 K"), source_zh("Heliobench")
    ('凭记忆，未在标准中查阅［凭记忆］；室内 1 K', 'Heliobench')
    """
    for beginning, chinese in _TAKEN_OVER:
        if found := beginning.match(source):
            return found.expand(chinese) + source_zh(source[found.end() :])
    told = [_part(one) for one in source.split("; ")]
    return "；".join(told) if told != source.split("; ") else source


def _part(text: str) -> str:
    for mark, chinese in _MARKS.items():
        if text.endswith(mark):
            return _part(text.removesuffix(mark).rstrip()) + chinese
    return _NAMES.get(text, text)
