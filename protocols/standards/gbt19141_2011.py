"""GB/T 19141-2011, domestic solar water heating systems up to 0.6 m3: what the product must reach.

No text of the standard was read. The limits of U_sl (16, for integral collector-storage 80 W/(m3 K), equality passes)
come from an entry of the Zhejiang data registry (no. 20625); those of the daily useful heat were not found, sources
contradict each other, and nothing is judged by them. U_sl is reported as an integer in this edition (GB/T 8170, half to
even): a value of 16.40 passes when rounded and fails by its full value, so that both judgements are kept; a study has
proposed one decimal. A draft of a new edition was out for comment in 2025.
"""

from protocols.method import Method
from protocols.requirements.products import requirement

METHODS: tuple[Method, ...] = ()

_LOSS = ("average heat loss factor", "平均热损因数")
_GAIN = ("daily useful heat at 17 MJ/m2", "17 MJ/m2 时日有用得热量")
_ROWS = (
    ("loss", "U_sl", "W/(m3 K)", _LOSS, "at most", "U_sl_max", "1"),
    ("loss-ics", "U_sl", "W/(m3 K)", _LOSS, "at most", "U_sl_max_ics", "1"),
    ("gain-direct", "q_17", "MJ/m2", _GAIN, "at least", "q_17_min_direct", "0.1"),
    ("gain-indirect", "q_17", "MJ/m2", _GAIN, "at least", "q_17_min_indirect", "0.1"),
    ("gain-ics", "q_17", "MJ/m2", _GAIN, "at least", "q_17_min_ics", "0.1"),
)
REQUIREMENTS = {
    name: requirement(
        id=f"gbt19141-2011-{name}",
        quantity=quantity,
        unit=unit,
        names=names,
        comparison=comparison,
        limit=limit,
        interval=interval,
    )
    for name, quantity, unit, names, comparison, limit, interval in _ROWS
}
# which of them a type of water heater (protocols.requirements.energy_grade.TYPES) must keep
OF_TYPE = {
    "compact": ("loss", "gain-direct"),
    "separate_direct": ("loss", "gain-direct"),
    "separate_indirect": ("loss", "gain-indirect"),
    "ics": ("loss-ics", "gain-ics"),
}
