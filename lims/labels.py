"""What people read for states, actions, roles and permissions: one table, Chinese and English side by side."""

from __future__ import annotations

from typing import NamedTuple


class Label(NamedTuple):
    """Two names and a tone: how a chip or a button is coloured, always beside its text."""

    zh: str
    en: str
    tone: str = ""

    def in_language(self, language: str) -> str:
        """The name in ``language``."""
        return self.zh if language.startswith("zh") else self.en


# Tones of states: quiet (not begun), wait (someone has to act), work (under way), good, stop, past (closed).
STATES: dict[tuple[str, str], Label] = {
    ("request", "draft"): Label("草稿", "draft", "quiet"),
    ("request", "submitted"): Label("已提交", "submitted", "wait"),
    ("request", "under_review"): Label("评审中", "under review", "work"),
    ("request", "asked_back"): Label("待委托方答复", "waits for the company", "wait"),
    ("request", "accepted"): Label("已受理", "accepted", "good"),
    ("request", "declined"): Label("不受理", "declined", "stop"),
    ("request", "completed"): Label("已完成", "completed", "past"),
    ("request", "cancelled"): Label("已撤销", "cancelled", "stop"),
    ("item", "expected"): Label("待收样", "expected", "quiet"),
    ("item", "received"): Label("已收样", "received", "wait"),
    ("item", "accepted"): Label("可检测", "accepted", "good"),
    ("item", "refused"): Label("拒收", "refused", "stop"),
    ("item", "in_test"): Label("检测中", "in test", "work"),
    ("item", "kept"): Label("留样", "kept", "past"),
    ("item", "returned"): Label("已退样", "returned", "past"),
    ("item", "disposed"): Label("已处置", "disposed", "past"),
    ("job", "planned"): Label("已排期", "planned", "wait"),
    ("job", "running"): Label("进行中", "running", "work"),
    ("job", "measured"): Label("测量完毕", "measured", "wait"),
    ("job", "done"): Label("已完成", "done", "good"),
    ("job", "abandoned"): Label("已放弃", "abandoned", "stop"),
    ("run", "prepared"): Label("已准备", "prepared", "quiet"),
    ("run", "recording"): Label("记录中", "recording", "work"),
    ("run", "sealed"): Label("已封存", "sealed", "good"),
    ("run", "aborted"): Label("已中止", "aborted", "stop"),
    ("result", "recorded"): Label("已记录", "recorded", "quiet"),
    ("result", "submitted"): Label("待审核", "submitted", "wait"),
    ("result", "reviewed"): Label("已审核", "reviewed", "work"),
    ("result", "authorised"): Label("已批准", "authorised", "good"),
    ("result", "void"): Label("作废", "void", "stop"),
    ("manual", "open"): Label("填写中", "being written", "work"),
    ("manual", "submitted"): Label("待审核", "submitted", "wait"),
    ("manual", "reviewed"): Label("已审核", "reviewed", "work"),
    ("manual", "authorised"): Label("已批准", "authorised", "good"),
    ("manual", "void"): Label("作废", "void", "stop"),
    ("report", "drafted"): Label("已起草", "drafted", "quiet"),
    ("report", "checked"): Label("已校核", "checked", "wait"),
    ("report", "authorised"): Label("已批准", "authorised", "work"),
    ("report", "issued"): Label("已签发", "issued", "good"),
    ("report", "discarded"): Label("已弃用", "discarded", "stop"),
    ("report", "superseded"): Label("已被替代", "superseded", "past"),
    ("report", "withdrawn"): Label("已撤回", "withdrawn", "stop"),
}

STATES |= {
    ("sampling", "draft"): Label("填写中", "being filled in", "quiet"),
    ("sampling", "signed"): Label("已签字", "signed", "good"),
    ("sampling", "ordered"): Label("已下单", "ordered", "past"),
    ("sampling", "declined"): Label("拒检", "inspection declined", "stop"),
    ("sampling", "cancelled"): Label("作废", "cancelled", "stop"),
    ("objection", "raised"): Label("已提出", "raised", "wait"),
    ("objection", "accepted"): Label("已受理", "accepted", "work"),
    ("objection", "refused"): Label("不予受理", "refused", "past"),
    ("objection", "withdrawn"): Label("已撤回", "withdrawn", "past"),
    ("objection", "retesting"): Label("复检中", "at the retest", "work"),
    ("objection", "confirmed"): Label("复检维持原结论", "confirmed by the retest", "good"),
    ("objection", "overturned"): Label("复检改变原结论", "overturned by the retest", "stop"),
    ("objection", "settled"): Label("已办结", "settled", "past"),
}

# An e-mail in the outbox.
STATES |= {
    ("mail", "no_server"): Label("未设邮件服务器", "no mail server set up", "quiet"),
    ("mail", "queued"): Label("待发送", "queued", "wait"),
    ("mail", "sending"): Label("发送中", "sending", "work"),
    ("mail", "handing_over"): Label("正在交付", "being handed over", "work"),
    ("mail", "sent"): Label("已发送", "sent", "good"),
    ("mail", "failed"): Label("失败，将重试", "failed, tried again", "wait"),
    ("mail", "given_up"): Label("已放弃", "given up", "stop"),
    ("mail", "unknown"): Label("是否送达未知", "unknown whether delivered", "stop"),
}

# The way a record normally goes; other states end it early.
STEPS: dict[str, tuple[str, ...]] = {
    "request": ("draft", "submitted", "under_review", "accepted", "completed"),
    "item": ("expected", "received", "accepted", "in_test", "kept", "returned"),
    "job": ("planned", "running", "measured", "done"),
    "run": ("prepared", "recording", "sealed"),
    "result": ("recorded", "submitted", "reviewed", "authorised"),
    "manual": ("open", "submitted", "reviewed", "authorised"),
    "report": ("drafted", "checked", "authorised", "issued"),
    "sampling": ("draft", "signed", "ordered"),
    "objection": ("raised", "accepted", "retesting", "confirmed"),
}

ACTIONS: dict[tuple[str, str], Label] = {
    ("request", "submit"): Label("提交委托", "Submit", "primary"),
    ("request", "start_review"): Label("开始合同评审", "Start contract review", "primary"),
    ("request", "accept"): Label("受理", "Accept", "primary"),
    ("request", "ask_back"): Label("询问委托单位", "Ask the company", ""),
    ("request", "answer"): Label("答复", "Answer", "primary"),
    ("request", "decline"): Label("不受理", "Decline", "danger"),
    ("request", "return"): Label("退回修改", "Return for changes", "danger"),
    ("request", "complete"): Label("完成委托", "Complete", "primary"),
    ("request", "cancel"): Label("撤销委托", "Cancel", "danger"),
    ("item", "receive"): Label("收样", "Receive", "primary"),
    ("item", "accept"): Label("确认可检测", "Accept for test", "primary"),
    ("item", "refuse"): Label("拒收", "Refuse", "danger"),
    ("item", "start_test"): Label("开始检测", "Start test", "primary"),
    ("item", "keep"): Label("留样", "Keep in store", ""),
    ("item", "hand_back"): Label("退样", "Hand back", ""),
    ("item", "dispose"): Label("处置", "Dispose of", "danger"),
    ("job", "start"): Label("开始任务", "Start job", "primary"),
    ("job", "measure"): Label("测量完毕", "Measured", "primary"),
    ("job", "use_record"): Label("采用已有记录", "Use a record", "primary"),
    ("job", "finish"): Label("完成任务", "Finish", "primary"),
    ("job", "reopen"): Label("重新计算", "Evaluate again", "danger"),
    ("job", "take_back"): Label("撤销重新计算", "Take the reopening back", ""),
    ("job", "abandon"): Label("放弃任务", "Abandon", "danger"),
    ("job", "call_off"): Label("随委托撤销", "Called off with its request", "danger"),
    ("run", "record"): Label("开始记录", "Record", "primary"),
    ("run", "seal"): Label("封存", "Seal", "primary"),
    ("run", "abort"): Label("中止", "Abort", "danger"),
    ("result", "submit"): Label("提交审核", "Submit for review", "primary"),
    ("result", "review"): Label("审核通过", "Approve review", "primary"),
    ("result", "authorise"): Label("批准结果", "Authorise", "primary"),
    ("result", "send_back"): Label("退回", "Send back", "danger"),
    ("result", "refer_back"): Label("退回", "Refer back", "danger"),
    ("result", "void"): Label("作废", "Void", "danger"),
    ("manual", "submit"): Label("提交审核", "Submit for review", "primary"),
    ("manual", "review"): Label("审核通过", "Approve review", "primary"),
    ("manual", "authorise"): Label("批准记录", "Authorise", "primary"),
    ("manual", "send_back"): Label("退回", "Send back", "danger"),
    ("manual", "refer_back"): Label("退回", "Refer back", "danger"),
    ("manual", "void"): Label("作废", "Void", "danger"),
    ("report", "check"): Label("校核通过", "Check", "primary"),
    ("report", "authorise"): Label("批准报告", "Authorise", "primary"),
    ("report", "issue"): Label("签发报告", "Issue", "primary"),
    ("report", "send_back"): Label("弃用草稿", "Discard draft", "danger"),
    ("report", "supersede"): Label("替代", "Supersede", "danger"),
    ("report", "withdraw"): Label("撤回报告", "Withdraw", "danger"),
    ("sampling", "sign"): Label("抽样人员签字完毕", "Signed", "primary"),
    ("sampling", "reopen"): Label("重新填写", "Fill in again", ""),
    ("sampling", "decline"): Label("记录拒检", "Company declines", "danger"),
    ("sampling", "cancel"): Label("作废", "Cancel", "danger"),
    ("objection", "accept"): Label("受理", "Accept", "primary"),
    ("objection", "refuse"): Label("不予受理", "Refuse", "danger"),
    ("objection", "withdraw"): Label("撤回异议", "Withdraw", "danger"),
    ("objection", "hand_over"): Label("移交备样复检", "Hand over the backup sample", "primary"),
    ("objection", "confirm"): Label("复检维持原结论", "Retest confirms", "primary"),
    ("objection", "overturn"): Label("复检改变原结论", "Retest overturns", "danger"),
    ("objection", "settle"): Label("办结", "Settle", "primary"),
    ("sampling", "order"): Label("生成委托", "Make the order", "primary"),
}

ACTIVITIES: dict[str, Label] = {
    "sample": Label("抽样", "sample"),
    "test": Label("检测", "test"),
    "review": Label("审核", "review"),
    "authorise": Label("批准", "authorise"),
}

# Stages and ends of an evaluation beside the pages.
EVALUATIONS: dict[str, Label] = {
    "queued": Label("排队等待", "waiting for its turn", "quiet"),
    "running": Label("计算中", "under way", "work"),
    "failed": Label("未完成", "failed", "stop"),
    "cancelled": Label("已取消", "given up", "past"),
    "lost": Label("已中断", "interrupted", "stop"),
    "read": Label("读取原始数据", "reading the raw data"),
    "compute": Label("计算", "computing"),
    "draw": Label("绘图", "drawing"),
    "record": Label("记录结果", "recording the result"),
}

# What a company's contact is for.
CONTACTS: dict[str, Label] = {
    "technical": Label("技术", "technical"),
    "accounts": Label("财务", "accounts"),
    "samples": Label("样品收发", "items"),
    "reports": Label("报告", "reports"),
    "management": Label("负责人", "management"),
}

# The columns of a company as people call them.
COMPANY_FIELDS: dict[str, Label] = {
    "name_zh": Label("单位名称", "name in Chinese"),
    "name_en": Label("英文名称", "name in English"),
    "credit_code": Label("统一社会信用代码", "credit code"),
    "address_zh": Label("地址", "address in Chinese"),
    "address_en": Label("英文地址", "address in English"),
    "contact": Label("联系人", "contact"),
    "telephone": Label("电话", "telephone"),
    "email": Label("电子邮箱", "e-mail"),
    "name": Label("姓名", "name"),
    "role": Label("职责", "role"),
}

# What a file is there for.
PURPOSES: dict[str, Label] = {
    "receipt": Label("收样", "receipt"),
    "set-up": Label("试验布置", "set-up"),
    "evidence": Label("现场", "at the place"),
    "signature": Label("签字", "signature"),
    "signed-sheet": Label("已签字抽样单", "signed sheet"),
    "message": Label("留言", "message"),
}

# Verdicts of a manual test.
VERDICTS: dict[str, Label] = {
    "pass": Label("合格", "pass", "good"),
    "fail": Label("不合格", "fail", "stop"),
    "not judged": Label("未判定", "not judged", "wait"),
    "": Label("—", "—", "quiet"),
}

# What a statement of conformity says of one requirement (ILAC-G8:09/2019, 4.2).
STATEMENTS: dict[str, Label] = {
    "pass": Label("符合", "conforms", "good"),
    "conditional pass": Label(
        "有条件符合（在限值内，处于保护带）", "conforms conditionally (within the guard band)", "wait"
    ),
    "conditional fail": Label(
        "有条件不符合（超出限值，未超出保护带）", "does not conform, conditionally (within the guard band)", "stop"
    ),
    "fail": Label("不符合", "does not conform", "stop"),
    "not judged": Label("不作判定", "not judged", "wait"),
}

ANSWERS: dict[str, Label] = {"yes": Label("是", "yes"), "no": Label("否", "no")}

# Kinds of entries of manual tests.
ENTRIES: dict[str, Label] = {
    "number": Label("数值", "number"),
    "text": Label("文字", "text"),
    "choice": Label("选择", "choice"),
    "yes-no": Label("是/否", "yes or no"),
    "photo": Label("照片", "photograph"),
    "time": Label("时刻", "time"),
    "pairs": Label("两列表", "table of two columns"),
    "rating": Label("评级", "rating"),
}

ROLES: dict[str, Label] = {
    "company": Label("委托单位", "Company"),
    "office": Label("业务受理", "Office"),
    "technician": Label("检测员", "Technician"),
    "reviewer": Label("审核人", "Reviewer"),
    "signatory": Label("授权签字人", "Signatory"),
    "quality_manager": Label("质量负责人", "Quality manager"),
    "administrator": Label("系统管理员", "Administrator"),
}

KINDS: dict[str, Label] = {
    "request": Label("委托", "request"),
    "item": Label("样品", "item"),
    "place": Label("库位", "storage place"),
    "task": Label("抽查任务", "spot check task"),
    "sampling": Label("抽样单", "sampling record"),
    "objection": Label("异议", "objection"),
    "job": Label("检测任务", "job"),
    "run": Label("试验记录", "run"),
    "result": Label("结果", "result"),
    "report": Label("检测报告", "report"),
    "equipment": Label("设备", "equipment"),
    "person": Label("人员", "person"),
    "company": Label("委托单位", "company"),
    "competence": Label("能力授权", "competence"),
    "invitation": Label("邀请", "invitation"),
    "mail": Label("邮件", "mail"),
    "view": Label("列表视图", "list view"),
    "attachment": Label("文件", "file"),
    "note": Label("内部备注", "note"),
    "manual": Label("人工试验记录", "record of a manual test"),
    "limit": Label("限值", "limit"),
    "site_data": Label("站点数据", "site data"),
    "catalogue": Label("检测目录", "catalogue"),
}

# Events that are no change of state.
EVENTS: dict[str, Label] = {
    "review": Label("合同评审", "Contract review kept"),
    "message": Label("留言", "Message"),
    "propose_deviation": Label("提出偏离", "Deviation proposed"),
    "answer_deviation": Label("答复偏离", "Deviation answered"),
    "quote": Label("报价", "Quotation made"),
    "answer_quotation": Label("答复报价", "Quotation answered"),
    "price_line": Label("定价", "Line priced"),
    "invoice": Label("登记发票", "Invoice entered"),
    "invoice_paid": Label("发票已付款", "Invoice paid"),
    "invoice_cancelled": Label("发票作废", "Invoice cancelled"),
    "write_note": Label("填写内部备注", "Note written"),
    "amend": Label("修改委托", "Amendment"),
    "answer_amendment": Label("答复修改", "Amendment answered"),
    "draft": Label("建立草稿", "Drafted"),
    "correct": Label("更正", "Corrected"),
    "open_amendment": Label("开具修改报告", "Amendment opened"),
    "set_language": Label("选定报告语言", "Language of the report chosen"),
    "change": Label("修改", "Changed"),
    "expect": Label("登记待收样", "Expected"),
    "hand_over": Label("交接", "Handed over"),
    "find": Label("发现与委托不符", "Not as announced"),
    "tell_result": Label("告知受检单位结果", "Company told of the result"),
    "raise": Label("提出异议", "Objection raised"),
    "check_seal": Label("查验封签", "Seal looked at"),
    "sign_sampler": Label("抽样人员签字", "Sampler signed"),
    "sign_company": Label("受检单位签字", "Company signed"),
    "agree": Label("记录委托单位意见", "Company's word kept"),
    "add_part": Label("分出子样或附件", "Part added"),
    "keep_until": Label("确定保留期", "Retention set"),
    "ask_disposal": Label("申请处置", "Disposal asked for"),
    "set_blind": Label("盲样设置", "Blind mode set"),
    "state_properties": Label("填写参数", "Properties stated"),
    "plan": Label("排期", "Planned"),
    "replan": Label("调整排期", "Planned anew"),
    "prepare": Label("准备试验记录", "Run prepared"),
    "add": Label("新增", "Added"),
    "close": Label("停用", "Closed"),
    "withdraw_product": Label("停止提供产品", "Product withdrawn"),
    "offer_product": Label("恢复提供产品", "Product offered again"),
    "offer": Label("提供检测项目", "Test offered"),
    "price": Label("定价", "Price set"),
    "scope": Label("登记资质范围", "Accreditation entered"),
    "package": Label("编辑套餐", "Package kept"),
    "close_task": Label("任务办结", "Task closed"),
    "open": Label("恢复使用", "Opened again"),
    "change_roles": Label("更改角色", "Roles changed"),
    "appoint": Label("授权邀请同事", "May invite colleagues"),
    "dismiss": Label("取消邀请授权", "May no longer invite"),
    "change_address": Label("更改邮箱", "Address changed"),
    "ask_address": Label("申请更改邮箱", "Address to be confirmed"),
    "send_reset": Label("申请重置密码", "New password asked for"),
    "invite": Label("邀请", "Invited"),
    "revoke": Label("撤销邀请", "Invitation withdrawn"),
    "accept": Label("接受邀请", "Invitation accepted"),
    "send_again": Label("再次发送", "Sent again"),
    "withdraw": Label("撤销", "Withdrawn"),
    "add_contact": Label("新增联系人", "Contact added"),
    "change_contact": Label("修改联系人", "Contact changed"),
    "remove_contact": Label("删除联系人", "Contact removed"),
    "set_password": Label("设置密码", "Password set"),
    "register": Label("登记", "Registered"),
    "calibrate": Label("登记校准", "Calibration entered"),
    "service": Label("停用/启用", "Service state"),
    "authorise": Label("授权", "Authorised"),
    "record": Label("记录结果", "Recorded"),
    "keep": Label("存档", "Kept"),
    "remark": Label("备注", "Remark"),
    "exclude": Label("标记剔除时段", "Interval to leave out"),
    "withdraw_mark": Label("撤销标记", "Mark taken back"),
    "ingest": Label("接收数据段", "Segment received"),
    "import": Label("导入文件", "File imported"),
    "keep_view": Label("保存视图", "View kept"),
    "remove_view": Label("删除视图", "View removed"),
    "share_view": Label("共享视图", "View shared"),
    "unshare_view": Label("取消共享视图", "View no longer shared"),
    "first_view": Label("设为默认视图", "View opens first"),
    "not_first_view": Label("取消默认视图", "View opens first no longer"),
    "attach": Label("添加文件", "File added"),
    "repeat": Label("重复检测", "Repeats an earlier job"),
    "set_aside": Label("结果不予采用", "Set aside"),
    "begin": Label("开始记录", "Record begun"),
    "write": Label("填写", "Written"),
    "attach_surroundings": Label("附上环境条件", "Surroundings attached"),
    "detach": Label("移除文件", "File removed"),
    "confirm": Label("确认限值", "Limit confirmed"),
    "confirm_data": Label("确认数据", "Data confirmed"),
    "take_back": Label("撤销确认", "Confirmation taken back"),
}


def state_label(kind: str, state: str) -> Label:
    """The label of a state; the name itself for one not in the table."""
    return STATES.get((kind, state)) or Label(state, state, "quiet")


def action_label(kind: str, action: str) -> Label:
    """The label of an action or event; the name itself for one not in the table."""
    return ACTIONS.get((kind, action)) or EVENTS.get(action) or Label(action, action.replace("_", " "))


def purpose_label(purpose: str) -> Label:
    """What a file is there for."""
    return PURPOSES.get(purpose) or Label(purpose, purpose)
