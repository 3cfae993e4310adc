"""Labels of test items: n labels are n pages, the code says the number, and a name is never program."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pypdf
import pytest
import segno
from PIL import Image

from lims.errors import BadInput
from lims.items.label import MOST_LABELS, LabelFacts, label_pdf, label_qr

MM = 72 / 25.4


def label(number: int = 1, name: str = "平板型集热器 Flat-plate collector") -> LabelFacts:
    return LabelFacts(number=f"S-2026-{number:05d}", name=name, customer_code="C-001", received=date(2026, 11, 22))


def pages_of(pdf: bytes) -> list[pypdf.PageObject]:
    return list(pypdf.PdfReader(io.BytesIO(pdf)).pages)


def squeezed(page: pypdf.PageObject) -> str:
    return re.sub(r"\s+", "", page.extract_text())


@pytest.mark.parametrize("count", [1, 2, 7])
def test_so_many_labels_are_so_many_pages_of_fifty_by_thirty_millimetres(count: int) -> None:
    pages = pages_of(label_pdf([label(i) for i in range(1, count + 1)]))
    assert len(pages) == count
    for i, page in enumerate(pages, start=1):
        assert (float(page.mediabox.width), float(page.mediabox.height)) == pytest.approx((50 * MM, 30 * MM))
        assert f"S-2026-{i:05d}" in squeezed(page)


def test_a_label_says_number_name_customer_and_day() -> None:
    text = squeezed(pages_of(label_pdf([label()]))[0])
    for part in ("S-2026-00001", "平板型集热器", "C-001", "2026-11-22"):
        assert part in text


@pytest.mark.parametrize(("count", "sheets"), [(1, 1), (36, 1), (37, 2)])
def test_an_a4_sheet_holds_thirty_six_labels(count: int, sheets: int) -> None:
    pages = pages_of(label_pdf([label(i) for i in range(1, count + 1)], sheet=True))
    assert len(pages) == sheets
    assert float(pages[0].mediabox.width) == pytest.approx(210 * MM, abs=0.1)
    text = "".join(squeezed(page) for page in pages)
    assert all(f"S-2026-{i:05d}" in text for i in range(1, count + 1))


def test_a_long_name_does_not_make_a_second_page() -> None:
    assert len(pages_of(label_pdf([label(name="太阳能集热器" * 60)]))) == 1


def test_a_name_is_never_program() -> None:
    text = squeezed(pages_of(label_pdf([label(name='#read("/etc/passwd") *b* $x$')]))[0])
    assert '#read("/etc/passwd")*b*$x$' in text


def test_equal_labels_are_equal_bytes() -> None:
    assert label_pdf([label()]) == label_pdf([label()])


@pytest.mark.parametrize("count", [0, MOST_LABELS + 1])
def test_no_label_or_too_many_are_refused(count: int) -> None:
    with pytest.raises(BadInput, match="labels were asked for"):
        label_pdf([label()] * count)


def test_the_printed_code_is_module_for_module_the_code_of_the_number(tmp_path: Path) -> None:
    if shutil.which("pdftoppm") is None:
        assert os.environ.get("CI") != "true", "CI must look at printed labels: install poppler-utils"
        pytest.skip("pdftoppm (poppler-utils) is not installed")
    (tmp_path / "label.pdf").write_bytes(label_pdf([label()]))
    command = ["pdftoppm", "-r", "600", "-gray", "-png", "-singlefile", "label.pdf", "label"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    with Image.open(tmp_path / "label.png") as image:
        printed = sampled(image.convert("L"))
    expected = segno.make_qr("S-2026-00001", error="q")
    assert label_qr("S-2026-00001") == expected
    assert printed == [[bool(module) for module in row] for row in expected.matrix]


def sampled(image: Image.Image) -> list[list[bool]]:
    """The modules seen at the centres of a grid laid over the dark square of the code (left of 21.5 mm)."""
    left = image.crop((0, 0, round(21.5 / 25.4 * 600), image.height)).point(lambda grey: 255 * (grey < 128))
    box = left.getbbox()
    assert box is not None
    size, (x0, y0, x1, _) = len(label_qr("S-2026-00001").matrix), box
    step = (x1 - x0) / size
    centre = [round((i + 0.5) * step) for i in range(size)]
    return [[bool(left.getpixel((x0 + dx, y0 + dy))) for dx in centre] for dy in centre]
