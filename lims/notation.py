"""How symbols, units, dates and plain numbers are printed: the laboratory's ASCII names in, typographic text out."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

_SYMBOLS = {
    "eta0b": ("η", "0,b"),
    "Kd": ("K", "d"),
    "A_G": ("A", "G"),
    "Gb": ("G", "b"),
    "Gd": ("G", "d"),
    "t_in": ("ϑ", "in"),
    "t_out": ("ϑ", "e"),
    "t_amb": ("ϑ", "a"),
    "EL": ("E", "L"),
    "t_abs": ("ϑ", "abs"),
    "t_stg": ("ϑ", "stg"),
    "t_store": ("ϑ", "s"),
    "t_main": ("ϑ", "main"),
    "t_tube": ("ϑ", "t"),
    "t_amb_day": ("ϑ", "a,day"),
    "tm": ("ϑ", "m"),
    "T_star": ("T", "m*"),
    "eta0hem": ("η", "0,hem"),
    "efficiency": ("η", ""),
    "tau_c": ("τ", "c"),
    "dp": ("Δp", ""),
    "dp1": ("k", "1"),
    "dp2": ("k", "2"),
    "bu": ("b", "u"),
    "io1": ("a", "1"),
    "io2": ("a", "2"),
    "io3": ("a", "3"),
    "theta": ("θ", ""),
    "mass_flow": ("ṁ", ""),
    "residual": ("Δq", ""),
    "q_measured": ("q", ""),
    "q_fitted": ("q", "fit"),
    "q_estimated": ("q", "est"),
    "V_dot": ("V̇", ""),
    "power_ratio": ("r", "Q"),
    "power_slope": ("b", "Q"),
}
_UNIT_WORDS = {"1": "–", "": "–", "degC": "°C", "deg": "°", "percent": "%"}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def symbol_parts(symbol: str) -> tuple[str, str]:
    """Letter and subscript of a symbol's ASCII name.

    >>> symbol_parts("eta0b"), symbol_parts("a5"), symbol_parts("G")
    (('η', '0,b'), ('a', '5'), ('G', ''))
    """
    if symbol in _SYMBOLS:
        return _SYMBOLS[symbol]
    letter_and_digits = re.fullmatch(r"([A-Za-z])(\d+)", symbol)
    if letter_and_digits:
        return letter_and_digits[1], letter_and_digits[2]
    base, _, subscript = symbol.partition("_")
    return base, subscript.replace("_", " ")


def unit_text(unit: str) -> str:
    """A unit as it is printed.

    >>> unit_text("W/(m2 K2)"), unit_text("kg/(s m2)"), unit_text("1"), unit_text("degC")
    ('W/(m²·K²)', 'kg/(s·m²)', '–', '°C')
    """
    if unit in _UNIT_WORDS:
        return _UNIT_WORDS[unit]
    raised = re.sub(r"(?<=[a-zA-Z])([234])", lambda power: "²³⁴"[int(power[1]) - 2], unit)
    return re.sub(r"(?<=[\w²³⁴]) (?=\w)", "·", raised).replace("degC", "°C").replace("*", "·")


def plain_number(value: float) -> str:
    """The shortest decimal text that is this float, never with an exponent.

    >>> plain_number(300.0), plain_number(0.02), plain_number(1e-05)
    ('300', '0.02', '0.00001')
    """
    text = format(Decimal(repr(float(value))), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def day_zh(day: date | None) -> str:
    """``2026年11月22日``; empty for no day."""
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def day_en(day: date | None) -> str:
    """``22 November 2026``; empty for no day."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}" if day else ""


def day_iso(day: date | None) -> str:
    """``2026-11-22``; empty for no day."""
    return day.isoformat() if day else ""
