"""What a solar water heater gains in a day and loses at night: the formulas of GB/T 18708-2002 and ISO 9459-2.

No text of these standards was read; the formulas come from a Zhejiang data registry (heat loss), a description of a
Chinese test rig (useful heat) and secondary sources.
"""

import math

from protocols.water_heaters.store_water import PRACTICE, Water, water_between

_MEGA = 1e6


def useful_heat(*, V_s: float, t_first: float, t_last: float, water: Water | None = None) -> float:
    """Give the heat in MJ that the water of a store has gained, Q = rho c_p V_s (t_last - t_first).

    V_s: m3.  t_first, t_last: degC, mixed, at the begin and end of the test.  water: the constants of practice unless
    given. GB/T 18708-2002, daily useful heat [clause number unconfirmed]. Raises ValueError for a volume that is not
    above zero and for what is not a finite number.
    """
    if not (V_s > 0.0 and math.isfinite(V_s + t_first + t_last)):
        raise ValueError(
            f"the store of {V_s} m3 from {t_first} to {t_last} degC gives no heat; give a volume above zero and both "
            "temperatures."
        )
    used = water or water_between(t_first=t_first, t_last=t_last, convention=PRACTICE)
    return used.rho * used.c_p * V_s * (t_last - t_first) / _MEGA


def scaled_to_reference(*, q: float, H: float, reference: float) -> float:
    """Give the daily useful heat for the reference irradiation, q reference/H, all in MJ/m2.

    q_17 is that for a reference of 17 MJ/m2. GB/T 18708-2002 [clause number unconfirmed; the form is unverified and the
    range of H within which it is allowed not established].
    Raises ValueError for an irradiation that is not above zero.
    """
    if not H > 0.0:
        raise ValueError(f"the irradiation of the day is {H} MJ/m2; a day without sun cannot be scaled.")
    return q * reference / H


def heat_loss_factor(
    *, t_first: float, t_last: float, t_amb: float, duration: float, water: Water | None = None
) -> float:
    """Give the average heat loss factor in W/(m3 K), U_SL = rho c_p ln[(t_first - t_amb)/(t_last - t_amb)]/duration.

    t_first, t_last: degC, of the mixed store at the begin and end of the night.  t_amb: degC, mean beside the store.
    duration: s.  water: the constants of practice unless given. GB/T 18708-2002, average heat loss factor [clause
    number unconfirmed]; the loss is taken to go with t_store - t_amb and the store to cool exponentially.
    Raises ValueError unless t_first > t_last > t_amb and duration > 0: else there is no loss or no logarithm.

    >>> round(heat_loss_factor(t_first=60.0, t_last=55.2, t_amb=15.0, duration=28800.0), 4)
    16.3976
    """
    if not duration > 0.0 or not math.isfinite(duration):
        raise ValueError(f"the night lasts {duration} s; give the time between the two readings.")
    if not math.isfinite(t_first) or not t_first > t_last:
        raise ValueError(
            f"the store goes from {t_first} to {t_last} degC and has not cooled; check the readings and that no "
            "auxiliary heater was on."
        )
    if not t_last > t_amb:
        raise ValueError(
            f"the store ends at {t_last} degC, not above the surroundings at {t_amb} degC; begin with a hotter store."
        )
    used = water or water_between(t_first=t_first, t_last=t_last, convention=PRACTICE)
    return used.rho * used.c_p * math.log((t_first - t_amb) / (t_last - t_amb)) / duration


def store_loss_coefficient(*, U_sl: float, V_s: float) -> float:
    """Give the heat loss coefficient of the store in W/K, U_S = U_sl V_s, as ISO 9459-2 states it [unverified].

    U_sl: W/(m3 K).  V_s: m3.
    """
    return U_sl * V_s


def cooled_temperature(*, U_sl: float, t_first: float, t_amb: float, duration: float) -> float:
    """Give the temperature in degC to which a store cools in `duration` s, for the constants of practice.

    The inverse of heat_loss_factor: t_amb + (t_first - t_amb) exp(-U_sl duration/(rho c_p)).  U_sl: W/(m3 K).
    """
    water = water_between(t_first=t_first, t_last=t_first, convention=PRACTICE)
    return t_amb + (t_first - t_amb) * math.exp(-U_sl * duration / (water.rho * water.c_p))
