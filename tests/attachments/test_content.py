"""What a file is, by its bytes: kept, or refused in a sentence; whatever the bytes are."""

from __future__ import annotations

import io
import zipfile
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lims.attachments.content import TEXT, THUMBNAIL, ZIP, media_type_of, plain_name, thumbnail
from lims.errors import BadInput


def picture(kind: str, *, size: tuple[int, int] = (40, 30), orientation: int = 1) -> bytes:
    """A picture of one colour with a red left upper corner, and what a camera says of how it was held."""
    image, out, exif = Image.new("RGB", size, "#204060"), io.BytesIO(), Image.Exif()
    image.paste("#ff0000", (0, 0, size[0] // 2, size[1] // 2))
    exif[0x0112] = orientation
    image.save(out, kind, **({"exif": exif, "quality": 95} if kind == "JPEG" else {}))
    return out.getvalue()


def zipped(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (picture("JPEG"), "image/jpeg"),
        (picture("PNG"), "image/png"),
        (picture("WEBP"), "image/webp"),
        (b"%PDF-1.7\n...", "application/pdf"),
        ("型号;面积\nQC-25;2.51\n".encode(), TEXT),
        ("型号,面积\n".encode("gb18030"), TEXT),
        (zipped("a.txt"), ZIP),
        (
            zipped("[Content_Types].xml", "xl/workbook.xml"),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
    ],
    ids=["jpeg", "png", "webp", "pdf", "utf-8", "gb18030", "zip", "xlsx"],
)
def test_the_content_decides_and_not_the_name(data: bytes, media_type: str) -> None:
    assert media_type_of(data, "anything.exe") == media_type


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "empty"),
        (b"MZ\x90\x00\x03\x00\x00\x00", "no photograph"),
        (b"\x7fELF\x02\x01\x01\x00", "no photograph"),
        (b"PK\x03\x04 and then nothing of a zip", "damaged zip"),
    ],
)
def test_what_is_not_kept_is_refused_by_name(data: bytes, what: str) -> None:
    with pytest.raises(BadInput, match=what) as refused:
        media_type_of(data, "照片.jpg")
    assert "照片.jpg" in refused.value.sentence_zh


@pytest.mark.parametrize(
    "active", [b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", b"<html><script>1</script>"]
)
def test_a_page_or_drawing_with_a_script_is_plain_text(active: bytes) -> None:
    assert media_type_of(active, "picture.svg") == TEXT


def test_a_picture_with_too_many_pixels_is_refused_before_it_is_unpacked() -> None:
    small = picture("PNG")
    header = b"IHDR" + (12_000).to_bytes(4, "big") * 2 + small[24:29]
    bomb = small[:12] + header + zlib.crc32(header).to_bytes(4, "big") + small[33:]
    with pytest.raises(BadInput, match=r"12000 × 12000 pixels|too large"):
        media_type_of(bomb, "bomb.png")


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"PK\x03\x04", b"GIF89a", b"RIFF"]),
)
def test_no_bytes_raise_anything_but_a_sentence(data: bytes, start: bytes) -> None:
    for look in (lambda one: media_type_of(one, "x"), thumbnail):
        with suppress(BadInput):
            look(start + data)


def test_a_thumbnail_is_small_and_the_right_way_up_and_tells_nothing_of_the_camera() -> None:
    small = Image.open(io.BytesIO(thumbnail(picture("JPEG", size=(1200, 800), orientation=6))))
    assert max(small.size) == THUMBNAIL
    assert small.size[0] < small.size[1]  # it was held upright
    assert not small.getexif()
    red, _, blue = small.getpixel((small.size[0] - 20, 20))  # turned by a quarter: left upper became right upper
    assert red > 200 > blue


@given(st.text(max_size=400))
def test_a_name_never_holds_a_folder_or_what_cannot_be_seen(name: str) -> None:
    plain = plain_name(name)
    assert 0 < len(plain) <= 200
    assert not set(plain) & set("/\\\r\n\0\u202e")
