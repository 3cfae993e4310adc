"""What a product can be judged by: the requirements of one edition of a product standard for one variant of a product.

An order names one of these sets (ISO/IEC 17025:2017, 7.1.3 asks for the specification beside the decision rule), so
that nobody has to guess later which limit holds: with or without reflector, for a tube of 47 or of 58 mm, for a compact
or a separate system.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from protocols.method import ItemField
from protocols.requirements import declared
from protocols.requirements.energy_grade import TYPES
from protocols.requirements.requirements import ProductStandard, Requirement, product_standards
from protocols.requirements.tubes import tube_requirements
from protocols.standards import gbt19141_2011

APERTURE_AREA = ItemField(
    symbol="A_a", unit="m2", required=False, name_en="aperture area", name_zh="采光面积", least=1e-3, most=1e6
)
_TUBES = ("2005", "2024")  # editions of GB/T 17049 with a limit table
_DIAMETERS = ("47", "58")  # mm, of the cover glass
_LABELS = ("2011", "2025")  # editions of GB 26969 with a limit table
_ELSEWHERE = ("vacuum",)  # its limit stands in the table of the mechanical tests, and no method measures it
_HEATERS = {
    "compact": "compact",
    "separate_direct": "separate, direct",
    "separate_indirect": "separate, indirect",
    "ics": "integral collector-storage",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementSet:
    """The requirements on one variant of a product.

    id: as an order keeps it.  edition: of the product standard, as it is cited.  limit_table: where the numbers stand.
    item: what has to be known of the item to judge it, beside what its methods ask.
    """

    id: str
    edition: str
    name_en: str
    name_zh: str
    limit_table: str
    requirements: tuple[Requirement, ...]
    item: tuple[ItemField, ...] = ()


@cache
def requirement_sets(folder: Path) -> dict[str, RequirementSet]:
    """Every set by id. folder: config/requirements, with the product standards of collectors."""
    every = [*_collectors(folder), *_tubes(), *_water_heaters(), *_labelled()]
    return {one.id: one for one in sorted(every, key=lambda one: one.id)}


def _collectors(folder: Path) -> Iterator[RequirementSet]:
    for standard in product_standards(folder).values():
        if all(one.reflector == "" for one in standard.requirements):
            yield _of_collector(standard, "", standard.requirements)
        else:
            yield _of_collector(standard, "plain", standard.requirements_of(reflector=False))
            yield _of_collector(standard, "reflector", standard.requirements_of(reflector=True))


def _of_collector(standard: ProductStandard, variant: str, rows: tuple[Requirement, ...]) -> RequirementSet:
    english, chinese = {
        "": ("", ""),
        "plain": (", without reflector", "（无反射器）"),
        "reflector": (", with reflector", "（有反射器）"),
    }[variant]
    return RequirementSet(
        id="-".join(filter(None, (standard.limit_table.replace("_", "-"), variant))),
        edition=standard.edition,
        name_en=f"{standard.product}{english}",
        name_zh=f"{standard.product_zh}{chinese}",
        limit_table=standard.limit_table,
        requirements=rows,
        item=(APERTURE_AREA,),
    )


def _tubes() -> Iterator[RequirementSet]:
    for year in _TUBES:
        rows = tube_requirements(prefix=f"gbt17049-{year}")
        for diameter in _DIAMETERS:
            others = {f"H_35_{each}" for each in _DIAMETERS if each != diameter}
            yield RequirementSet(
                id=f"gbt17049-{year}-{diameter}",
                edition=f"GB/T 17049-{year}",
                name_en=f"all-glass evacuated tube of {diameter} mm",
                name_zh=f"全玻璃真空太阳集热管（{diameter} mm）",
                limit_table=f"gbt17049_{year}",
                requirements=tuple(row for name, row in rows.items() if name not in others and name not in _ELSEWHERE),
            )


def _water_heaters() -> Iterator[RequirementSet]:
    for kind, names in gbt19141_2011.OF_TYPE.items():
        yield RequirementSet(
            id=f"gbt19141-2011-{kind.replace('_', '-')}",
            edition="GB/T 19141-2011",
            name_en=f"domestic solar water heating system, {_HEATERS[kind]}",
            name_zh=f"家用太阳能热水系统（{TYPES[kind]}）",
            limit_table="gbt19141_2011",
            requirements=tuple(gbt19141_2011.REQUIREMENTS[name] for name in names),
        )


def _labelled() -> Iterator[RequirementSet]:
    for year in _LABELS:
        for kind, chinese in TYPES.items():
            prefix = f"gb26969-{year}-{kind.replace('_', '-')}"
            yield RequirementSet(
                id=prefix,
                edition=f"GB 26969-{year}",
                name_en=f"declared values and energy grade of a water heating system, {_HEATERS[kind]}",
                name_zh=f"家用太阳能热水系统标注值与能效等级（{chinese}）",
                limit_table=f"gb26969_{year}",
                requirements=declared.declared_requirements(prefix=prefix, heater=kind),
                item=declared.ITEM,
            )
