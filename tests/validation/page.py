"""docs/validation.md and the symbols of docs/glossary.md, written from what the program itself says."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from protocols.limits import read_limits
from protocols.method import methods
from protocols.symbols import QUANTITIES
from tests.protocols.conftest import ROOT
from tests.validation.evidence import KINDS, Evidence, collected

VALIDATION = ROOT / "docs" / "validation.md"
GLOSSARY = ROOT / "docs" / "glossary.md"
SYMBOLS = "| symbol | unit | English | 中文 |\n|---|---|---|---|\n"

HEAD = """# Validation

Written by `make docs` from `tests/validation`; every line is computed again by each run of the tests, which fail when
a difference is larger than allowed. It is the software validation that ISO/IEC 17025:2017, 7.11.2 asks for: for each
computation the independent reference, how well we agree with it, and, at the end, what nobody has confirmed yet.

"""


def validation() -> str:
    """Give the whole page."""
    subjects: dict[str, list[Evidence]] = defaultdict(list)
    for all_ in collected().values():
        for one in all_:
            subjects[one.subject].append(one)
    known = methods()
    counts = Counter(one.kind for all_ in subjects.values() for one in all_)
    told = ", ".join(f"{counts[kind]} {kind}" for kind in KINDS)
    order = sorted(subjects, key=lambda subject: (subject not in known, subject))
    parts = [HEAD, "Kinds of reference: ", "; ".join(f"*{kind}*: {words}" for kind, words in KINDS.items()), ".\n\n"]
    parts.append(f"{counts.total()} comparisons of {len(subjects)} computations: {told}.\n\n")
    for subject in order:
        title = f"`{subject}`" + (f": {known[subject].title_en}" if subject in known else "")
        parts += [f"## {title}\n\n", *_table(subjects[subject]), "\n"]
    return "".join([*parts, *_unconfirmed()])


def _table(evidence: list[Evidence]) -> Iterator[str]:
    yield "| what | kind | reference | allowed | largest difference |\n|---|---|---|---|---|\n"
    for one in evidence:
        allowed = " + ".join(
            part
            for part in (
                f"{one.absolute:g}" if one.absolute else "",
                f"{one.relative:g} of the value" if one.relative else "",
            )
            if part
        )
        share = one.difference
        told = "none" if share == 0 else f"{float(f'{100 * share:.1g}'):g} % of what is allowed"
        remark = f" *{one.remark}*" if one.remark else ""
        yield f"| {one.what} | {one.kind} | {one.reference}{remark} | {allowed} | {told} |\n"


def _unconfirmed() -> Iterator[str]:
    yield "## Not confirmed\n\nLimits whose number nobody has compared with the text of the standard, or that were\n"
    yield "not found. They can note and not judge: no statement of conformity rests on one of them.\n\n"
    yield "| edition | limit | value | source |\n|---|---|---|---|\n"
    for path in sorted((ROOT / "config" / "limits").glob("*.toml")):
        for limit in read_limits(path).values():
            if not limit.confirmed:
                value = f"{limit.value:g} {limit.unit}".replace(" 1", "") if limit.established else "not found"
                yield f"| {limit.edition} | `{limit.symbol}` | {value} | {limit.source} |\n"


def comparable(page: str) -> str:
    """Leave out the last column, which differs in its last digit from computer to computer."""
    return re.sub(r"\| [^|\n]*(?:% of what is allowed|none) \|$", "|", page, flags=re.MULTILINE)


def glossary(page: str) -> str:
    """Give the glossary with its table of symbols written anew."""
    rows = "".join(f"| `{q.symbol}` | {q.unit} | {q.name_en} | {q.name_zh} |\n" for q in QUANTITIES.values())
    before, _, after = page.partition(SYMBOLS)
    rest = re.sub(r"\A(?:\|.*\n)*", "", after)
    return f"{before}{SYMBOLS}{rows}{rest}"


def write() -> None:
    """Write both pages."""
    VALIDATION.write_text(validation(), encoding="utf-8")
    GLOSSARY.write_text(glossary(GLOSSARY.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    write()
