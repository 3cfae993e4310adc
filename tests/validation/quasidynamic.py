"""Evidence for the quasi-dynamic methods."""

from collections.abc import Callable

from tests.protocols.simulated import TRUTHS, case
from tests.validation.evidence import Evidence


def _recovered(method: str) -> Callable[[], list[float]]:
    return lambda: [one.value for one in case(method).evaluate().coefficients]


_SIMULATED = tuple(
    Evidence(
        subject=method,
        what=f"{', '.join(truth)} of a record made with known coefficients",
        kind="recovered",
        reference="eight days made by the model written down a second time, water by IAPWS, sun within 0.01 deg of SPA",
        expected=tuple(truth.values()),
        computed=_recovered(method),
        relative=1e-7,
        absolute=1e-14,
    )
    for method, truth in TRUTHS.items()
)

EVIDENCE = _SIMULATED
