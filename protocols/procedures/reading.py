"""Read procedures from TOML: one file an edition, one table a procedure, every mistake told with file, table and key.

A file begins with `edition` and `limit_table`. A table may take over another procedure with
`same_as = "iso9806-2017-rain"`; it then says what is known to differ (or the head of its file says so for all), and
each key it gives replaces the whole key taken over.
"""

import string
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from protocols.procedures.procedure import (
    COMPARISONS,
    DERIVATIONS,
    KINDS,
    RATINGS,
    YES_NO,
    Bound,
    Derived,
    Entry,
    Observation,
    Procedure,
    Repetition,
    Step,
)
from protocols.procedures.tables import built, wrong
from protocols.symbols import QUANTITIES

Part = TypeVar("Part", Step, Entry, Repetition, Derived, Bound, Observation)

_PARTS: Mapping[str, type[Any]] = {
    "steps": Step,
    "entries": Entry,
    "repetitions": Repetition,
    "derived": Derived,
    "conditions": Bound,
    "bounds": Bound,
    "observations": Observation,
}
_HEAD = ("edition", "limit_table")
_DIFFERS = ("differs_en", "differs_zh")
_OPERANDS = {
    "difference": 2,
    "difference per": 3,
    "largest step": 1,
}  # "highest passed" has a number and any yes-no entries
# Verdict when a bound is not kept, where the file says nothing.
_OTHERWISE = {"conditions": "not judged", "bounds": "fail"}


@cache
def procedures(folder: Path) -> dict[str, Procedure]:
    """Find the procedures of every file of a folder (config/procedures), by id, in the order of files and tables.

    Raises ValueError, naming file, procedure and key, for anything missing, unknown or of a wrong kind, for two
    procedures of one name, and for one that is taken over from, or comes after, a procedure that does not exist.
    """
    tables = _tables(folder)
    found = {id_: read_procedure(id_, table, known=tables) for id_, table in tables.items()}
    for one in found.values():
        for earlier in one.after:
            if earlier not in found:
                raise wrong(tables[one.id]["file"], one.id, f"it comes after {earlier!r}, which no file has")
    return found


def _tables(folder: Path) -> dict[str, dict[str, Any]]:
    tables: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.toml")):
        for id_, table in _file(path).items():
            if id_ in tables:
                raise wrong(path.name, id_, f"this id stands in {tables[id_]['file']} too; rename one of them")
            tables[id_] = table
    return tables


def _file(path: Path) -> dict[str, dict[str, Any]]:
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name} is not valid TOML: {error}.") from error
    head = {key: document.pop(key, "") for key in _HEAD}
    for key, value in head.items():
        if not isinstance(value, str) or not value:
            raise ValueError(f"{path.name}: the file must begin with {key} as a text.")
    differs = {key: document.pop(key) for key in _DIFFERS if key in document}
    for id_, table in document.items():
        if not isinstance(table, dict):
            raise wrong(path.name, id_, "it is not a table; write [id] above its keys")
    head["file"] = path.name
    return {id_: {**head, **(differs if "same_as" in table else {}), **table} for id_, table in document.items()}


def read_procedure(id_: str, table: Mapping[str, Any], *, known: Mapping[str, Mapping[str, Any]]) -> Procedure:
    """Build a procedure from its parsed table.

    table: its keys, with edition, limit_table and file.  known: the tables of all files, for `same_as`.
    Raises ValueError naming file, procedure and key.
    """
    file, whole = str(table["file"]), _whole(id_, table, known, ())
    del whole["file"]
    for key, part in _PARTS.items():
        whole[key] = tuple(_parts(file, id_, key, part, whole.get(key, [])))
    procedure: Procedure = built(Procedure, {"id": id_, **whole}, file, id_)
    for mistake in _inconsistent(procedure):
        raise wrong(file, id_, mistake)
    return procedure


def _whole(
    id_: str, table: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]], above: tuple[str, ...]
) -> dict[str, Any]:
    """Lay a table over the one it takes over, and that over its own."""
    if "same_as" not in table:
        return dict(table)
    file, origin = str(table["file"]), table["same_as"]
    if origin not in known or origin in (*above, id_):
        raise wrong(file, id_, f"same_as names {origin!r}, which is no procedure or is taken over from this one")
    for key in _DIFFERS:
        if not table.get(key):
            raise wrong(file, id_, f"it is taken over and must say in {key} what is known to differ")
    return {**_whole(origin, known[origin], known, (*above, id_)), **table}


def _parts(file: str, id_: str, key: str, part: type[Part], tables: object) -> Iterator[Part]:
    if not isinstance(tables, list):
        raise wrong(file, id_, f"{key} must be a list of tables")
    for number, table in enumerate(tables, start=1):
        where = f"{key}, number {number}"
        if not isinstance(table, dict):
            raise wrong(file, id_, f"{where} is not a table")
        filled = {"otherwise": _OTHERWISE[key], **table} if part is Bound else table
        yield built(part, filled, file, f"{id_}, {where}")


# --- what no single key shows ---


def _inconsistent(procedure: Procedure) -> Iterator[str]:
    yield from _names(procedure)
    yield from _entries(procedure)
    for derived in procedure.derived:
        yield from _derived(procedure, derived)
    for bound in (*procedure.conditions, *procedure.bounds):
        yield from _bound(procedure, bound)
    for observation in procedure.observations:
        yield from _observation(procedure, observation)
    for symbol in procedure.environment:
        if symbol not in QUANTITIES:
            yield f"environment names {symbol!r}, which is no symbol of the glossary"
    for step in procedure.steps:
        if _placeholders(step.en) != _placeholders(step.zh):
            yield f"the step {step.en!r} names other limits in Chinese"
    if not procedure.scope_en and procedure.visual == bool(procedure.measured):
        names = ", ".join(entry.symbol for entry in procedure.measured)
        yield f"it says it is visual and {names} decides" if names else "no number decides: it must say visual = true"
    if not procedure.scope_en and not (procedure.bounds or procedure.observations):
        yield "it has no criterion, so that nothing could fail"


def _names(procedure: Procedure) -> Iterator[str]:
    names = [one.symbol for one in procedure.entries]
    names += [one.symbol for one in procedure.derived]
    names += [one.symbol for one in procedure.repetitions]
    for name in names:
        if names.count(name) > 1 or name == "stopped":
            yield f"the symbol {name!r} is used twice or reserved"


def _entries(procedure: Procedure) -> Iterator[str]:
    rows = {one.symbol for one in procedure.repetitions}
    for entry in procedure.entries:
        if entry.kind not in KINDS:
            yield f"entry {entry.symbol} is of the kind {entry.kind!r}; known are {', '.join(KINDS)}"
        if (entry.kind == "number") != bool(entry.unit):
            yield f"entry {entry.symbol} must have a unit if it is a number, and only then"
        if (entry.kind == "choice") != bool(entry.choices):
            yield f"entry {entry.symbol} must have choices if it is a choice, and only then"
        if entry.choices_zh and len(entry.choices_zh) != len(entry.choices):
            yield f"entry {entry.symbol} must name all of its choices in Chinese, or none"
        if entry.double and entry.kind != "number":
            yield f"entry {entry.symbol} is no number and cannot be entered twice"
        if entry.each and entry.each not in rows:
            yield f"entry {entry.symbol} stands in {entry.each!r}, which is no repetition"


def _derived(procedure: Procedure, derived: Derived) -> Iterator[str]:
    if derived.kind not in DERIVATIONS:
        yield f"{derived.symbol} is derived by {derived.kind!r}; known are {', '.join(DERIVATIONS)}"
        return
    kinds = [_kind(procedure, symbol) for symbol in derived.of]
    if derived.kind == "highest passed":
        if kinds[:1] != ["number"] or set(kinds[1:]) != {"yes-no"}:
            yield f"{derived.symbol} needs a number and then yes-no entries"
    elif kinds != ["number"] * _OPERANDS[derived.kind]:
        yield f"{derived.symbol} needs {_OPERANDS[derived.kind]} numbers"


def _bound(procedure: Procedure, bound: Bound) -> Iterator[str]:
    yield from _optional(procedure, (bound.entry, bound.times, bound.declared, bound.by, bound.unless))
    for symbol in filter(None, (bound.entry, bound.times, bound.declared)):
        if _kind(procedure, symbol) != "number":
            yield f"{symbol!r} is compared and is no number of this procedure"
    if bound.comparison not in COMPARISONS:
        yield f"{bound.entry} is compared by {bound.comparison!r}; known are {', '.join(COMPARISONS)}"
    if bool(bound.limit) == bool(bound.declared):
        yield f"{bound.entry} needs either a limit or a declared value as its bound"
    if bound.comparison.startswith("within") != bool(bound.tolerance):
        yield f"{bound.entry} needs a tolerance for “within”, and only then"
    if bound.by and _kind(procedure, bound.by) != "choice":
        yield f"{bound.by!r} chooses the limit of {bound.entry} and is no choice"
    if bound.unless and _kind(procedure, bound.unless) != "yes-no":
        yield f"{bound.unless!r} leaves out rows of {bound.entry} and is no yes-no entry"
    if bound.otherwise not in ("fail", "not judged"):
        yield f"{bound.entry} has otherwise = {bound.otherwise!r}; write “fail” or “not judged”"


def _observation(procedure: Procedure, observation: Observation) -> Iterator[str]:
    entry = next((one for one in procedure.entries if one.symbol == observation.entry), None)
    if entry is None:
        yield f"the observation {observation.entry!r} is no entry"
        return
    yield from _optional(procedure, (entry.symbol,))
    possible = allowed(entry)
    if not observation.fails or not {*observation.fails, *observation.undecided} <= set(possible):
        yield f"the observation {entry.symbol} must fail by some of {', '.join(possible) or 'its choices'}"


def _optional(procedure: Procedure, symbols: tuple[str, ...]) -> Iterator[str]:
    for entry in procedure.entries:
        if entry.symbol in symbols and not entry.required:
            yield f"entry {entry.symbol} decides and must be required"


def allowed(entry: Entry) -> tuple[str, ...]:
    """Give the texts that an entry may have; empty = any."""
    return {"rating": RATINGS, "yes-no": YES_NO}.get(entry.kind, entry.choices)


def _kind(procedure: Procedure, symbol: str) -> str:
    if any(one.symbol == symbol for one in procedure.derived):
        return "number"
    return next((one.kind for one in procedure.entries if one.symbol == symbol), "")


def _placeholders(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)
