"""Every table, imported in one place so that the metadata is whole (migrations, tests)."""

from lims.attachments.models import Attachment, AttachmentRemoval
from lims.audit import ChainHead, Event
from lims.certificates.models import Report, ReportIssue
from lims.db import Base
from lims.equipment.models import Calibration, Equipment
from lims.items.models import CustodyEntry, Item, ItemFinding, ItemProperty, StoragePlace
from lims.lists.models import ListView
from lims.notices.models import Mail, Notice, NoticeChoice
from lims.numbers import NumberSeries
from lims.orders.models import Job, Request, RequestTest
from lims.parties.models import (
    Company,
    CompanyContact,
    Competence,
    Invitation,
    MailedLink,
    Person,
    PersonRole,
    ResetRequest,
    SignIn,
    SignInAttempt,
)
from lims.results.models import EvaluationTask, Result, ResultFigure, ResultValue
from lims.runs.models import Run, RunFile, RunMark, RunSegment

__all__ = [
    "Attachment",
    "AttachmentRemoval",
    "Base",
    "Calibration",
    "ChainHead",
    "Company",
    "CompanyContact",
    "Competence",
    "CustodyEntry",
    "Equipment",
    "EvaluationTask",
    "Event",
    "Invitation",
    "Item",
    "ItemFinding",
    "ItemProperty",
    "Job",
    "ListView",
    "Mail",
    "MailedLink",
    "Notice",
    "NoticeChoice",
    "NumberSeries",
    "Person",
    "PersonRole",
    "Report",
    "ReportIssue",
    "Request",
    "RequestTest",
    "ResetRequest",
    "Result",
    "ResultFigure",
    "ResultValue",
    "Run",
    "RunFile",
    "RunMark",
    "RunSegment",
    "SignIn",
    "SignInAttempt",
    "StoragePlace",
]

# The database itself refuses to change or delete these rows (triggers of the migrations).
APPEND_ONLY = (
    "event",
    "calibration",
    "custody_entry",
    "item_finding",
    "run_segment",
    "run_mark",
    "run_file",
    "result_value",
    "result_figure",
    "report_issue",
    "attachment",
    "attachment_removal",
)
