"""Evidence for rounding."""

import json

from protocols.rounding import report, round_marked, round_to
from tests.protocols.conftest import DATA
from tests.validation.evidence import Evidence

_CASES = [
    case
    for case in json.loads((DATA / "rounding" / "cases.json").read_text("utf-8"))["gbt8170"]
    if "x" in case["inputs"]
]


def _reported() -> list[float]:
    given = ((10.05762, 0.027), (1.23456, 0.0996), (123.456, 9.96))
    return [float(text) for value, uncertainty in given for text in report(value, uncertainty)]


EVIDENCE = (
    Evidence(
        subject="protocols.rounding.round_to",
        what=f"{len(_CASES)} values rounded to intervals from 0.01 to 1000, with ties",
        kind="published",
        reference="examples of GB/T 8170 as retold on the pages named in tests/data/rounding",
        expected=[float(case["published"]) for case in _CASES],
        computed=lambda: [float(round_to(case["inputs"]["x"], case["inputs"]["interval"])) for case in _CASES],
        absolute=1e-12,
    ),
    Evidence(
        subject="protocols.rounding.round_marked",
        what="15.5(-), 16.5(+) and 17.5, reported to one decimal, rounded to units",
        kind="published",
        reference="GB/T 8170 on values reported for another's judgement, as retold",
        expected=(15.0, 17.0, 18.0),
        computed=lambda: [float(round_marked(text, "1").value) for text in ("15.5(-)", "16.5(+)", "17.5")],
        absolute=1e-12,
    ),
    Evidence(
        subject="protocols.rounding.report",
        what="value and expanded uncertainty as printed, with the decade carry",
        kind="published",
        reference="JCGM 100:2008 7.2.6 (10.058, 0.027) and the rules of EA-4/02 6.3",
        expected=(10.058, 0.027, 1.23, 0.10, 123.0, 10.0),
        computed=_reported,
        absolute=1e-12,
    ),
)
