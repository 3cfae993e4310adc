"""What is told of spot checks: the task, the result, the objection to it and its retest."""

from __future__ import annotations

from lims.notices.rule import OUTCOME, SAID, Rule, rule

SPOT_CHECKS: dict[tuple[str, str], Rule] = {
    ("request", "tell_result"): rule(
        "objections",
        "company",
        (
            "Result of the spot check {number}",
            "It is noted that you received the report {report} on {received_on}. You can object until {until}.",
        ),
        (
            "监督抽查 {number} 结果已告知",
            "已登记贵单位于 {received_on} 收到检测报告 {report}。如有异议，请于 {until} 前（含当日）提出。",
        ),
    ),
    ("objection", "raise"): rule(
        "objections",
        "deciding and company",
        (
            "Objection {number} to report {report}",
            "{company} objects to the report {report} on {product}; the quality manager decides.",
        ),
        ("对报告 {report} 的异议 {number}", "{company}对“{product}”的检测报告 {report} 提出异议，由质量负责人处理。"),
    ),
    ("objection", "accept"): rule(
        "objections",
        "deciding and company",
        ("Objection {number} is accepted", "The objection to the report {report} on {product} is accepted."),
        ("异议 {number} 已受理", "对“{product}”检测报告 {report} 的异议已受理。"),
        SAID,
    ),
    ("objection", "refuse"): rule(
        "objections",
        "deciding and company",
        ("Objection {number} is refused", "The objection to the report {report} on {product} is not accepted."),
        ("异议 {number} 不予受理", "对“{product}”检测报告 {report} 的异议不予受理。"),
        SAID,
    ),
    ("objection", "withdraw"): rule(
        "objections",
        "deciding and company",
        ("Objection {number} is withdrawn", "The objection to the report {report} on {product} was withdrawn."),
        ("异议 {number} 已撤回", "对“{product}”检测报告 {report} 的异议已撤回。"),
    ),
    ("objection", "hand_over"): rule(
        "objections",
        "deciding and company",
        ("Retest of {number} by {body}", "The backup sample of {product} went to {body} for the retest."),
        ("异议 {number} 由 {body} 复检", "“{product}”的备样已移交 {body} 进行复检。"),
    ),
    ("objection", "confirm"): rule(
        "objections",
        "deciding, signatory and company",
        ("The retest confirms report {report}", "The retest on the objection {number} confirmed the result."),
        ("复检维持报告 {report} 的结论", "异议 {number} 的复检维持原结论。"),
        OUTCOME,
    ),
    ("objection", "overturn"): rule(
        "objections",
        "deciding, signatory and company",
        (
            "The retest overturns report {report}",
            "The retest on the objection {number} overturned the result; the signatory withdraws or amends the report.",
        ),
        (
            "复检改变报告 {report} 的结论",
            "异议 {number} 的复检改变了原结论；授权签字人将撤回或修改该报告。",
        ),
        OUTCOME,
    ),
    ("objection", "settle"): rule(
        "objections",
        "deciding and company",
        ("Objection {number} is settled", "The objection to the report {report} on {product} is settled."),
        ("异议 {number} 已办结", "对“{product}”检测报告 {report} 的异议已办结。"),
        SAID,
    ),
    ("task", "add"): rule(
        "sampling",
        "samplers",
        (
            "Spot check task {number}",
            "{authority} ({document}) asks for samples of {products} until {end}. You may take them.",
        ),
        ("抽查任务 {number}", "{authority}（{document}）下达抽查任务：{products}，期限至 {end}。您可承担抽样。"),
    ),
    ("task", "change"): rule(
        "sampling",
        "samplers",
        ("Spot check task {number} is changed", "{authority} ({document}): {products}, until {end}. Read it again."),
        ("抽查任务 {number} 已修改", "{authority}（{document}）：{products}，期限至 {end}。请重新查看。"),
    ),
    ("task", "close_task"): rule(
        "sampling",
        "samplers",
        ("Spot check task {number} is closed", "Nothing more is sampled for {authority} ({document})."),
        ("抽查任务 {number} 已办结", "{authority}（{document}）的抽查任务已办结，不再抽样。"),
    ),
}
