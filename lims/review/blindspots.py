"""What a reviewer could overlook, listed by the system from the outcome and its inputs. Pure.

A blind spot is no refusal: whoever reviews decides. It is told because experience of reviews says that nobody looks
for it: points that were refused, limits that nobody has confirmed, calibrations about to end, values that say little.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from lims.errors import Sentence
from lims.results import reading

MUCH_REFUSED = 0.5  # share of the points; ours
MUCH_MISSING = 0.01  # share of the scans with a fault; ours
SOON = timedelta(days=30)  # a calibration that ends so soon after the test; ours
WEAK = 3.0  # T-ratio below which ISO 9806 lets a coefficient be left out [unverified]; here it only draws the eye
WIDE = 0.5  # U as a share of the value; ours


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindSpot:
    """One thing to look at: how grave (stop, wait or quiet), what, and where on the result's pages (a fragment)."""

    tone: str
    sentence: Sentence
    line: str  # names it in a note of the reviewer


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What the blind spots of one result are found from."""

    outcome: Mapping[str, Any]
    inputs: Mapping[str, Any]
    calibrations: Sequence[Mapping[str, Any]]  # those used, as in the inputs
    last_day: date | None  # of the run, in the site's zone
    scans: int
    faults: int
    tester_until: date | None  # when the tester's authorisation for the method ends; none: it has ended
    today: date


def blind_spots(basis: Basis) -> list[BlindSpot]:
    """Everything worth a second look, the gravest first."""
    found = [
        *_limits(basis.outcome),
        *_refused(basis.outcome),
        *_missing(basis),
        *_calibrations(basis),
        *_values(basis.outcome),
        *_customer(basis.inputs),
        *_competence(basis),
        *_notes(basis.outcome),
    ]
    grave = ("stop", "wait", "quiet")
    return sorted(found, key=lambda one: grave.index(one.tone))


def _limits(outcome: Mapping[str, Any]) -> Iterator[BlindSpot]:
    open_ones = [one["symbol"] for one in outcome.get("limits", ()) if not one["confirmed"]]
    if open_ones:
        count = len(open_ones)
        yield BlindSpot(
            tone="wait",
            line="limits",
            sentence=Sentence(
                f"{count} limits were used that nobody has confirmed against the text of the standard.",
                f"所用限值中有 {count} 项尚未与标准原文核对。",
            ),
        )


def _refused(outcome: Mapping[str, Any]) -> Iterator[BlindSpot]:
    counts = reading.counts(outcome)
    if counts["total"] and counts["refused"] / counts["total"] > MUCH_REFUSED:
        most = max(outcome["refusals"], key=lambda one: int(one["count"]))
        yield BlindSpot(
            tone="wait",
            line="points",
            sentence=Sentence(
                f"{counts['refused']} of {counts['total']} data points were not used; most often: "
                f"{most['sentence_en']}",
                f"{counts['total']} 个数据点中有 {counts['refused']} 个未采用；最主要的原因：{most['sentence_zh']}",
            ),
        )


def _missing(basis: Basis) -> Iterator[BlindSpot]:
    if basis.scans and basis.faults / basis.scans > MUCH_MISSING:
        yield BlindSpot(
            tone="wait",
            line="faults",
            sentence=Sentence(
                f"{basis.faults} readings are missing in {basis.scans} scans; see the faults of the run.",
                f"{basis.scans} 次采样中缺失 {basis.faults} 个读数；请查看试验记录的故障记录。",
            ),
        )


def _calibrations(basis: Basis) -> Iterator[BlindSpot]:
    if basis.last_day is None:
        return
    for one in basis.calibrations:
        due = date.fromisoformat(one["due_on"])
        if due < basis.last_day:
            yield _calibration(one, "stop", "ended during the test", "在检测期间到期")
        elif due - basis.last_day <= SOON:
            yield _calibration(one, "wait", "ends shortly after the test", "在检测结束后不久到期")
    ended = sorted({one["equipment"] for one in basis.calibrations if _ended_since(one, basis)})
    if ended:
        numbers = ", ".join(ended)
        yield BlindSpot(
            tone="quiet",
            line="calibrations",
            sentence=Sentence(
                f"Calibrations that covered the test have ended since ({numbers}); were the instruments found good?",
                f"检测时有效的校准现已到期（{numbers}）；复校结果是否合格？",
            ),
        )


def _ended_since(one: Mapping[str, Any], basis: Basis) -> bool:
    due = date.fromisoformat(one["due_on"])
    return basis.last_day is not None and basis.last_day + SOON < due < basis.today


def _calibration(one: Mapping[str, Any], tone: str, en: str, zh: str) -> BlindSpot:
    return BlindSpot(
        tone=tone,
        line=f"{one['equipment']} {one['symbol']}",
        sentence=Sentence(
            f"The calibration {one['certificate']} of {one['equipment']} ({one['symbol']}), due {one['due_on']}, {en}.",
            f"{one['equipment']}（{one['symbol']}）的校准 {one['certificate']}（有效期至 {one['due_on']}）{zh}。",
        ),
    )


def _values(outcome: Mapping[str, Any]) -> Iterator[BlindSpot]:
    for one in outcome["coefficients"]:
        symbol, value, expanded, ratio = (one[key] for key in ("symbol", "value", "expanded_uncertainty", "t_ratio"))
        if ratio is not None and abs(ratio) < WEAK:
            yield BlindSpot(
                tone="wait",
                line=symbol,
                sentence=Sentence(
                    f"{symbol} is hardly more than its own scatter (T-ratio {ratio:.1f}).",
                    f"{symbol} 与其自身离散程度相当（T 比为 {ratio:.1f}）。",
                ),
            )
        elif value and expanded and expanded / abs(value) > WIDE:
            share = 100 * expanded / abs(value)
            yield BlindSpot(
                tone="quiet",
                line=symbol,
                sentence=Sentence(
                    f"The expanded uncertainty of {symbol} is {share:.0f} % of its value.",
                    f"{symbol} 的扩展不确定度为其值的 {share:.0f} %。",
                ),
            )


def _customer(inputs: Mapping[str, Any]) -> Iterator[BlindSpot]:
    told = [one["symbol"] for one in inputs.get("item_uncertainties", ()) if str(one["source"]).endswith(" company")]
    for symbol in told:
        yield BlindSpot(
            tone="quiet",
            line=symbol,
            sentence=Sentence(
                f"{symbol} was supplied by the company and enters the result.",
                f"{symbol} 由委托单位提供，并参与了结果计算。",
            ),
        )


def _competence(basis: Basis) -> Iterator[BlindSpot]:
    if basis.tester_until is None:
        en, zh = "has ended", "已到期"
    elif basis.tester_until - basis.today <= SOON:
        en, zh = f"ends on {basis.tester_until}", f"将于 {basis.tester_until} 到期"
    else:
        return
    yield BlindSpot(
        tone="wait",
        line="tester",
        sentence=Sentence(f"The tester's authorisation for this method {en}.", f"检测员对该方法的授权{zh}。"),
    )


def _notes(outcome: Mapping[str, Any]) -> Iterator[BlindSpot]:
    for note in outcome.get("notes", ()):
        yield BlindSpot(tone="quiet", line=note["code"], sentence=Sentence(note["sentence_en"], note["sentence_zh"]))
