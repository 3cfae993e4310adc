"""Stickers: n labels are n pages, an independent reader finds the address in the code, and a name is never program."""

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
import zxingcpp
from PIL import Image

from lims.errors import BadInput
from lims.items.codes import item_address
from lims.items.label import MOST_LABELS, ON_A_SHEET, Sticker, item_sticker, label_pdf
from lims.items.zpl import label_zpl

MM = 72 / 25.4
BASE = "https://lims.quality-centre.example.cn"


def label(number: int = 1, name: str = "平板型集热器 Flat-plate collector", seal: str = "") -> Sticker:
    code = f"YP-2026-{number:05d}"
    return item_sticker(
        number=code, address=item_address(BASE, code), name=name, customer_code="C-001",
        received=date(2026, 11, 22), seal=seal,
    )  # fmt: skip


def pages_of(pdf: bytes) -> list[pypdf.PageObject]:
    return list(pypdf.PdfReader(io.BytesIO(pdf)).pages)


def squeezed(page: pypdf.PageObject) -> str:
    return re.sub(r"\s+", "", page.extract_text())


@pytest.mark.parametrize("count", [1, 7])
def test_so_many_labels_are_so_many_pages_of_fifty_by_thirty_millimetres(count: int) -> None:
    pages = pages_of(label_pdf([label(i) for i in range(1, count + 1)], first=5))
    assert len(pages) == count
    for i, page in enumerate(pages, start=1):
        assert (float(page.mediabox.width), float(page.mediabox.height)) == pytest.approx((50 * MM, 30 * MM))
        assert f"YP-2026-{i:05d}" in squeezed(page)


def test_a_label_says_number_name_customer_and_day_and_a_backup_sample_its_seal() -> None:
    text = squeezed(pages_of(label_pdf([label()]))[0])
    for part in ("YP-2026-00001", "平板型集热器", "C-001", "2026-11-22"):
        assert part in text
    assert "封签SealF-0815" in squeezed(pages_of(label_pdf([label(seal="F-0815")]))[0])


@pytest.mark.parametrize(("count", "first", "sheets"), [(36, 2, 2), (1, 36, 1)])
def test_an_a4_sheet_holds_thirty_six_labels_and_begins_where_it_is_free(count: int, first: int, sheets: int) -> None:
    pages = pages_of(label_pdf([label(i) for i in range(1, count + 1)], sheet=True, first=first))
    assert len(pages) == sheets
    assert float(pages[0].mediabox.width) == pytest.approx(210 * MM, abs=0.1)
    text = "".join(squeezed(page) for page in pages)
    assert all(f"YP-2026-{i:05d}" in text for i in range(1, count + 1))


def test_a_long_name_does_not_make_a_second_page() -> None:
    assert len(pages_of(label_pdf([label(name="太阳能集热器" * 60)]))) == 1


def test_a_name_is_never_program() -> None:
    text = squeezed(pages_of(label_pdf([label(name='#read("/etc/passwd") *b* $x$')]))[0])
    assert '#read("/etc/passwd")*b*$x$' in text


def test_equal_labels_are_equal_bytes() -> None:
    assert label_pdf([label()]) == label_pdf([label()])


@pytest.mark.parametrize("count", [0, MOST_LABELS + 1])
def test_no_label_or_too_many_are_refused(count: int) -> None:
    for printed in (label_pdf, label_zpl):
        with pytest.raises(BadInput, match="labels were asked for"):
            printed([label()] * count)


@pytest.mark.parametrize("first", [0, ON_A_SHEET + 1])
def test_a_position_that_no_sheet_has_is_refused(first: int) -> None:
    with pytest.raises(BadInput, match="positions 1 to 36"):
        label_pdf([label()], sheet=True, first=first)


def drawn(pdf: bytes, folder: Path, dpi: int) -> Image.Image:
    if shutil.which("pdftoppm") is None:
        assert os.environ.get("CI") != "true", "CI must look at printed labels: install poppler-utils"
        pytest.skip("pdftoppm (poppler-utils) is not installed")
    (folder / "label.pdf").write_bytes(pdf)
    command = ["pdftoppm", "-r", str(dpi), "-mono", "-singlefile", "label.pdf", "label"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    with Image.open(folder / "label.pbm") as image:
        return image.convert("L")


def test_an_independent_reader_finds_the_address_on_a_label_printed_at_203_dpi(tmp_path: Path) -> None:
    """203 dpi, black and white: what a label printer makes of it."""
    found = zxingcpp.read_barcodes(drawn(label_pdf([label()]), tmp_path, 203))
    assert [(one.text, one.format) for one in found] == [(f"{BASE}/items/YP-2026-00001", zxingcpp.BarcodeFormat.QRCode)]


def test_a_sheet_begun_at_its_sixth_place_has_its_first_code_in_the_second_column_of_the_second_row(
    tmp_path: Path,
) -> None:
    image = drawn(label_pdf([label(1), label(2)], sheet=True, first=6), tmp_path, 150)
    codes = {one.text[-5:]: one.position.top_left for one in zxingcpp.read_barcodes(image)}
    places = {
        key: (int((at.x / 150 * 25.4 - 5) // 50), int((at.y / 150 * 25.4 - 13.5) // 30)) for key, at in codes.items()
    }
    assert places == {"00001": (1, 1), "00002": (2, 1)}


# --- ZPL ---------------------------------------------------------------------------------------------------------


def test_zpl_is_one_format_a_label_with_a_qr_code_a_readable_number_and_a_picture_of_the_chinese_words() -> None:
    text = label_zpl([label(1), label(2)]).decode("ascii")
    assert text.count("^XA") == text.count("^XZ") == 2
    for i, one in enumerate(re.findall(r"\^XA.*?\^XZ", text, re.DOTALL), start=1):
        assert "^PW400" in one  # 50 mm at 8 dots a millimetre
        assert "^LL240" in one
        assert re.search(rf"\^BQN,2,\d\^FH\^FDMA,{re.escape(BASE)}/items/YP-2026-0000{i}\^FS", one)
        assert re.search(rf"\^A0N,\d+,\d+\^FH\^FDYP-2026-0000{i}\^FS", one)
        total, again, row, data = re.search(r"\^GFA,(\d+),(\d+),(\d+),([0-9A-F]+)\^FS", one).groups()  # type: ignore[union-attr]
        assert int(total) == int(again) == len(data) // 2
        assert int(total) % int(row) == 0
        ink = sum(bin(byte).count("1") for byte in bytes.fromhex(data)) / (4 * len(data))
        assert 0.02 < ink < 0.5  # words, neither blank nor a black field


def test_a_code_cannot_carry_a_command_to_the_printer() -> None:
    evil = Sticker(code="A^XZ^XA~JA", qr="x^FS^JUS", name="^XZ", facts=())
    text = label_zpl([evil]).decode("ascii")
    assert text.count("^XA") == text.count("^XZ") == 1
    assert "~" not in text
    assert "^JUS" not in text
