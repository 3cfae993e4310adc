"""The decision rules that an order may agree on for a statement of conformity (17025 clause 7.1.3).

What they compute is in protocols/conformity.py; the requirements an order names beside it are in lims/repertoire.py.
Neither can be changed once a measurement of the order is finished.
"""

from __future__ import annotations

from dataclasses import dataclass

from lims.errors import Sentence
from protocols.conformity import GUARDED, SIMPLE, Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRule:
    """rule: how it is computed; none where no statement of conformity is asked for."""

    name: str
    name_en: str
    name_zh: str
    explained: Sentence
    rule: Rule | None = None


NONE = DecisionRule(
    name="none",
    name_en="no statement of conformity",
    name_zh="不作符合性声明",
    explained=Sentence(
        "The report gives results with their uncertainty and does not say whether a requirement is met.",
        "报告给出结果及其不确定度，不说明是否符合要求。",
    ),
)
SHARED = DecisionRule(
    name="simple",
    name_en=SIMPLE.name_en,
    name_zh=SIMPLE.name_zh,
    explained=Sentence(
        "A result at or within the limit passes; near the limit, the risk that this is wrong is up to 50 % for either "
        "side.",
        "结果在限值之内（含限值）即判合格；接近限值时，误判风险对双方最高均可达 50%。",
    ),
    rule=SIMPLE,
)
GUARD_BAND = DecisionRule(
    name="guarded",
    name_en=GUARDED.name_en,
    name_zh=GUARDED.name_zh,
    explained=Sentence(
        "A result passes only if it keeps the limit by its whole expanded uncertainty; the risk of a wrong pass is "
        "then at most 2.5 %.",
        "结果须与限值相距至少一个扩展不确定度才判合格；误判为合格的风险不超过 2.5%。",
    ),
    rule=GUARDED,
)
RULES = {one.name: one for one in (NONE, SHARED, GUARD_BAND)}
