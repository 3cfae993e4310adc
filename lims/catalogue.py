"""The Chinese catalogue: `python -m lims.catalogue` finds the pages' texts, updates messages.po and compiles it."""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

HERE = Path(__file__).resolve().parent
PO = HERE / "translations" / "zh" / "LC_MESSAGES" / "messages.po"
MO = PO.with_suffix(".mo")
METHODS = [("**/templates/**.html", "jinja2"), ("**.py", "python")]
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "both": None, "msgid": None, "field": (2,)}
OPTIONS = {"**/templates/**.html": {"trimmed": "true"}}


def extracted() -> Catalog:
    """Every text that a page shows, found in the templates and the views."""
    found = Catalog(project="Heliobench")
    for name, _line, message, comments, _context in extract_from_dir(
        HERE, METHODS, options_map=OPTIONS, keywords=KEYWORDS
    ):
        found.add(message, locations=[(name, 0)], auto_comments=comments)
    return found


def translated() -> Catalog:
    """The catalogue as it stands in the tree."""
    with PO.open("rb") as file:
        return read_po(file, locale="zh")


def compiled(catalogue: Catalog) -> bytes:
    """The catalogue as gettext reads it."""
    out = io.BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def main() -> None:
    """Bring messages.po up to date with the pages and compile it."""
    catalogue = translated()
    made = catalogue.creation_date
    catalogue.update(extracted(), no_fuzzy_matching=True)
    catalogue.creation_date = made  # equal texts, equal bytes
    catalogue.obsolete.clear()
    with PO.open("wb") as file:
        write_po(file, catalogue, width=120, sort_output=True, include_lineno=False)
    MO.write_bytes(compiled(catalogue))


if __name__ == "__main__":
    main()
