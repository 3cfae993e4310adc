"""Verbs about the site's data: the office or the quality manager confirms them, or takes that back."""

from __future__ import annotations

from dataclasses import dataclass

from lims.confirmations import queries
from lims.confirmations.models import DataConfirmation
from lims.confirmations.standing import keep
from lims.errors import BadInput, Refused, Sentence, require_reason
from lims.labels import Label
from lims.laboratory import Work

KIND = "site_data"
LONGEST_SOURCE, LONGEST_REASON = 400, 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteData:
    """Data of the site that can be confirmed: what they are, as they stand in their file.

    filed: whether the file itself says that they are confirmed.
    """

    subject: str
    title: Label
    digest: str
    filed: bool
    source: Sentence
    lines: tuple[Label, ...]


def confirm(work: Work, data: SiteData, *, digest: str, source: str) -> DataConfirmation:
    """Keep that the data hold as they stand. ``digest``: of the data whoever confirms has seen."""
    work.actor.require("site_data.confirm")
    if digest != data.digest:
        raise Refused(
            f"{data.title.en} was changed since you opened this page; look at it again.",
            f"您打开此页面后，{data.title.zh}已更改；请重新核对。",
            code="stale",
        )
    if data.filed or queries.standing(work.session, data.subject, data.digest):
        raise Refused(f"{data.title.en} is confirmed already.", f"{data.title.zh}已确认。")
    if not source.strip():
        raise BadInput("Say which notice or decision was read.", "请填写所核对的通知或决定。")
    return _keep(work, data, source=source.strip()[:LONGEST_SOURCE])


def take_back(work: Work, data: SiteData, *, reason: str) -> DataConfirmation:
    """A confirmation counts no longer; why is kept."""
    work.actor.require("site_data.confirm")
    before = queries.standing(work.session, data.subject, data.digest)
    if before is None:
        raise Refused(f"{data.title.en} is not confirmed here.", f"{data.title.zh}尚未在此确认。")
    require_reason(reason)
    return _keep(work, data, source=before.source, reason=reason.strip()[:LONGEST_REASON], withdrawn=True)


def _keep(
    work: Work, data: SiteData, *, source: str, reason: str = "", withdrawn: bool = False
) -> DataConfirmation:  # fmt: skip
    kept = DataConfirmation(
        subject=data.subject, digest=data.digest, withdrawn=withdrawn, source=source, reason=reason
    )  # fmt: skip
    keep(work, kept, nameless=Sentence("A named person confirms data.", "数据须由具名人员确认。"))
    action = "take_back" if withdrawn else "confirm_data"
    work.record(KIND, data.subject, action, reason=reason, source=source, digest=data.digest)
    return kept
