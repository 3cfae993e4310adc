"""What GB/T 17049 requires of an all-glass evacuated tube; the numbers are rows of the limit table of the edition."""

from collections.abc import Mapping

from protocols.requirements.products import requirement
from protocols.requirements.requirements import Requirement

_ROWS = (
    ("tau", "1", ("solar transmittance of the cover glass", "罩玻璃管太阳透射比"), "at least", "tau_min", "0.01"),
    ("alpha", "1", ("solar absorptance of the coating", "涂层太阳吸收比"), "at least", "alpha_min", "0.01"),
    ("eps", "1", ("hemispherical emittance", "半球发射比"), "at most", "eps_max", "0.001"),
    ("Y", "m2 K/kW", ("stagnation parameter", "空晒性能参数"), "at least", "Y_min", "1"),
    ("H_35_47", "MJ/m2", ("stagnation irradiation, 47 mm", "闷晒太阳辐照量（47 mm）"), "at most", "H_35_max_47", "0.1"),
    ("H_35_58", "MJ/m2", ("stagnation irradiation, 58 mm", "闷晒太阳辐照量（58 mm）"), "at most", "H_35_max_58", "0.1"),
    ("U_lt", "W/(m2 K)", ("average heat loss coefficient", "平均热损系数"), "at most", "U_lt_max", "0.01"),
    ("vacuum", "Pa", ("pressure in the jacket", "夹层压强"), "at most", "vacuum_max", "0.01"),
)


def tube_requirements(*, prefix: str) -> Mapping[str, Requirement]:
    """Give the requirements of an edition by name; prefix: of its ids, e.g. "gbt17049-2005".

    The limit of the vacuum stands with the procedures, in the table of the mechanical tests.
    """
    return {
        name: requirement(
            id=f"{prefix}-{name}",
            quantity="H_35" if name.startswith("H_35") else name,
            unit=unit,
            names=names,
            comparison=comparison,
            limit=limit,
            interval=interval,
        )
        for name, unit, names, comparison, limit, interval in _ROWS
    }
