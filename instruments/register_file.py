"""A register map as a TOML file: what a technician writes for a transmitter that has no driver of its own.

    title = "Irradiance transmitter"
    source = "maker's sheet 2021-03; checked against the display on 2026-05-04"
    function = 3                    # 3 = holding, 4 = input registers
    base = 0                        # number of the sheet's first register: 0, 1, 30001, 40001, …
    word_order = "high-first"       # of numbers in several registers; or "low-first"
    byte_order = "high-first"       # within a register; or "low-first"
    gap = 2                         # so many registers in a row that mean nothing to us may be read over
    most = 125                      # registers that one question may ask for

    [[channel]]
    name = "irradiance"
    register = 0
    type = "s16"                    # u16 s16 u32 s32 u64 s64 f32 f64
    unit = "W/m2"
    scale = 0.1                     # value = raw · scale + offset
    offset = 0
    scale_register = 4              # raw is divided by what this register says,
    scale_type = "s16"
    scale_rule = "power-of-ten"     # here 10 to its power; "divide": the number itself
    missing = [0x8000]              # codes (bits of the registers) that say "no value"
    low = -400.0                    # values beyond are faults
    high = 4000.0

    [[status]]
    register = 3
    type = "u16"
    mask = 0xFFF7                   # these bits …
    expected = 0                    # … must read so
    channels = ["irradiance"]       # whom it concerns; none = all
    text_en = "signal void or overflow"
    text_zh = "信号无效或溢出"

    [identity]                      # where the device says who it is
    serial = { register = 42, type = "u16" }
    model = { register = 0, type = "u16", names = { "603" = "SMP11" } }

Only title, source, function, base and the first four keys of each channel are necessary. Numbers with a point are taken
as they are written: 0.1 is one tenth. A key that is not known is refused, because a misspelt one would be silently
without effect; a scale or status that cannot be read in one question with its channel is refused too.
"""

import re
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from instruments.registers import (
    DIVIDE,
    HIGH_FIRST,
    HOLDING,
    INPUT,
    LOW_FIRST,
    MOST_REGISTERS,
    POWER_OF_TEN,
    WORDS,
    Channel,
    Register,
    RegisterMap,
    Status,
)
from instruments.toml_table import TomlTable, read_toml

ORDERS = (HIGH_FIRST, LOW_FIRST)
LAST_REGISTER = 0xFFFF
HIGHEST_BASE = 400001  # the largest number that makers give to their first register


@dataclass(frozen=True, slots=True, kw_only=True)
class _Common:
    """What holds for all registers of a file."""

    function: int
    base: int
    word_order: str
    byte_order: str


def read_map(text: str, *, source: str) -> RegisterMap:
    """The register map that a TOML text describes; `source` is named in refusals.

    Raises BenchRefused with the file, the line, what is wrong and what may stand there.
    """
    top = read_toml(text, source=source)
    for key in ("title", "source"):
        if not top.take(key, str).strip():
            raise top.refused("value", key, f"{key} is empty", f"{key} 为空")
    common = _Common(
        function=top.take("function", int, choices=(HOLDING, INPUT)),
        base=top.whole_number("base", low=0, high=HIGHEST_BASE),
        word_order=top.take("word_order", str, default=HIGH_FIRST, choices=ORDERS),
        byte_order=top.take("byte_order", str, default=HIGH_FIRST, choices=ORDERS),
    )
    serial, model, models = _identity(top.table("identity"), common)
    found = RegisterMap(
        channels=tuple(_channel(one, common) for one in top.tables("channel")),
        statuses=tuple(_status(one, common) for one in top.tables("status")),
        serial=serial,
        model=model,
        models=models,
        gap=top.whole_number("gap", low=0, high=MOST_REGISTERS, default=0),
        most=top.whole_number("most", low=1, high=MOST_REGISTERS, default=MOST_REGISTERS),
    )
    top.must_be_used_up()
    _names_must_fit(found, top)
    for channel in found.channels:
        _must_be_one_question(found, channel, top)
    return found


def _channel(table: TomlTable, common: _Common) -> Channel:
    name = table.take("name", str)
    if not re.fullmatch(r"[A-Za-z]\w*", name, re.ASCII):
        raise table.refused(
            "value", "name", f"name = {name!r} is not letters, digits and _", f"name = {name!r} 只能用字母、数字和 _"
        )
    register = _register(table, common)
    scale_register, rule = _scale(table, common)
    channel = Channel(
        name=name,
        register=register,
        unit=table.take("unit", str),
        scale=table.exact("scale", default=1),
        offset=table.exact("offset", default=0),
        scale_register=scale_register,
        scale_rule=rule,
        missing=_codes(table, register),
        low=float(Decimal(table.take("low", int, Decimal, default="-inf"))),
        high=float(Decimal(table.take("high", int, Decimal, default="inf"))),
    )
    table.must_be_used_up()
    if channel.scale == 0:
        raise table.refused("value", "scale", "scale is 0", "scale 为 0")
    if not channel.low < channel.high:
        raise table.refused("value", "low", "low must be less than high", "low 必须小于 high")
    return channel


def _register(table: TomlTable, common: _Common, prefix: str = "") -> Register:
    key = f"{prefix}register"
    number = table.whole_number(key, low=common.base, high=common.base + LAST_REGISTER)
    found = Register(
        start=number - common.base,
        type=table.take(f"{prefix}type", str, choices=tuple(WORDS)),
        function=table.take(f"{prefix}function", int, default=common.function, choices=(HOLDING, INPUT)),
        word_order=table.take(f"{prefix}word_order", str, default=common.word_order, choices=ORDERS),
        byte_order=table.take(f"{prefix}byte_order", str, default=common.byte_order, choices=ORDERS),
    )
    if found.end > LAST_REGISTER + 1:
        raise table.refused(
            "value", key, f"{key} = {number} reaches beyond the last register", f"{key} = {number} 超出最后一个寄存器"
        )
    return found


def _scale(table: TomlTable, common: _Common) -> tuple[Register | None, str]:
    if not table.has("scale_register"):
        return None, DIVIDE
    return _register(table, common, "scale_"), table.take("scale_rule", str, choices=(DIVIDE, POWER_OF_TEN))


def _codes(table: TomlTable, register: Register) -> frozenset[int]:
    codes = table.take("missing", list, default=[])
    for code in codes:
        if not isinstance(code, int) or isinstance(code, bool) or not 0 <= code < 1 << 16 * register.count:
            raise table.refused(
                "value",
                "missing",
                f"missing = {code!r} is not the bits of {register.count} registers, such as 0x8000",
                f"missing = {code!r} 不是 {register.count} 个寄存器的位值，例如 0x8000",
            )
    return frozenset(codes)


def _status(table: TomlTable, common: _Common) -> Status:
    register = _register(table, common)
    highest = (1 << 16 * register.count) - 1
    status = Status(
        register=register,
        mask=table.whole_number("mask", low=1, high=highest),
        expected=table.whole_number("expected", low=0, high=highest, default=0),
        channels=tuple(table.take("channels", list, default=[])),
        text_en=table.take("text_en", str),
        text_zh=table.take("text_zh", str),
    )
    table.must_be_used_up()
    if status.expected & ~status.mask:
        raise table.refused(
            "value", "expected", "expected has bits that are not in mask", "expected 含有 mask 之外的位"
        )
    return status


def _identity(table: TomlTable, common: _Common) -> tuple[Register | None, Register | None, dict[str, str]]:
    registers: dict[str, Register | None] = {"serial": None, "model": None}
    names: dict[str, str] = {}
    for key in registers:
        if table.has(key):
            inner = table.table(key)
            registers[key] = _register(inner, common)
            names |= inner.take("names", dict, default={}) if key == "model" else {}
            inner.must_be_used_up()
    table.must_be_used_up()
    if not all(number.isdigit() and isinstance(name, str) for number, name in names.items()):
        raise table.refused(
            "value", "names", 'names should be like { "603" = "SMP11" }', 'names 应形如 { "603" = "SMP11" }'
        )
    return registers["serial"], registers["model"], names


def _names_must_fit(found: RegisterMap, top: TomlTable) -> None:
    names = [one.name for one in found.channels]
    if not names:
        raise top.refused("missing", "channel", "there is no [[channel]]", "没有 [[channel]]")
    for name, count in Counter(names).items():
        if count > 1:
            raise top.refused(
                "twice", "channel", f"channel {name!r} is given {count} times", f"通道 {name!r} 出现了 {count} 次"
            )
    for name in (name for one in found.statuses for name in one.channels):
        if name not in names:
            raise top.refused(
                "value",
                "status",
                f"a status speaks of {name!r}, which is no channel",
                f"状态引用了不存在的通道 {name!r}",
            )


def _must_be_one_question(found: RegisterMap, channel: Channel, top: TomlTable) -> None:
    """Number, scale and status of a channel must be of one moment: of one function and near enough."""
    wanted = found.together(channel)
    begin, end = min(one.start for one in wanted), max(one.end for one in wanted)
    hole = _longest_hole(found, wanted[0].function, begin, end)
    if len({one.function for one in wanted}) > 1 or end - begin > found.most or hole > found.gap:
        en = f"{end - begin} registers, {hole} of them in a row without meaning"
        zh = f"共 {end - begin} 个寄存器，其中连续 {hole} 个无定义"
        raise top.refused(
            "together",
            "gap",
            f"channel {channel.name} cannot be read in one question with scale and status ({en}); they must have one "
            "function, and gap and most must allow it",
            f"通道 {channel.name} 无法与其量程和状态在一次请求中读取（{zh}）；功能码须相同，且 gap 和 most 须允许",
        )


def _longest_hole(found: RegisterMap, function: int, begin: int, end: int) -> int:
    """The most registers in a row that the map does not know."""
    known = [one for channel in found.channels for one in found.together(channel) if one.function == function]
    longest = length = 0
    for address in range(begin, end):
        length = 0 if any(one.start <= address < one.end for one in known) else length + 1
        longest = max(longest, length)
    return longest
