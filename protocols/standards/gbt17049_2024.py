"""GB/T 17049-2024, all-glass evacuated tubes: the thermal quantities of the edition of 2005.

Only the contents and the foreword were found: the tests stand in 6.2, 6.3 and 6.4, limits of absorptance and emittance
have changed, others may have. Formulas and conditions are taken over from 2005 and none is confirmed; limits of the
product are rows without numbers in config/limits/gbt17049_2024.toml, by which nothing is judged.
"""

from protocols.evaluation import Edition
from protocols.tubes.heat_loss import tube_heat_loss_method
from protocols.tubes.irradiation import tube_irradiation_method
from protocols.tubes.stagnation import tube_stagnation_method

EDITION = Edition(standard="GB/T 17049", year="2024", prefix="gbt17049-2024", limit_table="gbt17049_2024")

METHODS = (
    tube_stagnation_method(edition=EDITION, clause="6.2, stagnation parameter"),
    tube_irradiation_method(edition=EDITION, clause="6.3, stagnation irradiation"),
    tube_heat_loss_method(edition=EDITION, clause="6.4, average heat loss coefficient"),
)
