"""Which of the day types of a quasi-dynamic test a record holds, recognised from the data.

eta0 day: clear, the fluid near ambient temperature.  high day: the fluid near the highest temperature difference of
the record.  intermediate day: between them.  A day is clouded when its share of diffuse light varies widely. The day
types are [unverified]; how they are recognised is ours.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from protocols.quasidynamic.admission import Run

Array = NDArray[np.float64]

DAY_TYPE_LIMITS = ("day_clear_beam", "day_cloud_spread", "day_high_share")

_SPREAD = (0.1, 0.9)  # quantiles between which the share of diffuse light varies


def day_types(run: Run, points: Mapping[str, Array]) -> dict[str, float]:
    """Count the days of each type among the windows used, for the diagnostics.

    points: of the outcome, all windows.
    """
    used = points["used"] > 0
    day = run.cut.spread(run.days)[used]
    above, diffuse = points["tm_minus_ta"][used], points["Gd"][used] / points["G"][used]
    highest = float(above.max())
    kinds = [_kind(run, above[day == each], diffuse[day == each], highest) for each in np.unique(day)]
    return {
        f"days_{kind}": float(kinds.count(kind)) for kind in ("eta0", "intermediate", "intermediate_clouded", "high")
    }


def _kind(run: Run, above: Array, diffuse: Array, highest: float) -> str:
    level, near = float(np.median(above)), run.limit("condition_zero_loss")
    low, high = np.quantile(diffuse, _SPREAD).tolist()
    clouded = high - low > run.limit("day_cloud_spread")
    if abs(level) <= near and 1.0 - float(np.median(diffuse)) >= run.limit("day_clear_beam"):
        return "eta0"
    if highest > near and level >= run.limit("day_high_share") * highest:
        return "high"
    return "intermediate_clouded" if clouded else "intermediate"
