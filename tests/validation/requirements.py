"""Evidence for the comparison of values with limits."""

import json

from protocols.requirements.requirements import FULL, ROUNDED
from tests.protocols.conftest import DATA
from tests.protocols.requirements.test_requirements import verdict_of
from tests.validation.evidence import Evidence

_CASES = json.loads((DATA / "requirements" / "comparison.json").read_text("utf-8"))


EVIDENCE = (
    Evidence(
        subject="protocols.requirements.requirements.judge_requirement",
        what="verdicts (1 = pass) by full value, then by rounded value, of 11 values",
        kind="published",
        reference="GB/T 8170-2008, table of 4.3.4, cases J01 to J16",
        expected=tuple(float(case[by]) for by in ("full", "rounded") for case in _CASES),
        computed=lambda: [float(verdict_of(case, by) == "pass") for by in (FULL, ROUNDED) for case in _CASES],
        absolute=1e-9,
        remark="the table is from memory; the verdicts were recomputed independently",
    ),
)
