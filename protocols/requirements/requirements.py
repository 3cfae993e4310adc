"""What a product standard requires of a product: quantities with their limits, and the tests that must be passed.

Requirements stand in config/requirements/<edition>.toml, their numbers in the limit table of the edition. Each says on
which area and which temperature its number rests: the limits of GB/T 6424-2007 and GB/T 17581-2007 are per aperture
area and for the inlet temperature, and a result per gross area and mean temperature must be converted before it is
compared. An edition whose limits nobody has found keeps its rows without numbers: by them nothing can be judged.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from protocols.conformity import Rule, decide
from protocols.limits import Limit
from protocols.method import Note
from protocols.metrology.comparison import FULL as FULL
from protocols.metrology.comparison import ROUNDED as ROUNDED
from protocols.procedures.judging import FAIL, NOT_JUDGED, PASS
from protocols.procedures.procedure import confirmed_for
from protocols.procedures.reasons import limit_notes
from protocols.procedures.tables import built, wrong
from protocols.refusals import NotEvaluable
from protocols.rounding import decimal, round_to

AREAS = ("aperture", "gross", "not found")
TEMPERATURES = ("inlet", "mean", "not found")
GRADES = (1, 2, 3)  # of energy efficiency, GB 26969; 1 is the best
NO_BASIS = "none"  # of a limit that rests on no area and no temperature
COMPARISONS = ("at least", "at most")

AREAS_ZH = {"aperture": "采光面积", "gross": "总面积", "not found": "未查得"}
TEMPERATURES_ZH = {"inlet": "进口温度", "mean": "平均温度", "not found": "未查得"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One quantity that a product must reach.

    reflector: "yes" or "no" where that matters.  area: one of AREAS, temperature: one of TEMPERATURES, on which the
    limit rests, NO_BASIS for both where it rests on neither.  comparison: one of COMPARISONS.  interval: to which the
    limit is written, as text, for the comparison of rounded values.  basis_confirmed: whether somebody has read area
    and temperature in the standard.  declared: the item's property that is the limit instead, a value that its maker
    declares.  heater: the type of water heater whose grades that value is held against, `limit` being the last of them.
    """

    id: str
    quantity: str
    unit: str
    name_en: str
    name_zh: str
    area: str
    temperature: str
    comparison: str
    limit: str
    interval: str
    reflector: str = ""
    basis_confirmed: bool = False
    declared: str = ""
    heater: str = ""

    @property
    def limits_used(self) -> tuple[str, ...]:
        """Give the rows of the limit table that it is judged by; none where only a declared value counts."""
        if self.heater:
            return tuple(f"grade_{number}_{self.heater}" for number in GRADES)
        return (self.limit,) if self.limit else ()

    @property
    def needs_basis(self) -> bool:
        """Say whether its limit means nothing before area and temperature are known."""
        return self.area != NO_BASIS

    @property
    def basis_found(self) -> bool:
        """Say whether there is an area and a temperature, confirmed or not."""
        return "not found" not in (self.area, self.temperature)

    @property
    def basis_sure(self) -> bool:
        """Say whether anything can be judged on its area and temperature."""
        return not self.needs_basis or (self.basis_found and self.basis_confirmed)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiredTest:
    """A test that must be passed. procedure: its id, empty where none stands in config/procedures (a method does it).

    source: who says that it is required.  confirmed: whether somebody has read it in the standard.
    """

    procedure: str
    name_en: str
    name_zh: str
    source: str
    confirmed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductStandard:
    """One edition of a product standard: what it requires of which product."""

    edition: str
    product: str
    product_zh: str
    limit_table: str
    requirements: tuple[Requirement, ...]
    tests: tuple[RequiredTest, ...]

    def requirements_of(self, *, reflector: bool) -> tuple[Requirement, ...]:
        """Give the requirements of a product with or without reflector."""
        mine = ("", "yes" if reflector else "no")
        return tuple(one for one in self.requirements if one.reflector in mine)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A measured value as it is to be compared: digits as text or Decimal, never a float.

    standard_uncertainty: in `unit`, for a decision rule with a guard band.
    area, temperature: on which it rests.  declared: what the maker declares; a spot check takes the stricter of it and
    the standard's limit.
    """

    quantity: str
    value: str | Decimal
    unit: str
    area: str
    temperature: str
    declared: str | Decimal | None = None
    standard_uncertainty: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What a requirement says of a measured value.

    verdict: "pass", "fail" or "not judged"; with a decision rule also "conditional pass" and "conditional fail".
    would_be: with the limit as it stands, confirmed or not; empty without a number.
    compared: the value as it was compared.  bound: the stricter of limit and declared value.
    """

    requirement: Requirement
    verdict: str
    would_be: str
    compared: Decimal
    bound: Decimal | None
    reasons: tuple[Note, ...]
    limit: Limit


def judge_requirement(
    requirement: Requirement,
    measured: Measured,
    limits: Mapping[str, Limit],
    *,
    edition: str,
    by: str = FULL,
    rule: Rule | None = None,
) -> Ruling:
    """Compare a measured value with a requirement.

    by: "full value" (全数值比较法) or "rounded value" (修约值比较法, rounded once to `interval`), GB/T 8170.
    rule: a decision rule of protocols.conformity, which moves the bound by its guard band; none = as measured.
    A value that is worse than the declared one fails, whatever is known of the limit; a limit that is not confirmed for
    the edition, has no number, or whose area or temperature nobody has found and confirmed gives "not judged".
    Raises NotEvaluable for another quantity, unit, area or temperature than the requirement's, for a value that is no
    finite number, a rule without uncertainty, and a limit table that lacks the limit or has it in another unit;
    ValueError for a rule together with rounded values.
    """
    _require_same(requirement, measured)
    _require_uncertainty(requirement, measured, rule, rounded=_rounded(by))
    limit = _limit(requirement, limits)
    value = _decimal(measured.value, requirement)
    compared = round_to(value, requirement.interval) if _rounded(by) else value
    declared = None if measured.declared is None else _decimal(measured.declared, requirement)
    standard = Decimal(repr(limit.value)) if limit.established else None
    sure = confirmed_for(limit, edition) and requirement.basis_sure
    by_declared, by_standard = (
        [] if bound is None else [_ruled(requirement, compared, replace(limit, value=float(bound)), measured, rule)]
        for bound in (declared, standard)
    )
    return Ruling(
        requirement=requirement,
        verdict=all_of([*by_declared, *(by_standard if sure else [NOT_JUDGED])]),
        would_be=all_of([*by_declared, *by_standard]) if by_standard else "",
        compared=compared,
        bound=_stricter(requirement, standard, declared),
        reasons=tuple(_reasons(requirement, compared, standard, declared, limit, edition)),
        limit=limit,
    )


def all_of(verdicts: Iterable[str]) -> str:
    """Sum verdicts up by the worst: a product passes only if all items pass; nothing judged is no pass.

    >>> all_of(["pass", "not judged"]), all_of(["not judged", "fail"]), all_of([])
    ('not judged', 'fail', 'not judged')
    """
    every = set(verdicts)
    return next((verdict for verdict in _WORST_FIRST if verdict in every), NOT_JUDGED)


_WORST_FIRST = (FAIL, NOT_JUDGED, "conditional fail", "conditional pass", PASS)


def _ruled(requirement: Requirement, compared: Decimal, bound: Limit, measured: Measured, rule: Rule | None) -> str:
    if rule is None or measured.standard_uncertainty is None:
        return _verdict(requirement, compared, Decimal(repr(bound.value)))
    sure = replace(bound, confirmed=True)  # whether it may be judged by is weighed by the caller
    lower, upper = (sure, None) if requirement.comparison == "at least" else (None, sure)
    return decide(float(compared), measured.standard_uncertainty, rule=rule, lower=lower, upper=upper).verdict


def _verdict(requirement: Requirement, compared: Decimal, bound: Decimal) -> str:
    kept = compared >= bound if requirement.comparison == "at least" else compared <= bound
    return PASS if kept else FAIL


def _stricter(requirement: Requirement, *bounds: Decimal | None) -> Decimal | None:
    known = [bound for bound in bounds if bound is not None]
    if not known:
        return None
    return max(known) if requirement.comparison == "at least" else min(known)


def _rounded(by: str) -> bool:
    if by not in (FULL, ROUNDED):
        raise ValueError(f"values are compared by {by!r}; give {FULL!r} or {ROUNDED!r}.")
    return by == ROUNDED


# --- what is refused ---


def _require_same(requirement: Requirement, measured: Measured) -> None:
    if measured.quantity != requirement.quantity or measured.unit != requirement.unit:
        raise _refused(
            requirement,
            f"it is for {requirement.quantity} in {requirement.unit} and the value is {measured.quantity} in "
            f"{measured.unit}; give the right quantity in the right unit.",
            f"要求的是 {requirement.quantity}（{requirement.unit}），给出的是 {measured.quantity}（{measured.unit}）；"
            "请更正量或单位。",
        )
    if requirement.area != "not found" and measured.area != requirement.area:
        raise _refused(
            requirement,
            f"its limit is per {requirement.area} area and the value per {measured.area} area; convert the result "
            "first.",
            f"限值以{AREAS_ZH[requirement.area]}为基准，而结果以{AREAS_ZH.get(measured.area, measured.area)}为基准；"
            "请先换算。",
        )
    if requirement.temperature != "not found" and measured.temperature != requirement.temperature:
        raise _refused(
            requirement,
            f"its limit is for the {requirement.temperature} temperature and the value for the {measured.temperature} "
            "temperature; convert the result first.",
            f"限值以{TEMPERATURES_ZH[requirement.temperature]}为基准，而结果以"
            f"{TEMPERATURES_ZH.get(measured.temperature, measured.temperature)}为基准；请先换算。",
        )


def _require_uncertainty(requirement: Requirement, measured: Measured, rule: Rule | None, *, rounded: bool) -> None:
    if rule is None:
        return
    if rounded:
        raise ValueError("a decision rule with a guard band compares full values; leave out by or rule.")
    if measured.standard_uncertainty is None:
        raise _refused(
            requirement,
            f"the rule “{rule.name_en}” needs the standard uncertainty of the value; give it.",
            f"判定规则“{rule.name_zh}”需要结果的标准不确定度；请给出。",
        )


def _limit(requirement: Requirement, limits: Mapping[str, Limit]) -> Limit:
    limit = limits.get(requirement.limit)
    if limit is None or limit.unit != requirement.unit:
        raise _refused(
            requirement,
            f"the limit table lacks {requirement.limit} in {requirement.unit}; use the table of this edition.",
            f"限值表缺少 {requirement.limit}（{requirement.unit}）；请使用本版限值表。",
        )
    return limit


def _decimal(value: str | Decimal, requirement: Requirement) -> Decimal:
    if not isinstance(value, str | Decimal):
        raise TypeError(f"a value is compared by its digits; write {value!r} as text.")
    try:
        return decimal(value)
    except ValueError as error:
        english, chinese = f"{value!r} is no number; give its digits.", f"“{value}”不是数；请给出数字。"
        raise _refused(requirement, english, chinese) from error


def _refused(requirement: Requirement, english: str, chinese: str) -> NotEvaluable:
    return NotEvaluable(
        clause="Heliobench, product requirements",
        sentence_en=f"The requirement on the {requirement.name_en} cannot be applied: {english}",
        sentence_zh=f"无法应用对{requirement.name_zh}的要求：{chinese}",
    )


# --- the reasons, in words ---


def _reasons(
    requirement: Requirement,
    compared: Decimal,
    standard: Decimal | None,
    declared: Decimal | None,
    limit: Limit,
    edition: str,
) -> Iterator[Note]:
    english, chinese = {"at least": ("at least", "不小于"), "at most": ("at most", "不大于")}[requirement.comparison]
    for bound, whose_en, whose_zh in (
        (declared, "the declared value", "声明值"),
        (standard, f"the limit of {edition}", f"{edition} 限值"),
    ):
        if bound is not None:
            kept = _verdict(requirement, compared, bound) == PASS
            yield Note(
                code="kept" if kept else "failed",
                sentence_en=f"The {requirement.name_en} is {compared} {requirement.unit}, {whose_en} {english} "
                f"{bound}: {'kept' if kept else 'not kept'}.",
                sentence_zh=f"{requirement.name_zh}为 {compared} {requirement.unit}，{whose_zh}{chinese} {bound}："
                f"{'符合' if kept else '不符合'}。",
            )
    if not requirement.basis_sure:
        yield Note(
            code="basis not confirmed" if requirement.basis_found else "basis not found",
            sentence_en=f"Nobody has {'confirmed' if requirement.basis_found else 'found'} on which area and "
            f"temperature the limit of {edition} rests; read it in the standard.",
            sentence_zh=f"尚未{'核对' if requirement.basis_found else '查得'} {edition} 限值的面积与温度基准；"
            "请查阅标准。",
        )
    yield from limit_notes((limit,), edition)


# --- reading ---


@cache
def product_standards(folder: Path) -> dict[str, ProductStandard]:
    """Find the product standards of a folder (config/requirements), by edition.

    Raises ValueError naming file, table and key for anything missing, unknown or of a wrong kind.
    """
    read = [_product_standard(path) for path in sorted(folder.glob("*.toml"))]
    return {one.edition: one for one in read}


def _product_standard(path: Path) -> ProductStandard:
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name} is not valid TOML: {error}.") from error
    for key, part in (("requirements", Requirement), ("tests", RequiredTest)):
        document[key] = _tables(path.name, key, part, document.get(key))
    standard: ProductStandard = built(ProductStandard, document, path.name, "the file")
    for requirement in standard.requirements:
        for mistake in _mistakes(requirement):
            raise wrong(path.name, requirement.id, mistake)
    return standard


def _tables(file: str, key: str, part: type[Any], tables: object) -> Sequence[Any]:
    if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
        raise wrong(file, key, "it must be a list of tables")
    return [built(part, table, file, f"{key}, number {i}") for i, table in enumerate(tables, start=1)]


def _mistakes(requirement: Requirement) -> Iterator[str]:
    for key, value, known in (
        ("area", requirement.area, AREAS),
        ("temperature", requirement.temperature, TEMPERATURES),
        ("comparison", requirement.comparison, COMPARISONS),
        ("reflector", requirement.reflector, ("", "yes", "no")),
    ):
        if value not in known:
            yield f"{key} is {value!r}; known are {', '.join(filter(None, known))}"
