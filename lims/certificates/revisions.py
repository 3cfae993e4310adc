"""What was changed in a PDF after each of its signatures, found once for a file and remembered by its digest.

To compare the revisions of a tagged report takes most of the time of a verification, and the same report is verified
again and again: while it is issued, by the company, by anyone. What is found depends on the bytes of the file alone.
"""

from __future__ import annotations

from typing import Any

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DEFAULT_DIFF_POLICY, DiffPolicy, DiffResult, SuspiciousModification

_MOST = 1024
"""Findings kept; each is a few hundred bytes, the oldest goes first."""


class RememberedChanges(DiffPolicy):
    """pyHanko's own policy for the file with this SHA-256; what it found suspicious is looked at anew each time."""

    _known: dict[tuple[str, int, str], DiffResult] = {}  # noqa: RUF012 - of all files

    def __init__(self, sha256: str) -> None:
        self._sha256 = sha256

    def review_file(
        self, reader: PdfFileReader, base_revision: Any, field_mdp_spec: Any = None, doc_mdp: Any = None
    ) -> DiffResult | SuspiciousModification:
        """The changes since a revision, under what its signature permits."""
        number = base_revision if isinstance(base_revision, int) else base_revision.revision
        key = (self._sha256, number, f"{field_mdp_spec} {doc_mdp}")
        if key in self._known:
            return self._known[key]
        found = DEFAULT_DIFF_POLICY.review_file(reader, base_revision, field_mdp_spec=field_mdp_spec, doc_mdp=doc_mdp)
        if isinstance(found, DiffResult):
            if len(self._known) >= _MOST:
                self._known.pop(next(iter(self._known)), None)
            self._known[key] = found
        return found
