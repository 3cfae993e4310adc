"""What a test report is made of: the facts of one report version, as values, before a single word is printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

Role = Literal["tested", "reviewed", "authorised"]
Supplier = Literal["laboratory", "customer"]


@dataclass(frozen=True, slots=True)
class Text:
    """Words for both languages; a name that exists only in one language leaves the other empty."""

    zh: str
    en: str = ""

    def __bool__(self) -> bool:
        return bool(self.zh.strip() or self.en.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class Laboratory:
    """Who tests, and where (ISO/IEC 17025 7.8.2.1 b, c)."""

    name: Text
    address: Text
    contact: str
    location: Text
    """Where the activities took place, also when that is not the address."""
    terms: tuple[Text, ...] = ()
    """Further notes to the reader that this laboratory prints (objections, seal, scope)."""
    demonstration: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Who asked for the test (7.8.2.1 e)."""

    name: Text
    address: Text
    contact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemProperty:
    """One property of the item, and who says so (7.8.2.2 asks that customers' data be marked)."""

    symbol: str
    name: Text
    value: Text
    """As it is to be printed: the digits of a declared value are the declarer's."""
    unit: str
    supplied_by: Supplier


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What was tested (7.8.2.1 g)."""

    number: str
    description: Text
    manufacturer: Text
    model: str
    serial: str
    condition: Text
    properties: tuple[ItemProperty, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TestMethod:
    """By what it was tested (7.8.2.1 f)."""

    __test__ = False

    id: str
    standard: str
    edition: str
    clause: str
    title: Text
    digest: str
    """SHA-256 of the program text that evaluated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """When (7.8.2.1 h, i, j); days of the laboratory's time zone."""

    received: date | None
    performed_from: date | None
    performed_to: date | None
    issued: date | None
    observed_from: date | None = None
    observed_to: date | None = None
    """Days of the scans where a measured record was replayed; else the days of the test are the days of the scans."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipment:
    """One instrument used, with the calibration that was valid on the days of the test."""

    number: str
    name: Text
    serial: str
    certificate: str
    calibrated_on: date
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalResult:
    """A result that another provider supplied (7.8.2.1 p)."""

    provider: Text
    scope: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRun:
    """One run's raw record: what the recorder wrote on the bench, by its digests."""

    number: str
    bench: str
    started: datetime
    ended: datetime
    scans: int
    segments: tuple[str, ...]
    """SHA-256 of each sealed segment, in order."""
    head: str
    """Hash of the last line of the chain; of an imported file, the digest that binds it and how it is read."""
    file: str = ""
    """The name of the file that the run was imported from; then it is the one segment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who did, checked or authorised (7.8.2.1 o)."""

    role: Role
    name: Text
    title: Text
    time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that an amended report says otherwise, as both reports print it."""

    what: Text
    before: Text
    after: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """What this version replaces, why, and what it says otherwise (7.8.8)."""

    replaces: str
    reason: Text
    issued: date | None = None
    """When the report that is replaced was issued."""
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFacts:
    """All facts of one version of one report.

    ``outcome`` is what ``protocols.method.outcome_to_dict`` gave (schema ``heliobench.outcome/1``). ``reasons``
    says for a letter of 7.8.2.1 why nothing is stated under it; without a reason, an empty letter refuses the issue.
    """

    laboratory: Laboratory
    number: str
    title: Text
    kind: Text
    """Kind of test: commissioned, type, supervision, arbitration."""
    customer: Customer
    item: Item
    method: TestMethod
    dates: Dates
    sampling: Text
    decision_rule: Text
    deviations: Text
    equipment: tuple[Equipment, ...]
    outcome: Mapping[str, Any]
    persons: tuple[Person, ...]
    runs: tuple[RawRun, ...]
    software_version: str
    verification_url: str
    verification_code: str
    version: int = 1
    amendment: Amendment | None = None
    external_results: tuple[ExternalResult, ...] = ()
    remarks: tuple[Text, ...] = ()
    reasons: Mapping[str, Text] = field(default_factory=dict)
    record: Mapping[str, Any] | None = None
    """The sealed record of a manual test (``heliobench.manual/1``); ``outcome`` is then its judgement."""
    conformity: Mapping[str, Any] | None = None
    """What the order agreed on for a statement of conformity (``heliobench.conformity/1``); none was asked for."""
    time_zone: str = "Asia/Shanghai"
    language: str = "both"
    """What is printed: ``both`` (Chinese with English beside it), ``zh`` or ``en``; the facts are the same."""
