"""Every table, imported in one place so that the metadata is whole (migrations, tests)."""

from lims.attachments.models import Attachment, AttachmentRemoval
from lims.audit import ChainHead, Event
from lims.certificates.models import Report, ReportAmendment, ReportIssue
from lims.confirmations.models import DataConfirmation
from lims.contracts.models import (
    Amendment,
    AmendmentAnswer,
    ContractReview,
    Deviation,
    Invoice,
    InvoiceStep,
    MessageReading,
    Quotation,
    QuotationAnswer,
    RequestMessage,
    ReviewCheck,
)
from lims.db import Base
from lims.equipment.models import Calibration, Equipment
from lims.items.models import CustodyEntry, Item, ItemFinding, ItemProperty, StoragePlace
from lims.limits.models import LimitConfirmation
from lims.lists.models import ListView
from lims.manual.models import ManualEntry, ManualTest
from lims.notices.models import Mail, Notice, NoticeChoice
from lims.numbers import NumberSeries
from lims.offerings.models import Offering, Package, PackageTest, Price, Product, Scope
from lims.orders.models import Job, JobRepeat, JobSetAside, Request, RequestTest
from lims.orders.sampled import RequestSample, RequestSampler
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
from lims.sampling.models import Objection, ResultNotice, SamplingRecord, SamplingSeal, SamplingTask
from lims.sentforms import SentForm

__all__ = [
    "Amendment",
    "AmendmentAnswer",
    "Attachment",
    "AttachmentRemoval",
    "Base",
    "Calibration",
    "ChainHead",
    "Company",
    "CompanyContact",
    "Competence",
    "ContractReview",
    "CustodyEntry",
    "DataConfirmation",
    "Deviation",
    "Equipment",
    "EvaluationTask",
    "Event",
    "Invitation",
    "Invoice",
    "InvoiceStep",
    "Item",
    "ItemFinding",
    "ItemProperty",
    "Job",
    "JobRepeat",
    "JobSetAside",
    "LimitConfirmation",
    "ListView",
    "Mail",
    "MailedLink",
    "ManualEntry",
    "ManualTest",
    "MessageReading",
    "Notice",
    "NoticeChoice",
    "NumberSeries",
    "Objection",
    "Offering",
    "Package",
    "PackageTest",
    "Person",
    "PersonRole",
    "Price",
    "Product",
    "Quotation",
    "QuotationAnswer",
    "Report",
    "ReportAmendment",
    "ReportIssue",
    "Request",
    "RequestMessage",
    "RequestSample",
    "RequestSampler",
    "RequestTest",
    "ResetRequest",
    "Result",
    "ResultFigure",
    "ResultNotice",
    "ResultValue",
    "ReviewCheck",
    "Run",
    "RunFile",
    "RunMark",
    "RunSegment",
    "SamplingRecord",
    "SamplingSeal",
    "SamplingTask",
    "Scope",
    "SentForm",
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
    "result_notice",
    "run_segment",
    "run_mark",
    "run_file",
    "result_value",
    "result_figure",
    "report_amendment",
    "report_issue",
    "attachment",
    "attachment_removal",
    "price",
    "contract_review",
    "invoice",
    "invoice_step",
    "review_check",
    "request_message",
    "quotation",
    "quotation_answer",
    "amendment",
    "amendment_answer",
    "manual_entry",
    "limit_confirmation",
    "data_confirmation",
    "job_repeat",
    "job_set_aside",
)
