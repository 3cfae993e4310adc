"""What is to go wrong on a simulated bench, as a person asks for it: in words on the command line or in a TOML file.

flow-meter:silence              all the time
flow-meter:late=0.8@60+30       from one minute after the start for 30 s, each answer 0.8 s late

[[fault]]
instrument = "flow-meter"
kind = "late"
begin = 60.0                    # s after the start, by the plant's clock
duration = 30.0                 # s; left out: to the end
delay = 0.8                     # s; only of late answers
"""

import math
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path

from instruments.simulation.schedule import KINDS, LATE, Episode
from instruments.toml_table import read_toml
from lims.errors import BadInput

_NUMBER = r"\d+(?:\.\d*)?|\.\d+"
_WORDS = re.compile(
    rf"(?P<instrument>.+):(?P<kind>[a-z-]+)(?:=(?P<delay>{_NUMBER}))?"
    rf"(?:@(?P<begin>{_NUMBER})(?:\+(?P<duration>{_NUMBER}))?)?"
)


def spoken(text: str, *, start: float, instruments: Iterable[str]) -> Episode:
    """The episode in one option; `start` [s UTC] of the plant's clock. Raises BadInput."""
    match = _WORDS.fullmatch(text)
    if match is None:
        raise BadInput(
            f"--fault {text}: write it as INSTRUMENT:KIND@BEGIN+SECONDS, for example flow-meter:silence@60+30.",
            f"--fault {text}：请写成 仪器:故障@开始+秒数，例如 flow-meter:silence@60+30。",
        )
    begin, duration, delay = (
        float(match[key]) if match[key] else usual
        for key, usual in (("begin", 0.0), ("duration", math.inf), ("delay", 0.0))
    )
    _must_be_known(f"--fault {text}", match["instrument"], match["kind"], instruments, delay)
    return Episode(match["instrument"], match["kind"], start + begin, start + begin + duration, delay)


def written(path: Path, *, start: float, instruments: Iterable[str]) -> Iterator[Episode]:
    """The episodes in a file. Raises BadInput or BenchRefused, with the line."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            f"{path} cannot be read ({error}): check the name.", f"无法读取 {path}（{error}）：请检查文件名。"
        ) from error
    known = tuple(instruments)
    file = read_toml(text, source=path.name)
    rows = file.tables("fault")
    file.must_be_used_up()
    for number, row in enumerate(rows, 1):
        instrument, kind = row.take("instrument", str), row.take("kind", str)
        begin = float(row.take("begin", int, Decimal, default=0))
        duration = float(row.take("duration", int, float, Decimal, default=math.inf))
        delay = float(row.take("delay", int, Decimal, default=0))
        row.must_be_used_up()
        _must_be_known(f"{path.name}, [[fault]] {number}", instrument, kind, known, delay)
        yield Episode(instrument, kind, start + begin, start + begin + duration, delay)


def _must_be_known(where: str, instrument: str, kind: str, instruments: Iterable[str], delay: float) -> None:
    known = tuple(instruments)
    for what_en, what_zh, value, allowed in (
        ("instrument", "仪器", instrument, known),
        ("kind of fault", "故障种类", kind, tuple(KINDS)),
    ):
        if value not in allowed:
            raise BadInput(
                f"{where}: there is no {what_en} {value!r}; there are {', '.join(allowed)}.",
                f"{where}：没有{what_zh} {value!r}；可用：{'、'.join(allowed)}。",
            )
    if delay and kind != LATE:
        raise BadInput(
            f"{where}: a delay belongs to {LATE}, not to {kind}; take it out.",
            f"{where}：延迟只用于 {LATE}，不用于 {kind}；请删除。",
        )
