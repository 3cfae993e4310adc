"""What a test method is: its inputs, what it asks of the item, its outputs, and its evaluation."""

import importlib
import math
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from protocols import standards
from protocols.limits import Limit
from protocols.refusals import NotEvaluable as NotEvaluable

SCHEMA = "heliobench.outcome/1"

Pairs = tuple[tuple[float, float], ...]
ItemValue = float | str | Pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemField:
    """What a method asks of the test item.

    kind: "number" (in `unit`), "text", or "pairs" (a sequence of pairs of numbers, e.g. a horizon).
    choices: the texts allowed; empty = any.  choices_en, choices_zh: the same in words, in their order.
    least, most: bounds of a number, both allowed.
    """

    symbol: str
    unit: str = ""
    kind: str = "number"
    required: bool = True
    default: ItemValue | None = None
    name_en: str = ""
    name_zh: str = ""
    choices: tuple[str, ...] = ()
    choices_en: tuple[str, ...] = ()
    choices_zh: tuple[str, ...] = ()
    least: float = -math.inf
    most: float = math.inf

    def in_words(self, value: str) -> tuple[str, str]:
        """(English, Chinese) of a choice; a text without words of its own as it stands."""
        words = dict(zip(self.choices, zip(self.choices_en, self.choices_zh, strict=True), strict=False))
        return words.get(value, (value, value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Coefficient:
    """One coefficient of a result; every uncertainty in `unit`, t_ratio = estimate over its standard error."""

    symbol: str
    value: float
    unit: str
    standard_uncertainty: float
    expanded_uncertainty: float
    coverage_factor: float
    random_uncertainty: float
    common_uncertainty: float
    t_ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why windows were refused, and how many."""

    code: str
    clause: str
    sentence_en: str
    sentence_zh: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A warning or a condition of the result, in words."""

    code: str
    sentence_en: str
    sentence_zh: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result of an evaluation.

    covariance: total, in the order of `coefficients`.
    points: one row per averaging window, with "time", "used" (1/0) and "refusal" (index or -1).
    limits: the limits that were applied.
    """

    method_id: str
    coefficients: tuple[Coefficient, ...]
    covariance: NDArray[np.float64]
    points: Mapping[str, NDArray[np.float64]]
    refusals: tuple[Refusal, ...]
    notes: tuple[Note, ...]
    diagnostics: Mapping[str, float]
    limits: tuple[Limit, ...]


def reference(standard: str, edition: str) -> str:
    """Name an edition as its publisher does: a colon before the year, in Chinese standards a hyphen.

    >>> reference("ISO 9806", "2017"), reference("GB/T 4271", "2021")
    ('ISO 9806:2017', 'GB/T 4271-2021')
    """
    return f"{standard}{'-' if standard.startswith('GB') else ':'}{edition}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A method of one edition of one standard; `evaluate(*, record, item, limits) -> Outcome`.

    watch: tells how a record that is still growing stands, `watch(*, record, item, limits) -> protocols.watch.Watched`,
    by the functions of the evaluation; None where a method cannot.
    """

    id: str
    standard: str
    edition: str
    clause: str
    title_en: str
    title_zh: str
    inputs: Mapping[str, str]
    optional_inputs: Mapping[str, str]
    item: tuple[ItemField, ...]
    outputs: Mapping[str, str]
    limit_table: str
    evaluate: Callable[..., Outcome] = field(repr=False)
    watch: Callable[..., Any] | None = field(default=None, repr=False)

    @property
    def reference(self) -> str:
        """The edition as it is cited."""
        return reference(self.standard, self.edition)


@cache
def methods() -> dict[str, Method]:
    """Find the METHODS of every module in `protocols.standards`, by id."""
    found: dict[str, Method] = {}
    for module in pkgutil.iter_modules(standards.__path__, f"{standards.__name__}."):
        for method in importlib.import_module(module.name).METHODS:
            if method.id in found:
                raise ValueError(f"two methods are called {method.id!r}; rename one of them.")
            found[method.id] = method
    return found


def complete_item(fields: Sequence[ItemField], given: Mapping[str, object]) -> dict[str, ItemValue]:
    """Check an item description against what a method asks and fill in the defaults.

    Raises NotEvaluable for a missing, unknown or malformed entry, naming it. An optional field without a
    default that is not given is left out.
    """
    known = {entry.symbol for entry in fields}
    for symbol in given:
        if symbol not in known:
            raise _item_refused(
                f"the item description has the entry {symbol!r}, which this method does not know; "
                f"known are {', '.join(sorted(known))}.",
                f"试件描述中的“{symbol}”不是本方法的条目；可用条目：{', '.join(sorted(known))}。",
            )
    complete: dict[str, ItemValue] = {}
    for entry in fields:
        value = given.get(entry.symbol, entry.default)
        if value is not None:
            complete[entry.symbol] = _READERS[entry.kind](entry, value)
        elif entry.required:
            raise _item_refused(
                f"the item description lacks {entry.symbol} ({entry.name_en}); add it.",
                f"试件描述缺少 {entry.symbol}（{entry.name_zh}）；请补充。",
            )
    return complete


def _number(entry: ItemField, value: object) -> ItemValue:
    good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not isinstance(value, int | float) or not good or not entry.least <= value <= entry.most:
        unit = "" if entry.unit == "1" else f" {entry.unit}"
        raise _item_refused(
            f"the entry {entry.symbol} ({entry.name_en}) is {value!r}; give a number from {entry.least:g} to "
            f"{entry.most:g}{unit}.",
            f"{entry.symbol}（{entry.name_zh}）为 {value!r}；请给出 {entry.least:g} 至 {entry.most:g}{unit} 之间的数。",
        )
    return float(value)


def _text(entry: ItemField, value: object) -> ItemValue:
    if not isinstance(value, str) or not value or (entry.choices and value not in entry.choices):
        words = [(choice, *entry.in_words(choice)) for choice in entry.choices]
        en = " or ".join(f"'{choice}' ({told})" for choice, told, _ in words) or "a text"
        zh = " / ".join(f"{choice}（{told}）" for choice, _, told in words) or "文字"
        raise _item_refused(
            f"the entry {entry.symbol} ({entry.name_en}) is {value!r}; give {en}.",
            f"{entry.symbol}（{entry.name_zh}）为 {value!r}；请给出 {zh}。",
        )
    return value


def _pairs(entry: ItemField, value: object) -> ItemValue:
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        array = np.empty(0)
    if array.ndim != 2 or array.shape[1] != 2 or not np.isfinite(array).all():
        raise _item_refused(
            f"the entry {entry.symbol} ({entry.name_en}) must be a list of pairs of numbers, e.g. [[0, 1], [90, 2]].",
            f"{entry.symbol}（{entry.name_zh}）须为数对列表，例如 [[0, 1], [90, 2]]。",
        )
    return tuple((float(first), float(second)) for first, second in array)


_READERS = {"number": _number, "text": _text, "pairs": _pairs}


def _item_refused(english: str, chinese: str) -> NotEvaluable:
    return NotEvaluable(
        clause="Heliobench, item description",
        sentence_en=english[0].upper() + english[1:],
        sentence_zh=chinese,
    )


def outcome_to_dict(outcome: Outcome) -> dict[str, object]:
    """Turn an outcome into JSON-safe values, schema "heliobench.outcome/1"; NaN and infinity become null."""
    return {
        "schema": SCHEMA,
        "method": outcome.method_id,
        "coefficients": [_safe(asdict(each)) for each in outcome.coefficients],
        "covariance": _safe(outcome.covariance.tolist()),
        "points": {name: _safe(values.tolist()) for name, values in outcome.points.items()},
        "refusals": [asdict(each) for each in outcome.refusals],
        "notes": [asdict(each) for each in outcome.notes],
        "diagnostics": _safe(dict(outcome.diagnostics)),
        "limits": [_safe(asdict(each)) for each in outcome.limits],
    }


def _safe(value: object) -> object:
    if isinstance(value, dict):
        return {key: _safe(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_safe(each) for each in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value
