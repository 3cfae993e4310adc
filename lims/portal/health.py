"""Is the instance well: the database answers and has this program's shape, the store can be written."""

from __future__ import annotations

import os

from sqlalchemy.exc import SQLAlchemyError

from lims import migrate
from lims.laboratory import Laboratory


def health(laboratory: Laboratory) -> dict[str, object]:
    """``ok`` and the parts it is made of; never raises for a part that is not well."""
    revision, needed = _revision(laboratory), migrate.head()
    folder = laboratory.settings.instance_path
    writable = folder.is_dir() and os.access(folder, os.W_OK)
    return {
        "ok": revision == needed and writable,
        "database": revision is not None,
        "revision": revision,
        "revision_needed": needed,
        "store_writable": writable,
    }


def _revision(laboratory: Laboratory) -> str | None:
    try:
        return migrate.current(laboratory.database)
    except SQLAlchemyError:  # an unreachable database is what this page is there to tell
        return None
