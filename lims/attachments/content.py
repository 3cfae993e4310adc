"""What a file is, told by its bytes and never by its name; and the small picture of a photograph.

Kept are photographs, PDF, office documents, zipped files and plain text. Everything else is refused in a sentence: a
laboratory's record has no use for a program, and a browser shall never be handed one.
"""

from __future__ import annotations

import io
import unicodedata
import zipfile
import zlib
from pathlib import PurePosixPath, PureWindowsPath

from lims.errors import BadInput

IMAGES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}
PDF, TEXT, ZIP = "application/pdf", "text/plain", "application/zip"
OFFICE = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
SHOWN = frozenset({*IMAGES.values(), PDF})  # these a browser may show; all else it has to save
THUMBNAIL = 360  # pixels of the longer side
LARGEST_PICTURE = 100_000_000  # pixels; ours: more is no photograph of a collector, and would fill the memory


def media_type_of(data: bytes, name: str) -> str:
    """The media type of ``data``; `BadInput` naming the file if it is none that is kept."""
    if not data:
        raise BadInput(f"The file {name} is empty; choose it again.", f"文件 {name} 为空；请重新选择。")
    if data.startswith(b"%PDF-"):
        return PDF
    if data.startswith(b"PK\x03\x04"):
        return _zipped(data, name)
    found = _image(data, name) or _text(data)
    if found is None:
        raise BadInput(
            f"{name} is no photograph (JPEG, PNG, WebP), PDF, office document, zip or text file; "
            "save it as one of these.",
            f"{name} 不是照片（JPEG、PNG、WebP）、PDF、办公文档、压缩包或文本文件；请另存为其中一种。",
        )
    return found


def _zipped(data: bytes, name: str) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.namelist()
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError) as error:
        raise BadInput(f"{name} is a damaged zip file.", f"{name} 是损坏的压缩文件。") from error
    if "[Content_Types].xml" not in members:
        return ZIP
    return next((kind for part, kind in OFFICE.items() if any(one.startswith(part) for one in members)), ZIP)


def _image(data: bytes, name: str) -> str | None:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data), formats=tuple(IMAGES)) as picture:
            kind, (width, height) = IMAGES[str(picture.format)], picture.size
    except UnidentifiedImageError:
        return None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadInput(f"The picture {name} is damaged or too large.", f"图片 {name} 已损坏或尺寸过大。") from error
    if width * height > LARGEST_PICTURE:
        raise BadInput(
            f"The picture {name} has {width} × {height} pixels; make it smaller.",
            f"图片 {name} 为 {width} × {height} 像素，尺寸过大；请缩小后再上传。",
        )
    return kind


def _text(data: bytes) -> str | None:
    for encoding in ("utf-8", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        plain = all(character in "\t\r\n\f" or unicodedata.category(character) != "Cc" for character in text)
        return TEXT if plain else None
    return None


def thumbnail(data: bytes) -> bytes:
    """A small JPEG of a photograph, the right way up and without what the camera wrote into it.

    Raises `BadInput` for a picture that cannot be drawn.
    """
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(data), formats=tuple(IMAGES)) as picture:
            picture.draft("RGB", (2 * THUMBNAIL, 2 * THUMBNAIL))
            upright = ImageOps.exif_transpose(picture).convert("RGB")
        upright.thumbnail((THUMBNAIL, THUMBNAIL))
        out = io.BytesIO()
        upright.save(out, "JPEG", quality=80)
        return out.getvalue()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadInput("This picture is damaged; open the file itself.", "该图片已损坏；请直接打开原文件。") from error


def plain_name(name: str) -> str:
    r"""The name of an uploaded file without folders, control characters and what turns text around; at most 200 long.

    >>> plain_name("C:\\fakepath\\集热器 1.jpg"), plain_name("../../etc/passwd"), plain_name("")
    ('集热器 1.jpg', 'passwd', 'file')
    """
    last = PureWindowsPath(PurePosixPath(name).name).name
    kept = "".join(one for one in last if unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Zl", "Zp")).strip()
    stem, dot, ending = kept.rpartition(".")
    return (f"{stem[: 199 - len(ending)]}{dot}{ending}" if dot and len(ending) < 12 else kept[:200]) or "file"
