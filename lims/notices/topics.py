"""What happens in the laboratory, whom it concerns, and in which words: one table, read by `rule_of`.

A rule is found by the kind and the action of an event of the audit trail. ``audience`` is a name of
`lims.notices.audience`; the words may use the facts of `lims.notices.facts` in braces and never the name of another
company, a colleague's remark that was not meant for the reader, or anything a technician in blind mode must not see.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lims.labels import Label
from lims.notices.rule import ANSWER, QUESTION, Rule, rule
from lims.notices.spot_check_topics import SPOT_CHECKS


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Notices that are chosen together."""

    label: Label
    company: bool  # companies get such notices
    staff: bool  # the laboratory's people get such notices
    by_mail: bool  # the default
    optional: bool = True  # what concerns the account's safety is always mailed


GROUPS: dict[str, Group] = {
    "orders": Group(label=Label("委托", "requests"), company=True, staff=True, by_mail=True),
    "items": Group(label=Label("样品", "items"), company=True, staff=True, by_mail=True),
    "reports": Group(label=Label("检测报告", "reports"), company=True, staff=False, by_mail=True),
    "objections": Group(label=Label("异议与复检", "objections and retests"), company=True, staff=True, by_mail=True),
    "sampling": Group(label=Label("抽查任务", "spot check tasks"), company=False, staff=True, by_mail=True),
    "jobs": Group(label=Label("检测任务", "jobs for you"), company=False, staff=True, by_mail=True),
    "returned": Group(label=Label("退回", "sent back to you"), company=False, staff=True, by_mail=True),
    "waiting": Group(
        label=Label("待审核、待批准", "review and authorisation"), company=False, staff=True, by_mail=False
    ),
    "competence": Group(label=Label("能力授权", "competence"), company=False, staff=True, by_mail=False),
    "account": Group(label=Label("账户安全", "account safety"), company=True, staff=True, by_mail=True, optional=False),
}


RULES: dict[tuple[str, str], Rule] = {
    ("request", "submit"): rule(
        "orders",
        "office",
        ("New request {number}", "{company} submitted {number}: {product}. It waits for contract review."),
        ("新委托 {number}", "{company}提交了委托 {number}：{product}，等待合同评审。"),
    ),
    ("request", "accept"): rule(
        "orders",
        "company",
        ("Request {number} is accepted", "The laboratory accepted {number} ({product}). {sending}"),
        ("委托 {number} 已受理", "本中心已受理委托 {number}“{product}”。{sending}"),
    ),
    ("request", "decline"): rule(
        "orders",
        "company",
        ("Request {number} is declined", "The laboratory cannot accept {number} ({product})."),
        ("委托 {number} 不予受理", "本中心不能受理委托 {number}“{product}”。"),
    ),
    ("request", "return"): rule(
        "orders",
        "company",
        (
            "Request {number} needs a change",
            "The laboratory returned {number} ({product}); change it and submit again.",
        ),
        ("委托 {number} 需要修改", "委托 {number}“{product}”已退回，请修改后重新提交。"),
    ),
    ("request", "complete"): rule(
        "orders",
        "company",
        ("Request {number} is completed", "All tests of {number} ({product}) are finished."),
        ("委托 {number} 已完成", "委托 {number}“{product}”的全部检测已完成。"),
    ),
    ("request", "cancel"): rule(
        "orders",
        "office and company",
        ("Request {number} is cancelled", "{number} ({product}) was cancelled."),
        ("委托 {number} 已撤销", "委托 {number}“{product}”已撤销。"),
    ),
    ("request", "ask_back"): rule(
        "orders",
        "company",
        ("A question about request {number}", "The laboratory has a question about {number} ({product})."),
        ("委托 {number} 有疑问待答复", "本中心对委托 {number}“{product}”有疑问，请答复。"),
        QUESTION,
    ),
    ("request", "answer"): rule(
        "orders",
        "office",
        ("Request {number}: the question is answered", "{company} answered your question about {number}."),
        ("委托 {number} 已答复", "{company}已答复关于委托 {number} 的问题。"),
        ANSWER,
    ),
    ("request", "message"): rule(
        "orders",
        "other side",
        ("A message about request {number}", "There is a new message about {number} ({product})."),
        ("委托 {number} 有新留言", "委托 {number}“{product}”有新留言。"),
    ),
    ("request", "quote"): rule(
        "orders",
        "company",
        ("Quotation for request {number}", "The quotation for {number} ({product}) waits for your answer."),
        ("委托 {number} 的报价", "委托 {number}“{product}”的报价单已出具，请确认。"),
    ),
    ("request", "answer_quotation"): rule(
        "orders",
        "office",
        ("Request {number}: the quotation is answered", "{company} answered the quotation for {number}."),
        ("委托 {number} 的报价已答复", "{company}已答复委托 {number} 的报价。"),
    ),
    ("request", "propose_deviation"): rule(
        "orders",
        "company",
        ("Request {number}: a deviation needs your consent", "A deviation for {number} needs your consent."),
        ("委托 {number} 的偏离待同意", "委托 {number}“{product}”拟偏离方法，请答复是否同意。"),
    ),
    ("request", "answer_deviation"): rule(
        "orders",
        "other side",
        ("Request {number}: the deviation is answered", "The deviation proposed for {number} was answered."),
        ("委托 {number} 的偏离已答复", "委托 {number} 的偏离已有答复。"),
    ),
    ("request", "amend"): rule(
        "orders",
        "other side",
        ("Request {number} is amended", "{number} ({product}) was amended; it may need your consent."),
        ("委托 {number} 有变更", "委托 {number}“{product}”有变更，请查看是否需要您同意。"),
    ),
    ("request", "answer_amendment"): rule(
        "orders",
        "other side",
        ("Request {number}: the amendment is answered", "The amendment of {number} was answered."),
        ("委托 {number} 的变更已答复", "委托 {number} 的变更已有答复。"),
    ),
    ("item", "receive"): rule(
        "items",
        "company",
        ("Item {number} has arrived", "{product} arrived in the laboratory as {number}."),
        ("样品 {number} 已收到", "“{product}”已送达本中心，样品编号 {number}。"),
    ),
    ("item", "refuse"): rule(
        "items",
        "company",
        ("Item {number} is refused", "The laboratory cannot take {number} ({product}) for test."),
        ("样品 {number} 拒收", "样品 {number}“{product}”不能用于检测，本中心予以拒收。"),
    ),
    ("item", "hand_back"): rule(
        "items",
        "company",
        ("Item {number} goes back to you", "{number} ({product}) was handed back."),
        ("样品 {number} 已退还", "样品 {number}“{product}”已退还。"),
    ),
    ("item", "dispose"): rule(
        "items",
        "company",
        ("Item {number} was disposed of", "{number} ({product}) was disposed of."),
        ("样品 {number} 已处置", "样品 {number}“{product}”已处置。"),
    ),
    ("item", "find"): rule(
        "items",
        "company",
        (
            "Item {number} is not as announced",
            "{number} ({product}): {what} announced as {announced}, found {found}. Tell us whether to test it so.",
        ),
        (
            "样品 {number} 与委托不符",
            "样品 {number}“{product}”的{what}：委托为“{announced}”，实收为“{found}”。请告知是否按实收样品检测。",
        ),
    ),
    ("item", "agree"): rule(
        "items",
        "concerned with the item",
        (
            "Item {number}: the company's word is kept",
            "What the company said about {number} ({product}), which is not as announced, is kept on its page.",
        ),
        (
            "样品 {number} 已记录委托单位意见",
            "样品 {number}“{product}”与委托不符，委托单位的意见已记录在样品页面。",
        ),
    ),
    ("item", "ask_disposal"): rule(
        "items",
        "handlers",
        (
            "Disposal of {number} is asked for",
            "The backup sample {number} ({product}) is to go before its time; a second person carries it out.",
        ),
        ("申请提前处置备样 {number}", "备样 {number}“{product}”申请提前处置，须由另一人执行。"),
    ),
    ("report", "issue"): rule(
        "reports",
        "company",
        ("Report {number} is issued", "The report {number} on {product} is ready to download."),
        ("检测报告 {number} 已签发", "“{product}”的检测报告 {number} 已签发，可下载。"),
    ),
    ("report", "withdraw"): rule(
        "reports",
        "company",
        ("Report {number} is withdrawn", "The report {number} on {product} is withdrawn; do not use it any more."),
        ("检测报告 {number} 已撤回", "“{product}”的检测报告 {number} 已撤回，请勿继续使用。"),
    ),
    ("report", "supersede"): rule(
        "reports",
        "company",
        ("Report {number} is superseded", "The report {number} on {product} was replaced by {by}; use that one now."),
        ("检测报告 {number} 已被替代", "“{product}”的检测报告 {number} 已由修改报告 {by} 替代，请使用修改报告。"),
    ),
    ("report", "draft"): rule(
        "waiting",
        "reviewers",
        ("Report {number} waits to be checked", "The draft of {number} on {product} waits for a check."),
        ("检测报告 {number} 待校核", "“{product}”的检测报告 {number} 草稿等待校核。"),
    ),
    ("report", "check"): rule(
        "waiting",
        "signatories",
        ("Report {number} waits to be authorised", "{number} on {product} was checked and waits for authorisation."),
        ("检测报告 {number} 待批准", "“{product}”的检测报告 {number} 已校核，等待批准。"),
    ),
    ("report", "send_back"): rule(
        "returned",
        "tester",
        ("Report {number} was sent back", "The draft of {number} on {product} was not accepted."),
        ("检测报告 {number} 被退回", "“{product}”的检测报告 {number} 草稿被退回。"),
    ),
    ("job", "plan"): rule(
        "jobs",
        "assigned",
        ("Job {number} is planned for you", "{number} ({product}) on {bench}, planned on {day}."),
        ("检测任务 {number} 已分配给您", "任务 {number}“{product}”，试验台 {bench}，计划日期 {day}。"),
    ),
    ("job", "abandon"): rule(
        "jobs",
        "assigned",
        ("Job {number} is abandoned", "{number} ({product}), which was planned for you, is abandoned."),
        ("检测任务 {number} 已放弃", "分配给您的任务 {number}“{product}”已放弃。"),
    ),
    ("result", "submit"): rule(
        "waiting",
        "reviewers",
        ("Result {number} waits for review", "{number} on {product} was submitted and waits for review."),
        ("结果 {number} 待审核", "“{product}”的结果 {number} 已提交，等待审核。"),
    ),
    ("result", "review"): rule(
        "waiting",
        "signatories",
        ("Result {number} waits for authorisation", "{number} on {product} was reviewed and waits for authorisation."),
        ("结果 {number} 待批准", "“{product}”的结果 {number} 已审核，等待批准。"),
    ),
    ("result", "send_back"): rule(
        "returned",
        "tester",
        ("Result {number} was sent back to you", "The reviewer sent {number} on {product} back to you."),
        ("结果 {number} 被退回", "审核人将“{product}”的结果 {number} 退回给您。"),
    ),
    ("result", "refer_back"): rule(
        "returned",
        "tester",
        ("Result {number} was referred back to you", "The signatory referred {number} on {product} back to you."),
        ("结果 {number} 被退回", "授权签字人将“{product}”的结果 {number} 退回给您。"),
    ),
    ("manual", "submit"): rule(
        "waiting",
        "reviewers",
        ("Record {number} waits for review", "The manual record {number} on {product} was submitted for review."),
        ("试验记录 {number} 待审核", "“{product}”的人工试验记录 {number} 已提交，等待审核。"),
    ),
    ("manual", "review"): rule(
        "waiting",
        "signatories",
        ("Record {number} waits for authorisation", "The manual record {number} on {product} was reviewed."),
        ("试验记录 {number} 待批准", "“{product}”的人工试验记录 {number} 已审核，等待批准。"),
    ),
    ("manual", "send_back"): rule(
        "returned",
        "tester",
        ("Record {number} was sent back to you", "The reviewer sent the record {number} on {product} back to you."),
        ("试验记录 {number} 被退回", "审核人将“{product}”的试验记录 {number} 退回给您。"),
    ),
    ("manual", "refer_back"): rule(
        "returned",
        "tester",
        ("Record {number} was referred back to you", "The signatory referred {number} on {product} back to you."),
        ("试验记录 {number} 被退回", "授权签字人将“{product}”的试验记录 {number} 退回给您。"),
    ),
    ("competence", "authorise"): rule(
        "competence",
        "person",
        ("You are authorised for {method}", "You are authorised to {activity} from {start} to {end}: {method}."),
        ("您已获得 {method} 的授权", "您已获授权：{method}，{activity}，有效期 {start} 至 {end}。"),
    ),
    ("competence", "withdraw"): rule(
        "competence",
        "person",
        ("Your authorisation for {method} is withdrawn", "You may no longer {activity}: {method}."),
        ("您的 {method} 授权已撤销", "您不再具有 {method} 的{activity}授权。"),
    ),
    ("person", "set_password"): rule(
        "account",
        "person",
        ("Your password was changed", "The password of {number} was changed. If it was not you, tell us now."),
        ("您的密码已更改", "用户 {number} 的密码已更改。如非本人操作，请立即联系本中心。"),
    ),
    ("person", "change_address"): rule(
        "account",
        "old address",
        (
            "Your e-mail address was changed",
            "Mails to {number} now go to another address. If it was not you, tell us now.",
        ),
        ("您的电子邮箱已更改", "用户 {number} 的通知将发送至新的邮箱。如非本人操作，请立即联系本中心。"),
    ),
    ("invitation", "invite"): rule(
        "account",
        "invited",
        (
            "Invitation to Heliobench",
            "You are invited as {roles}. Open the link within {days} days to set your name and password.",
        ),
        ("Heliobench 使用邀请", "邀请您以“{roles}”身份使用本系统。请在 {days} 天内打开链接，设置姓名和密码。"),
    ),
    ("person", "send_reset"): rule(
        "account",
        "linked",
        (
            "A new password for {number}",
            "Open the link within {hours} hours to set it. If you did not ask for it, do nothing.",
        ),
        ("重置 {number} 的密码", "请在 {hours} 小时内打开链接设置新密码；如非本人申请，请忽略本邮件。"),
    ),
    ("person", "ask_address"): rule(
        "account",
        "linked",
        ("Confirm your e-mail address", "Open the link within {hours} hours: then this is the address of {number}."),
        ("确认您的电子邮箱", "请在 {hours} 小时内打开链接，确认此邮箱属于用户 {number}。"),
    ),
    **SPOT_CHECKS,
}


def words(kind: str, action: str, facts: Mapping[str, str], language: str) -> tuple[str, str]:
    """Title and text of a notice in a language; facts of which both languages are known are taken in that one."""
    told = RULES[kind, action]
    suffix = "_zh" if language.startswith("zh") else "_en"
    shown = {key: value for key, value in facts.items() if not key.endswith(("_zh", "_en"))}
    for key in facts:
        if key.endswith(("_zh", "_en")):
            name = key[:-3]
            shown[name] = facts.get(name + suffix) or facts.get(f"{name}_zh") or facts.get(f"{name}_en") or "–"
    text = told.text.in_language(language).format_map(shown)
    if shown.get("reason"):
        text += "\n" + told.said.in_language(language).format_map(shown)
    return told.title.in_language(language).format_map(shown), text
