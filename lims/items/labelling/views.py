"""Stickers of items: on a roll, on an A4 sheet begun before, or as ZPL for the printer itself."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from lims.errors import BadInput, Refused
from lims.items import codes, queries
from lims.items.label import ON_A_SHEET, Sticker, item_sticker, label_pdf
from lims.items.models import Item
from lims.items.zpl import label_zpl
from lims.orders import queries as order_queries
from lims.web import access
from lims.web.access import requires
from lims.web.language import localised
from lims.web.today import local_day

labelling = Blueprint("labelling", __name__, url_prefix="/items")
MOST_COPIES = 20


@labelling.get("/<number>/label.pdf")
@requires("item.handle")
def label(number: str) -> Response:
    """The sticker of one item for the label printer."""
    found = queries.by_number(access.session(), number, access.actor())
    if found.received_at is None:
        raise Refused(f"{number} is not received yet; receive it first.", f"{number} 尚未收样；请先收样。")
    return inline_pdf(label_pdf([sticker(found)]), number)


@labelling.get("/labels")
@requires("item.handle")
def choose() -> str:
    """Choose items, copies, and roll, sheet or ZPL; the items of an order (?request=) are ticked already."""
    return render_template("labels.html", items=_asked(), positions=range(1, ON_A_SHEET + 1), most=MOST_COPIES)


@labelling.get("/labels/print")
@requires("item.handle")
def stickers() -> AnyResponse:
    """The stickers of the ticked items."""
    found = _asked()
    if not found:
        return redirect(url_for("labelling.choose"))
    copies, first = _whole("copies", 1), _whole("first", 1)
    if not 1 <= copies <= MOST_COPIES:
        raise BadInput(f"Print 1 to {MOST_COPIES} copies of each.", f"每件可打印 1 至 {MOST_COPIES} 份。")
    wanted = [sticker(one) for one in found for _ in range(copies)]
    if request.args.get("media") == "zpl":
        headers = {"Content-Disposition": "attachment; filename=labels.zpl"}
        return Response(label_zpl(wanted), mimetype="application/octet-stream", headers=headers)
    return inline_pdf(label_pdf(wanted, sheet=request.args.get("media") == "sheet", first=first), "labels")


def sticker(item: Item) -> Sticker:
    """What an item's sticker says; its QR code opens the item's page."""
    return item_sticker(
        number=item.number, address=codes.item_address(access.laboratory().settings.base_url, item.number),
        name=localised(item), customer_code=item.company.code, seal=item.seal,
        received=local_day(item.received_at) if item.received_at else None,
    )  # fmt: skip


def inline_pdf(data: bytes, name: str) -> Response:
    """A PDF shown by the browser."""
    return Response(data, mimetype="application/pdf", headers={"Content-Disposition": f"inline; filename={name}.pdf"})


def _asked() -> Sequence[Item]:
    session, actor = access.session(), access.actor()
    if order := request.args.get("request"):
        return queries.of_request(session, order_queries.request_by_number(session, order, actor))
    numbers = list(dict.fromkeys(request.args.getlist("number")))
    return [queries.by_number(session, codes.item_in(one) or one, actor) for one in numbers if one.strip()]


def _whole(name: str, default: int) -> int:
    text = request.args.get(name, "") or str(default)
    if not text.isdecimal() or len(text) > 4:
        raise BadInput(f"'{text[:20]}' is no whole number.", f"“{text[:20]}”不是整数。")
    return int(text)
