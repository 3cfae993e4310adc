"""How a test stands while it is recorded: conditions as lights, what is measured already, what is still needed.

A method that can be watched says so by the functions it evaluates with: a light holds exactly when the evaluation would
take the stretch of the record that ends now, and what is counted here is what the evaluation counts.
"""

from dataclasses import dataclass

from protocols.limits import Limit
from protocols.method import Refusal

HOLDS, FAILS, UNKNOWN = "holds", "fails", "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """One condition at the end of the record.

    state: HOLDS, FAILS, or UNKNOWN while the record is too short to tell.  refuses: whether the evaluation refuses what
    does not hold; else the result only says so.  value: of the stretch that ends now.  limit: None where
    there is no number.  least: whether the limit is the least value; else it is the largest.
    """

    code: str
    name_en: str
    name_zh: str
    state: str
    refuses: bool
    sentence_en: str
    sentence_zh: str
    value: float | None = None
    limit: Limit | None = None
    least: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One thing a test needs of its whole record: `value` so far, and `needed`, at least or at most.

    advice: what to do when it is not met.  required: whether the evaluation refuses without it.
    """

    code: str
    name_en: str
    name_zh: str
    value: float
    needed: float
    unit: str
    least: bool
    confirmed: bool
    required: bool
    advice_en: str
    advice_zh: str

    @property
    def met(self) -> bool:
        """Whether the record has it already."""
        return self.value >= self.needed if self.least else self.value <= self.needed


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """How a test stands.

    stretch: s, of the record's end that the lights are about.  used: points or windows that the evaluation would use.
    refusals: why the others would not be, with counts.
    """

    stretch: float
    used: int
    lights: tuple[Light, ...]
    needs: tuple[Need, ...]
    refusals: tuple[Refusal, ...]

    @property
    def state(self) -> str:
        """FAILS when a light that refuses fails, UNKNOWN while one cannot tell, else HOLDS."""
        states = {light.state for light in self.lights if light.refuses}
        return FAILS if FAILS in states else UNKNOWN if UNKNOWN in states or not states else HOLDS

    @property
    def advice(self) -> tuple[str, str]:
        """What to do next, in English and Chinese."""
        failing = next((light for light in self.lights if light.refuses and light.state == FAILS), None)
        if failing is not None:
            return (
                f"Mend this first, what is recorded now is not used: {failing.sentence_en}",
                f"请先处理，当前记录不会被采用：{failing.sentence_zh}",
            )
        lacking = sorted((need for need in self.needs if not need.met), key=lambda need: not need.required)
        if lacking:
            return lacking[0].advice_en, lacking[0].advice_zh
        return (
            "Everything that is expected has been measured: the run can be sealed and evaluated.",
            "所需内容均已测得：可以封存试验记录并计算。",
        )


def count(
    *, code: str, name: tuple[str, str], value: float, limit: Limit, required: bool, advice: tuple[str, str]
) -> Need:
    """Give the need of at least so many as a limit says."""
    return Need(
        code=code, name_en=name[0], name_zh=name[1], value=value, needed=limit.value, unit="1", least=True,
        confirmed=limit.confirmed, required=required, advice_en=advice[0], advice_zh=advice[1],
    )  # fmt: skip


def reach(
    *,
    code: str,
    name: tuple[str, str],
    value: float,
    limit: Limit,
    least: bool,
    advice: tuple[str, str],
    unit: str = "",
) -> Need:
    """Give the need to come as far as a limit says, above or below."""
    return Need(
        code=code, name_en=name[0], name_zh=name[1], value=value, needed=limit.value, unit=unit or limit.unit,
        least=least, confirmed=limit.confirmed, required=False, advice_en=advice[0], advice_zh=advice[1],
    )  # fmt: skip
