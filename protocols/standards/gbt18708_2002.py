"""GB/T 18708-2002, domestic solar water heating systems: daily useful heat and average heat loss factor.

No text of the standard was read. Formula and constants of the heat loss come from an entry of the Zhejiang data
registry (no. 20625), the useful heat from the description of a test rig (2007), conditions from secondary sources; the
scaling q_17 = q 17/H is unverified and the irradiation within which it is allowed was not found. Every number is a row
of config/limits/gbt18708_2002.toml.

What is ours and not the standard's, and why:
* Density times heat capacity of water are the constants of practice, 1000 kg/m3 and 4186.8 J/(kg K), unless the item
  asks for "iapws"; a note tells how far the two differ (0.32 % from 20 to 60 degC).
* Solar noon is the true one at the place, from the sun's position.
* Between samples the irradiance is a straight line; a gap of more than 300 s refuses the day.
* The store is read as the mean of 300 s, before the test hours and within 1800 s after them; the night from the first
  and the last 300 s of t_store, the duration being the time between their middles.
* One sensor reads the store twice, so that its calibration error is common and nearly cancels in both results. What
  does not cancel (mixing, linearity, resolution) is stated as u_mixed and is random. Then, as published by the Beijing
  centre, the pyranometer dominates the daily gain and the temperatures dominate U_sl.
"""

from protocols.evaluation import Edition
from protocols.water_heaters.day import daily_method
from protocols.water_heaters.night import heat_loss_method

EDITION = Edition(standard="GB/T 18708", year="2002", prefix="gbt18708-2002", limit_table="gbt18708_2002")

METHODS = (daily_method(edition=EDITION), heat_loss_method(edition=EDITION))
