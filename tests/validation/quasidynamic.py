"""Evidence for the quasi-dynamic methods."""

import numpy as np

from protocols.record import Record
from tests.protocols.conftest import MADE_ITEM, TRUTH, Case, limits_of, made_columns
from tests.validation.evidence import Evidence


def _recovered() -> list[float]:
    time, columns = made_columns()
    case = Case(Record(time=time, columns=columns), dict(MADE_ITEM), limits_of("iso9806-2017-qdt"))
    return [float(np.round(one.value, 12)) for one in case.evaluate().coefficients]


EVIDENCE = (
    Evidence(
        subject="iso9806-2017-qdt",
        what="eta0b, b0, Kd, a1, a2, a5 of a record made with known coefficients",
        kind="recovered",
        reference="eight days made by the model itself, water by IAPWS, sun within 0.005 deg of SPA",
        expected=tuple(TRUTH.values()),
        computed=_recovered,
        relative=1e-3,
    ),
)
