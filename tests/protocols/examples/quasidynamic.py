"""An example record for each quasi-dynamic method."""

from collections.abc import Callable
from functools import partial

from protocols.record import Record
from tests.protocols.conftest import MADE_ITEM, Case, limits_of, made_columns
from tests.protocols.simulated import TRUTHS, case


def _glazed() -> Case:
    time, columns = made_columns(noise=0.05)
    return Case(Record(time=time, columns=columns), dict(MADE_ITEM), limits_of("iso9806-2017-qdt"))


EXAMPLES: dict[str, Callable[[], Case]] = {method: partial(case, method, noise=0.05) for method in TRUTHS}
EXAMPLES["iso9806-2017-qdt"] = _glazed
