"""From a template and text to a PDF, by typst in this process, with the fonts of the package and no others."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pylopdf_fonts_zh_cn
import typst


@cache
def fonts(*, latin: bool = False) -> typst.Fonts:
    """Noto Sans and Serif SC, read once; with ``latin`` also the fonts that typst brings along."""
    folder = str(pylopdf_fonts_zh_cn.sans_path().parent)
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=latin, font_paths=[folder])


def typeset(template: Path, inputs: Mapping[str, str]) -> bytes:
    """The PDF of ``template``, which reads no file outside its own folder; ``inputs`` are its data, never program."""
    return bytes(typst.compile(template, root=template.parent, font_paths=fonts(), sys_inputs=dict(inputs)))
