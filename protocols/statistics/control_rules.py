"""Rules on runs of points of a control chart: Nelson's eight and Westgard's, all points at once.

Points come as z = (x - centre)/sigma. A rule reports the positions (from 0) of the points that complete its pattern.
What the sources leave open is settled here, and where practice differs it is a named option:
* "Beyond" is strictly beyond; a point on the centre line is on neither side.
* A rule of "m of k" looks at the last k points; it needs k points on record, and the last may be the one within.
  last_beyond = True asks that the last point be beyond too.
* Nelson 2 takes 9 points on one side (same_side = 8 for the AIAG and Western Electric form).
* Nelson 8 asks for points on both sides.
* Westgard R-4s takes neighbouring points, one above +2 and the other below -2, in either order
  (r_4s = "difference": more than 4 apart, whatever the two).
Sources: L. S. Nelson, J. Quality Technology 16 (1984) 237; J. O. Westgard et al., Clin. Chem. 27 (1981) 493; neither
paper was read for this file, the rules come from secondary sources.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from protocols.statistics.samples import sample

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Positions = tuple[int, ...]

R_4S = ("opposite", "difference")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule in words. rejects: False for a mere warning."""

    code: str
    sentence_en: str
    sentence_zh: str
    rejects: bool = True


NELSON = (
    Rule(code="1", sentence_en="One point is beyond 3 sigma.", sentence_zh="1 点超出 3σ。"),
    Rule(
        code="2",
        sentence_en="Nine points in a row are on one side of the centre.",
        sentence_zh="连续 9 点在中心线同侧。",
    ),
    Rule(code="3", sentence_en="Six points in a row rise or fall.", sentence_zh="连续 6 点递增或递减。"),
    Rule(code="4", sentence_en="Fourteen points in a row go up and down in turn.", sentence_zh="连续 14 点交替上下。"),
    Rule(
        code="5",
        sentence_en="Two of three points are beyond 2 sigma on one side.",
        sentence_zh="连续 3 点中有 2 点同侧超出 2σ。",
    ),
    Rule(
        code="6",
        sentence_en="Four of five points are beyond 1 sigma on one side.",
        sentence_zh="连续 5 点中有 4 点同侧超出 1σ。",
    ),
    Rule(code="7", sentence_en="Fifteen points in a row are within 1 sigma.", sentence_zh="连续 15 点在 ±1σ 之内。"),
    Rule(
        code="8",
        sentence_en="Eight points in a row are beyond 1 sigma, on both sides.",
        sentence_zh="连续 8 点均在 ±1σ 之外且分布于两侧。",
    ),
)
WESTGARD = (
    Rule(
        code="1_2s",
        sentence_en="One point is beyond 2 sigma: look at the others.",
        sentence_zh="1 点超出 2σ：警告。",
        rejects=False,
    ),
    Rule(code="1_3s", sentence_en="One point is beyond 3 sigma.", sentence_zh="1 点超出 3σ。"),
    Rule(
        code="2_2s",
        sentence_en="Two points in a row are beyond 2 sigma on one side.",
        sentence_zh="连续 2 点同侧超出 2σ。",
    ),
    Rule(
        code="R_4s",
        sentence_en="Two neighbouring points are beyond 2 sigma on opposite sides.",
        sentence_zh="相邻 2 点分别超出 +2σ 与 -2σ。",
    ),
    Rule(
        code="4_1s",
        sentence_en="Four points in a row are beyond 1 sigma on one side.",
        sentence_zh="连续 4 点同侧超出 1σ。",
    ),
    Rule(
        code="10_x",
        sentence_en="Ten points in a row are on one side of the centre.",
        sentence_zh="连续 10 点在中心线同侧。",
    ),
)


def nelson(z: ArrayLike, *, same_side: int = 9, last_beyond: bool = False) -> Mapping[str, Positions]:
    """Give for each of Nelson's rules "1" to "8" the positions where it is completed.

    z: (points,) [1].  same_side: points of rule 2.  last_beyond: of rules 5 and 6, see the module.
    Raises ValueError for NaN.
    """
    x = sample(z, name="points of the chart", least=0)
    inside, outside = np.abs(x) < 1.0, np.abs(x) > 1.0
    return _completed(
        x.size,
        {
            "1": np.abs(x) > 3.0,
            "2": _either(x, lambda side: _all(side > 0.0, same_side)),
            "3": _all(np.diff(x) > 0.0, 5) | _all(np.diff(x) < 0.0, 5),
            "4": _all(np.diff(x)[1:] * np.diff(x)[:-1] < 0.0, 12),
            "5": _either(x, lambda side: _most(side > 2.0, 2, 3, last_beyond)),
            "6": _either(x, lambda side: _most(side > 1.0, 4, 5, last_beyond)),
            "7": _all(inside, 15),
            "8": _all(outside, 8) & ~_all(x > 1.0, 8) & ~_all(x < -1.0, 8),
        },
    )


def westgard(z: ArrayLike, *, r_4s: str = "opposite") -> Mapping[str, Positions]:
    """Give for each of Westgard's rules the positions where it is completed; "1_2s" only warns.

    z: (points,) [1], one control in the order of measurement.  r_4s: "opposite" or "difference", see the module.
    Raises ValueError for NaN or an unknown form of R-4s.
    """
    x = sample(z, name="points of the chart", least=0)
    if r_4s not in R_4S:
        raise ValueError(f"the form {r_4s!r} of R-4s is not known; give {' or '.join(R_4S)}.")
    high, low = x > 2.0, x < -2.0
    opposite = (high[1:] & low[:-1]) | (low[1:] & high[:-1])
    return _completed(
        x.size,
        {
            "1_2s": np.abs(x) > 2.0,
            "1_3s": np.abs(x) > 3.0,
            "2_2s": _either(x, lambda side: _all(side > 2.0, 2)),
            "R_4s": opposite if r_4s == "opposite" else np.abs(np.diff(x)) > 4.0,
            "4_1s": _either(x, lambda side: _all(side > 1.0, 4)),
            "10_x": _either(x, lambda side: _all(side > 0.0, 10)),
        },
    )


def _completed(size: int, flags: Mapping[str, Flags]) -> dict[str, Positions]:
    """Positions of the flags, each row of which ends with the last point."""
    return {rule: tuple(int(place) + size - row.size for place in np.flatnonzero(row)) for rule, row in flags.items()}


def _either(x: Array, pattern: Callable[[Array], Flags]) -> Flags:
    return pattern(x) | pattern(-x)


def _all(flags: Flags, length: int) -> Flags:
    return _most(flags, length, length)


def _most(flags: Flags, least: int, length: int, last: bool = False) -> Flags:
    """Whether at least so many of every `length` neighbours are marked, and the last of them if asked."""
    if flags.size < length:
        return np.zeros(0, dtype=bool)
    total = np.concatenate([[0], np.cumsum(flags)])
    enough = np.asarray(total[length:] - total[:-length] >= least)
    return enough & flags[length - 1 :] if last else enough
