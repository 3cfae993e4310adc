"""The sealed record of a manual test (`heliobench.manual/1`), read and judged again by anyone who holds it. Pure.

The document holds every entry ever made, the limits as they counted and the digests of the photographs; the judgement
(`heliobench.judgement/1`) follows from it by `protocols.procedures.judging` and nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import protocols.procedures
from lims.canonical import canonical_json, finite
from lims.errors import BadInput
from lims.manual import record as records
from lims.repertoire import procedures
from protocols.limits import limit_from_dict
from protocols.procedures.judging import Judgement, judge
from protocols.procedures.procedure import Procedure

SCHEMA = records.SCHEMA
JUDGEMENT = "heliobench.judgement/1"
NEEDED = frozenset({"schema", "number", "job", "procedure", "edition", "record", "entries", "limits"})
"""What the document of a record must name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that was written, as the document tells it; ``name`` and ``reason`` may be empty."""

    symbol: str
    row: int
    reading: int
    text: str
    reason: str
    at: str
    person: str
    name: str = ""

    @property
    def place(self) -> records.Place:
        """Where in the record it stands."""
        return self.symbol, self.row, self.reading


def entries_of(document: Mapping[str, Any]) -> list[Entry]:
    """Every entry in the order in which they were made; `BadInput` for a document that is none."""
    try:
        return [Entry(**one) for one in document["entries"]]
    except (KeyError, TypeError) as error:
        raise _unusable(error) from error


def procedure_of(document: Mapping[str, Any]) -> Procedure:
    """The procedure by which a record was made; `BadInput` if this program has none of that name."""
    found = procedures().get(str(document.get("procedure")))
    if found is None:
        raise BadInput(
            f"This program has no manual test '{document.get('procedure')}'.",
            f"本程序没有人工试验“{document.get('procedure')}”。",
        )
    return found


def judge_again(document: Mapping[str, Any]) -> dict[str, Any]:
    """The judgement that follows from the entries and the limits of a sealed record, as a document.

    Raises `BadInput` for a document that is none, and what `protocols.procedures.judging.judge` raises.
    """
    procedure, entries = procedure_of(document), entries_of(document)
    try:
        limits = {symbol: limit_from_dict(one) for symbol, one in document["limits"].items()}
    except (KeyError, TypeError, AttributeError) as error:
        raise _unusable(error) from error
    return judgement_document(judge(procedure, records.folded(procedure, entries), limits))


def judgement_document(judgement: Judgement) -> dict[str, Any]:
    """A judgement as it is kept (schema heliobench.judgement/1)."""
    told = finite(asdict(judgement))
    return {"schema": JUDGEMENT, **told}


def program_digest(procedure: Procedure) -> str:
    """SHA-256 over what judges: the procedure as data, and the source of protocols/procedures."""
    digest = hashlib.sha256(canonical_json(finite(asdict(procedure))))
    for path in sorted(Path(protocols.procedures.__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def unlike_events(document: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> int:
    """How many entries and events of a record do not tell the same, one by one in their order.

    events: as `lims.audit.as_dict` gave them, of this record alone; those that write nothing are passed over, but for
    the last one, which authorised the document of this digest.
    """
    told = [_of_event(one) for one in events if one.get("action") == "write"]
    kept = [(one.symbol, one.row, one.reading, one.text, one.reason) for one in entries_of(document)]
    differ = sum(a != b for a, b in zip(told, kept, strict=False)) + abs(len(told) - len(kept))
    return differ + (_authorised(events) != hashlib.sha256(canonical_json(document)).hexdigest())


def _of_event(event: Mapping[str, Any]) -> tuple[Any, ...] | None:
    detail = event.get("detail")
    if not isinstance(detail, Mapping):
        return None
    return tuple(detail.get(name) for name in ("symbol", "row", "reading", "text", "why"))


def _authorised(events: Sequence[Mapping[str, Any]]) -> str:
    """The digest of the record that was authorised last; empty if none was."""
    details = [one.get("detail") for one in events if one.get("action") == "authorise"]
    return str(details[-1].get("record", "")) if details and isinstance(details[-1], Mapping) else ""


def _unusable(error: Exception) -> BadInput:
    return BadInput(
        f"The record of the manual test cannot be used ({type(error).__name__}: {error}); ask for the bundle again.",
        f"人工试验记录无法使用（{type(error).__name__}：{error}）；请重新索取证据包。",
    )
