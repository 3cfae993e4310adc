"""GB/T 17049-2005, all-glass evacuated tubes (superseded by the edition of 2024 on 2024-10-01): thermal quantities.

No text of the standard was read: formulas from memory and secondary sources, limits from pages of makers and a report
on a spot check. Every number is a row of config/limits/gbt17049_2005.toml. Mechanical and vacuum tests are procedures
(config/procedures/gbt17049_2005.toml).

What is ours and not the standard's, and why:
* Y is the mean over steady intervals of a record instead of four readings five minutes apart; an interval is as long
  as these, 900 s, and the empty tube may leave its mean by 1 K within it.
* H_35 is counted from the first reading uncovered, or from t_start of the item, to the crossing 35 K higher, on
  straight lines between samples.
* U_lt reads a record 0, 30 and 60 min after the water was nearest to 80 degC; three rows will do.
"""

from protocols.evaluation import Edition
from protocols.tubes.heat_loss import tube_heat_loss_method
from protocols.tubes.irradiation import tube_irradiation_method
from protocols.tubes.stagnation import tube_stagnation_method

EDITION = Edition(standard="GB/T 17049", year="2005", prefix="gbt17049-2005", limit_table="gbt17049_2005")

METHODS = (
    tube_stagnation_method(edition=EDITION, clause="stagnation parameter [clause number unconfirmed]"),
    tube_irradiation_method(edition=EDITION, clause="stagnation irradiation [clause number unconfirmed]"),
    tube_heat_loss_method(edition=EDITION, clause="average heat loss coefficient [clause number unconfirmed]"),
)
