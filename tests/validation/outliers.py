"""Evidence for the outlier tests: critical values of an independent library and those that are printed."""

import json
from pathlib import Path
from typing import Any

from protocols.statistics.outliers import cochran, cochran_critical, grubbs, grubbs_critical, grubbs_pair_critical
from tests.validation.evidence import Evidence

DATA = Path(__file__).parents[1] / "data" / "laboratory_statistics"
CASES: dict[str, Any] = json.loads((DATA / "outliers.json").read_text("utf-8"))
GLUCOSE: dict[str, Any] = json.loads((DATA / "precision.json").read_text("utf-8"))["glucose"]["expected_recomputed"]

_LEVELS = ("0.05", "0.01")
_GRUBBS = [(int(n), float(a), row[a]) for n, row in CASES["grubbs"].items() for a in _LEVELS]
_PRINTED = [(int(n), float(a), row[a]) for n, row in CASES["grubbs_published"].items() for a in _LEVELS]
_COCHRAN = [
    (int(p), int(n), float(a), row[a])
    for p, rows in CASES["cochran"].items()
    for n, row in rows.items()
    for a in _LEVELS
]
_COCHRAN_PRINTED = [
    (*(int(part.split("=")[1]) for part in key.split(",")), float(a), row[a])
    for key, row in CASES["cochran_published"].items()
    for a in _LEVELS
]
# n: 5 %, 1 %; lower values for the two largest or two smallest.
_PAIR = {
    5: (0.0090, 0.0018),
    6: (0.0349, 0.0116),
    7: (0.0708, 0.0308),
    8: (0.1101, 0.0563),
    9: (0.1492, 0.0851),
    10: (0.1864, 0.1150),
}

EVIDENCE = (
    Evidence(
        subject="protocols.statistics.outliers.grubbs_critical",
        what="G at 5 % and 1 %, n = 3 to 30",
        kind="program",
        reference="t quantiles of scipy",
        expected=[value for *_, value in _GRUBBS],
        computed=lambda: [grubbs_critical(n, level=a) for n, a, _ in _GRUBBS],
        relative=1e-9,
    ),
    Evidence(
        subject="protocols.statistics.outliers.grubbs_critical",
        what="G at 5 % and 1 %, n = 3 to 10",
        kind="published",
        reference="ISO 5725-2:1994, table 5, one suspected value",
        expected=[value for *_, value in _PRINTED],
        computed=lambda: [grubbs_critical(n, level=a) for n, a, _ in _PRINTED],
        absolute=1.001e-3,
        remark="table by memory, text not read; n = 8, 5 % is printed 2.126 and is 2.1266",
    ),
    Evidence(
        subject="protocols.statistics.outliers.grubbs_pair_critical",
        what="G of a pair at 5 % and 1 %, n = 5 to 10",
        kind="published",
        reference="ISO 5725-2:1994, table 5, two suspected values",
        expected=[value for pair in _PAIR.values() for value in pair],
        computed=lambda: [grubbs_pair_critical(n, level=a) for n in _PAIR for a in (0.05, 0.01)],
        absolute=1.001e-4,
        remark="table by memory, text not read",
    ),
    Evidence(
        subject="protocols.statistics.outliers.grubbs",
        what="G of 1, 2, 3, 4, 10: largest and smallest",
        kind="exact",
        reference="6 and 3 over sqrt(50/4)",
        expected=[6.0 / 12.5**0.5, 3.0 / 12.5**0.5],
        computed=lambda: [grubbs([1.0, 2.0, 3.0, 4.0, 10.0], end=end).statistic for end in ("largest", "smallest")],
        relative=1e-12,
    ),
    Evidence(
        subject="protocols.statistics.outliers.cochran_critical",
        what="C at 5 % and 1 %, p = 2 to 40, n = 2 to 6",
        kind="program",
        reference="F quantiles of scipy",
        expected=[value for *_, value in _COCHRAN],
        computed=lambda: [cochran_critical(p, replicates=n, level=a) for p, n, a, _ in _COCHRAN],
        relative=1e-9,
    ),
    Evidence(
        subject="protocols.statistics.outliers.cochran_critical",
        what="C at 5 % and 1 %",
        kind="published",
        reference="ISO 5725-2:1994, table 4, four entries",
        expected=[value for *_, value in _COCHRAN_PRINTED],
        computed=lambda: [cochran_critical(p, replicates=n, level=a) for p, n, a, _ in _COCHRAN_PRINTED],
        absolute=1.001e-3,
        remark="table by memory, text not read; it may differ from the formula by one in its last digit",
    ),
    Evidence(
        subject="protocols.statistics.outliers.cochran",
        what="C of five materials, eight laboratories in triplicate",
        kind="program",
        reference="independent recomputation of ASTM E691, glucose",
        expected=[row["cochran_C"] for row in GLUCOSE.values()],
        computed=lambda: [cochran(row["k"], replicates=3).statistic for row in GLUCOSE.values()],
        relative=1e-9,
    ),
)
