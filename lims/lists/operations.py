"""Verbs about saved views: keep, share, open first, remove."""

from __future__ import annotations

import sqlalchemy as sa

from lims.errors import BadInput
from lims.laboratory import Work
from lims.lists import queries
from lims.lists.models import ListView
from lims.permissions import STAFF

MOST_VIEWS = 30  # of one list for one person
LONGEST_NAME, LONGEST_QUERY = 60, 1000


def keep(
    work: Work, *, list_name: str, name: str, query: str, shared: bool = False, opens_first: bool = False
) -> ListView:
    """Keep filters and order under a name; the same name again replaces what it meant."""
    name = " ".join(name.split())
    _require_possible(name, query)
    if shared and not work.actor.roles & STAFF:
        raise BadInput("Views are shared by the laboratory's staff.", "只有本中心人员可以共享视图。")
    if work.actor.id is None:
        raise BadInput("A view belongs to a person.", "视图须属于具体人员。")
    own = [one for one in queries.views(work.session, list_name, work.actor) if one.person_id == work.actor.id]
    found = next((one for one in own if one.name == name), None)
    if found is None and len(own) >= MOST_VIEWS:
        raise BadInput(
            f"You keep {MOST_VIEWS} views of this list already; remove one first.",
            f"此列表您已保存 {MOST_VIEWS} 个视图；请先删除一个。",
        )
    if found is None:
        found = ListView(list_name=list_name, person_id=work.actor.id, owner=work.actor.name[:60], name=name)
        work.session.add(found)
    found.query, found.shared = query, shared
    _open_first(work, found, opens_first)
    work.session.flush()
    work.record("view", f"{list_name}/{name}"[:60], "keep_view", shared=shared, query=query)
    return found


def _require_possible(name: str, query: str) -> None:
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadInput(
            f"Give the view a name of at most {LONGEST_NAME} characters.",
            f"请为视图命名，最多 {LONGEST_NAME} 个字符。",
        )
    if len(query) > LONGEST_QUERY:
        raise BadInput("These filters are too long to keep.", "筛选条件过长，无法保存。")


def _open_first(work: Work, view: ListView, first: bool) -> None:
    """At most one view of a list opens first."""
    if first:
        others = sa.update(ListView).where(
            ListView.person_id == view.person_id, ListView.list_name == view.list_name
        )  # fmt: skip
        work.session.execute(others.values(opens_first=False))
    view.opens_first = first


def change(work: Work, view_id: int, action: str) -> ListView:
    """Share a view or not, open it first or not, or remove it; only one's own."""
    view = queries.own_view(work.session, view_id, work.actor)
    if action == "remove":
        work.session.delete(view)
    elif action in ("share", "unshare"):
        if not work.actor.roles & STAFF:
            raise BadInput("Views are shared by the laboratory's staff.", "只有本中心人员可以共享视图。")
        view.shared = action == "share"
    elif action in ("first", "not_first"):
        _open_first(work, view, action == "first")
    else:
        raise BadInput(f"There is no action '{action[:40]}' for a view.", f"视图没有“{action[:40]}”这个操作。")
    work.record("view", f"{view.list_name}/{view.name}"[:60], f"{action}_view")
    return view
