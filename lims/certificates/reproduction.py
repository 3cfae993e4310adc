"""Compute the digits of a report again from its bundle, from the raw bytes on, without the laboratory's system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

import numpy as np

from instruments.redecode import decode_again
from instruments.segment import GENESIS, read_segment
from lims import audit
from lims.certificates.bundle import Bundle, is_manual
from lims.certificates.document import computed, printed_digits
from lims.certificates.verify import Verdict, verify_pdf
from lims.manual import sealed
from lims.results.evaluation import evaluate, file_series, program_digest, read_inputs
from lims.runs.filemap import FileMap
from protocols.method import outcome_to_dict


@dataclass(frozen=True, slots=True)
class Difference:
    """One printed digit string that does not come out again, or one raw segment that is not the report's."""

    key: str
    printed: str
    computed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reproduction:
    """What was done and what came out."""

    report: str
    verdict: Verdict
    scans: int
    exchanges: int
    readings: int
    disagreements: int  # readings that their raw bytes do not say; of a manual test, entries that no event tells
    digits: Mapping[str, str]
    differences: tuple[Difference, ...]
    same_program: bool  # whether this program's text is the one that evaluated
    entries: int | None = None  # of a manual test, which has no scans

    @property
    def same(self) -> bool:
        """A genuine report's own raw bytes, each decoding to its reading, and every printed digit comes out again."""
        return self.verdict.valid and not self.disagreements and not self.differences


def reproduce(bundle: Bundle, *, trust_roots: Sequence[bytes] = ()) -> Reproduction:
    """Verify the report, decode every raw byte again, evaluate again, and compare every printed digit.

    trust_roots: the laboratory's root certificates; without any, the one in the bundle (which proves that the file is
    unchanged, but not by whom it was made).
    Raises `BadInput` for inputs that are none, `Damaged` for segments that the inputs do not name, and what an
    evaluation raises.
    """
    if is_manual(bundle.inputs):
        return _judged_again(bundle, trust_roots)
    evaluation = read_inputs(bundle.inputs)
    verdict = verify_pdf(bundle.report, trust_roots or [bundle.root])
    segments = bundle.runs.get(evaluation.run, ())
    raw = _rows(evaluation.file, segments) if evaluation.file else _decoded(segments)
    digits = _digits(bundle, segments)
    printed = {**verdict.printed, **_named(verdict.segments)}
    again = {**digits, **_named({evaluation.run: [sha256(data).hexdigest() for data in segments]})}
    return Reproduction(
        report=str(bundle.content["number"]), verdict=verdict, scans=raw.scans, exchanges=raw.exchanges,
        readings=raw.readings, disagreements=raw.disagreements, digits=digits, differences=_differences(printed, again),
        same_program=bundle.inputs["program_sha256"] == program_digest(),
    )  # fmt: skip


def _judged_again(bundle: Bundle, trust_roots: Sequence[bytes]) -> Reproduction:
    """A manual test: its entries beside the audit trail's events, and judged again by the procedure."""
    record, events = bundle.inputs, bundle.events or ()
    verdict, entries = verify_pdf(bundle.report, trust_roots or [bundle.root]), sealed.entries_of(record)
    judgement, zone = sealed.judge_again(record), str(bundle.content["provenance"]["time_zone"])
    digits = printed_digits(computed(judgement, zone=zone, agreed=bundle.conformity, record=record))
    broken = sum(not audit.genuine(one, subject=str(record["number"])) for one in events)
    return Reproduction(
        report=str(bundle.content["number"]), verdict=verdict, scans=0, exchanges=0, readings=0, entries=len(entries),
        disagreements=broken + sealed.unlike_events(record, events), digits=digits,
        differences=_differences(verdict.printed, digits),
        same_program=record.get("program_sha256") == sealed.program_digest(sealed.procedure_of(record)),
    )  # fmt: skip


class _Raw(NamedTuple):
    """What was counted in the raw bytes."""

    scans: int
    exchanges: int
    readings: int
    disagreements: int


def _decoded(segments: Sequence[bytes]) -> _Raw:
    """Every reading of a spool decoded again from the bytes of its exchange."""
    scans = exchanges = readings = disagreements = 0
    head = GENESIS
    for data in segments:
        segment = read_segment(data, previous=head)
        head, found = segment.head_hash, decode_again(segment)
        scans, exchanges, readings = scans + found.scans, exchanges + found.exchanges, readings + found.readings
        disagreements += len(found.disagreements)
    return _Raw(scans, exchanges, readings, disagreements)


def _rows(mapped: FileMap, segments: Sequence[bytes]) -> _Raw:
    """The rows and values of an imported file, which is read again by its map when it is evaluated."""
    read = file_series(mapped, segments)
    readings = sum(int(np.count_nonzero(np.isfinite(column))) for column in read.columns.values())
    return _Raw(read.time.size, 0, readings, 0)


def _digits(bundle: Bundle, segments: Sequence[bytes]) -> dict[str, str]:
    outcome = outcome_to_dict(evaluate(bundle.inputs, segments))
    zone = str(bundle.inputs["time_zone"])
    return printed_digits(computed(outcome, zone=zone, agreed=bundle.conformity))


def _named(segments: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The digests of raw segments under names of their own, to be compared like digits."""
    return {
        f"segment.{run}.{index}": digest
        for run, digests in segments.items()
        for index, digest in enumerate(digests, start=1)
    }


def _differences(printed: Mapping[str, str], digits: Mapping[str, str]) -> tuple[Difference, ...]:
    keys = dict.fromkeys([*printed, *digits])
    pairs = ((key, printed.get(key, "–"), digits.get(key, "–")) for key in keys)
    return tuple(Difference(key, was, now) for key, was, now in pairs if was != now)
