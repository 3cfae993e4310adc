"""Units as loggers write them, in the spelling that `lims.units` reads. What is not known here is left as it stands."""

import re

_WORDS = {
    "c": "degC", "°c": "degC", "℃": "degC", "deg c": "degC", "degc": "degC", "deg_c": "degC",
    "celsius": "degC", "摄氏度": "degC",
    "f": "degF", "°f": "degF", "℉": "degF", "deg f": "degF",
    "%": "percent", "％": "percent", "°": "deg", "-": "1",
    "m/s": "m/s", "meters/second": "m/s",
    "watts/meter²": "W/m2", "瓦/平方米": "W/m2", "米/秒": "m/s", "帕": "Pa",
    "volts": "V", "vdc": "V", "vac": "V", "adc": "A", "ohm": "ohm", "ohms": "ohm", "lpm": "l/min",
}  # fmt: skip
_SIGNS = str.maketrans({"²": "2", "³": "3", "⁻": "-", "¹": "1", "·": " ", "⋅": " ", "μ": "u", "µ": "u"})


def plain_unit(text: str) -> str:
    """The unit as we spell it.

    >>> [plain_unit(text) for text in ("Deg C", "℃", "W/m²", "W/m^2", "m³/h", "VDC", "W m⁻²", "TS", "")]
    ['degC', 'degC', 'W/m2', 'W/m2', 'm3/h', 'V', 'W m-2', 'TS', '']
    """
    stripped = text.strip()
    word = _WORDS.get(stripped.lower())
    return word if word is not None else re.sub(r"\^", "", stripped.translate(_SIGNS)).strip()
