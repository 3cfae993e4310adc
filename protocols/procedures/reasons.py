"""The sentences of a judgement, in both languages: what failed, what was not kept, what must be confirmed first."""

from collections.abc import Iterator, Sequence

from protocols.clauses import clause_zh
from protocols.limits import Limit
from protocols.method import Note
from protocols.procedures.entries import Gap, Value
from protocols.procedures.procedure import Bound, Derived, Entry, Observation, confirmed_for

_COMPARED = {
    "at least": ("at least", "不小于"),
    "at most": ("at most", "不大于"),
    "within": ("near", "允差之内，目标值"),
    "within fraction": ("near", "允差之内，目标值"),
}


def observation_notes(
    entry: Entry | Derived, seen: Sequence[Value | None], observation: Observation
) -> tuple[Note, ...]:
    """Tell what was seen that fails, or from which nothing follows."""
    for code, values, english, chinese in (
        ("failed", observation.fails, "this fails", "不合格"),
        ("undecided", observation.undecided, "nothing follows from it; inspect again", "无法判定；请重新检查"),
    ):
        rows = [number for number, value in enumerate(seen, start=1) if value in values]
        if rows:
            value = seen[rows[0] - 1]
            return (
                Note(
                    code=code,
                    sentence_en=f"{entry.name_en}: {value}{_rows_en(rows, seen)}; {english}.",
                    sentence_zh=f"{entry.name_zh}：{_in_chinese(entry, value)}{_rows_zh(rows, seen)}；{chinese}。",
                ),
            )
    return ()


def bound_notes(
    bound: Bound,
    entry: Entry | Derived,
    values: Sequence[float | None],
    target: float | None,
    used: Sequence[Limit],
    met: bool | None,
    edition: str,
) -> tuple[Note, ...]:
    """Tell a bound that is not kept, and the limits on which nobody may rely yet."""
    doubts = tuple(limit_notes(used, edition))
    if met is not False or target is None:
        return doubts
    english, chinese = _COMPARED[bound.comparison]
    tolerance = _tolerance(bound, used)
    clause = f" ({used[0].clause})" if used else ""
    worst = ", ".join(f"{value:g}" for value in values if value is not None)
    return (
        Note(
            code="not kept" if bound.otherwise == "not judged" else "failed",
            sentence_en=f"{entry.name_en}: {worst} {entry.unit}, must be {english} {target:g} {entry.unit}"
            f"{tolerance}{clause}.",
            sentence_zh=f"{entry.name_zh}：{worst} {entry.unit}，要求{chinese} {target:g} {entry.unit}{tolerance}"
            f"{f'（{clause_zh(used[0].clause)}）' if used else ''}。",
        ),
        *doubts,
    )


def limit_notes(used: Sequence[Limit], edition: str) -> Iterator[Note]:
    """Tell which limits must be found or confirmed before anybody may judge by them."""
    for limit in used:
        if not limit.established:
            yield Note(
                code="limit not found",
                sentence_en=f"Nobody has found the value of {limit.symbol} for {edition}; read it in the standard and "
                "confirm it.",
                sentence_zh=f"尚未查得 {edition} 的限值 {limit.symbol}；请查阅标准并确认。",
            )
        elif not confirmed_for(limit, edition):
            yield Note(
                code="limit not confirmed",
                sentence_en=f"{limit.symbol} = {limit.value:g} {limit.unit} is not confirmed for {edition}; compare it "
                "with the text of the standard.",
                sentence_zh=f"限值 {limit.symbol} = {limit.value:g} {limit.unit} 尚未按 {edition} 确认；"
                "请与标准文本核对。",
            )


def gap_note(gap: Gap) -> Note:
    """Tell an entry that is missing or whose two readings differ."""
    entry = gap.entry
    row_en, row_zh = (f" in row {gap.row}", f"（第 {gap.row} 行）") if gap.row else ("", "")
    if gap.differs:
        return Note(
            code="readings differ",
            sentence_en=f"The two readings of {entry.symbol} ({entry.name_en}){row_en} differ; look again.",
            sentence_zh=f"{entry.symbol}（{entry.name_zh}）{row_zh}两次录入不一致；请重新核对。",
        )
    return Note(
        code="missing",
        sentence_en=f"{entry.symbol} ({entry.name_en}) is missing{row_en}; record it.",
        sentence_zh=f"缺少 {entry.symbol}（{entry.name_zh}）{row_zh}；请补录。",
    )


def stopped_note(why: str) -> Note:
    """Tell that the test did not come to its end."""
    return Note(
        code="stopped",
        sentence_en=f"The test was ended early: {why}. It can fail and cannot pass.",
        sentence_zh=f"试验提前终止：{why}。可判不合格，不可判合格。",
    )


def _in_chinese(entry: Entry | Derived, value: Value | None) -> str:
    return entry.in_chinese(str(value)) if isinstance(entry, Entry) else str(value)


def _tolerance(bound: Bound, used: Sequence[Limit]) -> str:
    if not bound.tolerance:
        return ""
    width = used[-1].value
    return f" ± {100 * width:g} %" if bound.comparison == "within fraction" else f" ± {width:g} {used[-1].unit}"


def _rows_en(rows: Sequence[int], seen: Sequence[object]) -> str:
    return f" in row {', '.join(map(str, rows))}" if len(seen) > 1 else ""


def _rows_zh(rows: Sequence[int], seen: Sequence[object]) -> str:
    return f"（第 {'、'.join(map(str, rows))} 行）" if len(seen) > 1 else ""
