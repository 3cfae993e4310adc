"""The paper that figures are drawn on: colours, words in one language or both, axes, and the SVG that comes out.

Text is drawn as outlines of the Noto Sans SC that reports use, so no viewer needs a Chinese font. Colours are those
of Okabe and Ito, which colour-blind readers can tell apart.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

import pylopdf_fonts_zh_cn

from lims.results.reduction import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, VERMILION, GREEN, INK, GREY = "#0072B2", "#D55E00", "#009E73", "#222222", "#8A8F98"
WIDTH = 6.7
"""Inches: the text width of the A4 report."""

_STYLE: dict[str, Any] = {
    "svg.hashsalt": "heliobench",
    "svg.fonttype": "path",
    "font.size": 8.5,
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "axes.facecolor": "none",
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E3E6EA",
    "grid.linewidth": 0.5,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 8,
}


class Words:
    """Labels in one language, or in both (Chinese first) when no language is chosen."""

    def __init__(self, language: str | None) -> None:
        self.language = language

    def __call__(self, zh: str, en: str, *, between: str = " ") -> str:
        if self.language is None:
            return f"{zh}{between}{en}"
        return zh if self.language.startswith("zh") else en


def style() -> Any:
    """Settings of matplotlib for all figures."""
    return {**_STYLE, "font.family": _font_family()}


def _font_family() -> list[str]:
    from matplotlib import font_manager

    path = str(pylopdf_fonts_zh_cn.sans_path())
    if not any(entry.fname == path for entry in font_manager.fontManager.ttflist):
        font_manager.fontManager.addfont(path)
    return [font_manager.FontProperties(fname=path).get_name(), "DejaVu Sans"]


def svg(figure: Figure) -> bytes:
    """The drawing, with nothing in it that changes from run to run."""
    out = io.BytesIO()
    figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    # typst renders an SVG with a document type as an empty picture, without a warning.
    return re.sub(rb"<!DOCTYPE[^>]*>\s*", b"", out.getvalue())


def canvas(columns: int = 1, *, height: float = 3.0, ratios: tuple[float, ...] = ()) -> tuple[Figure, list[Axes]]:
    """A row of axes over the width of the page; height in inches."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = figure.subplots(1, columns, squeeze=False, width_ratios=ratios or None)
    return figure, list(axes[0])


def scatter(axes: Axes, x: Array, y: Array, *, label: str | None = None) -> None:
    """Points that were used."""
    axes.scatter(x, y, s=11, color=BLUE, alpha=0.55, linewidths=0, label=label)
