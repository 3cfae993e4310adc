"""Whether a diffuse incidence angle modifier goes with the modifier of the beam."""

from collections.abc import Mapping

from protocols.collectors.modifier import Modifier
from protocols.limits import Limit
from protocols.method import Note


def plausibility(*, Kd: float, modifier: Modifier, limits: Mapping[str, Limit]) -> Note | None:
    """Give a note where Kd [1] lies unusually far from the mean of the beam's modifier over an isotropic hemisphere.

    Kd of a quasi-dynamic test is a coefficient of regression, of a sky that is brighter around the sun: in nine
    certificates the isotropic mean is lower by 0.006 to 0.106. So this is never a reason to refuse.
    limits: `Kd_isotropic_low` and `Kd_isotropic_high` of config/limits/standard_reporting.toml, for mean minus Kd.
    """
    mean = modifier.diffuse()
    low, high = limits["Kd_isotropic_low"].value, limits["Kd_isotropic_high"].value
    if low <= mean - Kd <= high:
        return None
    return Note(
        code="Kd_isotropic",
        sentence_en=f"Kd = {Kd:.3f} and the isotropic mean of the beam's modifier, {mean:.3f}, differ by "
        f"{mean - Kd:+.3f}; usual is {low:+.2f} to {high:+.2f}. Check the overcast data and the modifier at large "
        "angles.",
        sentence_zh=f"Kd = {Kd:.3f} 与直射修正系数的各向同性均值 {mean:.3f} 相差 {mean - Kd:+.3f}，"
        f"通常为 {low:+.2f} 至 {high:+.2f}；请检查阴天数据与大入射角的修正系数。",
    )
