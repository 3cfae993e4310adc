"""What stands behind a computation: an independent number, ours, and how far they may differ.

Every module beside this one has EVIDENCE, a tuple of `Evidence`. tests/validation/test_evidence.py computes all of
them; `make docs` writes them into docs/validation.md, the software validation that ISO/IEC 17025:2017, 7.11.2 asks for.
"""

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent

# Where an independent number comes from, from the strongest.
KINDS = {
    "published": "printed by a standard, a paper, a certificate or a data sheet",
    "program": "computed by an independent program",
    "exact": "follows from mathematics (closed form or high precision)",
    "recovered": "a known truth put into simulated data and found again",
}


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One comparison.

    subject: the method id ("iso9806-2017-sst") or function ("protocols.fits.linear") that is validated.
    what: the quantity and its unit.  kind: one of KINDS.  reference: who says so, with page, case id or version.
    expected: the independent value or values; computed: gives ours, of the same shape.
    absolute, relative: largest difference allowed, |ours - expected| <= absolute + relative |expected|.
    remark: what the comparison does not show.
    """

    subject: str
    what: str
    kind: str
    reference: str
    expected: float | Sequence[float]
    computed: Callable[[], object]
    absolute: float = 0.0
    relative: float = 0.0
    remark: str = ""

    @cached_property
    def difference(self) -> float:
        """The largest difference as a fraction of what is allowed; infinite for another shape or a NaN."""
        ours = np.asarray(self.computed(), dtype=np.float64)
        theirs = np.asarray(self.expected, dtype=np.float64)
        if ours.shape != theirs.shape or not np.isfinite(ours).all():
            return float("inf")
        return float(np.max(np.abs(ours - theirs) / (self.absolute + self.relative * np.abs(theirs))))


def collected() -> dict[str, tuple[Evidence, ...]]:
    """All evidence, by the module it stands in."""
    helpers = ("evidence", "page", "test_evidence")
    names = [file.stem for file in sorted(HERE.glob("[a-z]*.py")) if file.stem not in helpers]
    return {name: importlib.import_module(f"tests.validation.{name}").EVIDENCE for name in names}
