"""ISO 24194:2022, collector fields: check of the performance, measured against estimated power of hours.

The text of the standard has not been read for this file: formulas, conditions and the rule of 20 points come from
sunpeek 0.7.31, which quotes it. Every number is therefore data in config/limits/iso24194_2022.toml, unconfirmed.

What is ours and not the standard's, and why:
* Two figures are given, since sources print either: `power_ratio`, mean measured over mean estimated power, and
  `power_slope`, the slope through the origin that sunpeek prints. The comparison with f_safe uses power_ratio: it is
  the ratio of the energies of the hours, each counted alike, while the slope weights an hour by its power. On the
  array in Graz they differ by up to 0.0004.
* An hour with up to a tenth of its samples missing is used, as by sunpeek, unless they lie in one gap of more than
  0.17 h. Angles of incidence above 80 deg are refused, as by sunpeek.
* dtm/dt is last minus first sample of the hour over the time between them; sunpeek smooths the mean temperature first
  (Savitzky-Golay, 15 samples). Hours near the limit of 5 K/h can fall on either side of it.
* f_safe allows for uncertainty once and for all; here the uncertainty of both figures is computed beside it: random
  from the scatter of whole days, common from the calibrations given with the record. That of the certificate's own
  parameters is not in it.
* The power of the meter is taken as it is: losses of the pipes belong to f_p.
"""

from protocols.method import Method
from protocols.power_check.item import ITEM
from protocols.power_check.method import INPUTS, METHOD_ID, OPTIONAL, OUTPUTS, evaluate
from protocols.symbols import quantity

METHODS = (
    Method(
        id=METHOD_ID,
        standard="ISO 24194",
        edition="2022",
        clause="5 and 6, power check [clause numbers unconfirmed]",
        title_en="Check of the power of solar thermal collector fields",
        title_zh="太阳能集热器阵列功率核查",
        inputs={symbol: quantity(symbol).unit for symbol in INPUTS},
        optional_inputs={symbol: quantity(symbol).unit for symbol in OPTIONAL},
        item=ITEM,
        outputs={symbol: quantity(symbol).unit for symbol in OUTPUTS},
        limit_table="iso24194_2022",
        evaluate=evaluate,
    ),
)
