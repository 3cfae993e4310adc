"""ISO 9459-2:1995, solar-only domestic water heating systems: the input-output correlation.

No text of the standard was read. The correlation and the sign of its coefficients come from secondary sources, the
conditions of the days from memory; they are rows of config/limits/iso9459_2_1995.toml, not confirmed, and make notes
instead of refusals. Long-term prediction: protocols.water_heaters.input_output.long_term, without carrying heat
over from day to day, because how the draw-off and mixing profiles enter was not found.
"""

from protocols.evaluation import Edition
from protocols.water_heaters.input_output_method import input_output_method

EDITION = Edition(standard="ISO 9459-2", year="1995", prefix="iso9459-2-1995", limit_table="iso9459_2_1995")

METHODS = (input_output_method(edition=EDITION),)
