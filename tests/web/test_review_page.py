"""A reviewer sees the result beside its raw record, sends it back with notes on lines, and sees what changed after."""

from __future__ import annotations

from typing import Any

from lims.demonstration import journey
from lims.items import operations as items


def test_a_result_goes_back_with_notes_and_comes_again_with_what_changed(evaluated: Any) -> None:
    number, laboratory = evaluated.numbers["result"], evaluated.laboratory
    technician, reviewer = evaluated.signed_in("technician"), evaluated.signed_in("reviewer")
    assert technician.post(f"/results/{number}/submit").status_code == 302
    queue = reviewer.get("/review").text
    assert f"/review/{number}" in queue
    page = reviewer.get(f"/review/{number}").text
    for told in ("Blind spots", "nobody has confirmed", "note:a1", 'form="act-send_back"', 'id="series"', "HB-EQ-0001"):
        assert told in page, told
    assert "Changed since" not in page
    sent = {"reason": "", "note:a1": "流量为何如此分散？", "note:limits": " ", "next": "/review"}
    answer = reviewer.post(f"/results/{number}/send_back", sent)
    assert (answer.status_code, answer.location) == (302, "/review")
    told = technician.get(f"/results/{number}").text
    assert "a1: 流量为何如此分散？" in told
    assert "limits:" not in told
    with laboratory.work(journey.actor(laboratory, "technician")) as work:
        items.state_properties(work, evaluated.numbers["item"], {"A_G": 520.0})
    again = journey.evaluate(laboratory, evaluated.numbers["run"]).number
    assert technician.post(f"/results/{again}/submit").status_code == 302
    page = reviewer.get(f"/review/{again}").text
    assert "Changed since</h2>" in page or f"Changed since {number}" in page
    assert "Property A_G of the item" in page
    assert "<ins>520.0</ins>" in page
    assert "Value of a1" in page


def test_without_a_reason_or_a_note_nothing_goes_back(evaluated: Any) -> None:
    number = evaluated.numbers["result"]
    assert evaluated.signed_in("technician").post(f"/results/{number}/submit").status_code == 302
    answer = evaluated.signed_in("reviewer").post(f"/results/{number}/send_back", {"reason": " ", "note:a1": ""})
    assert answer.status_code == 409
    assert "Give a reason" in answer.text


def test_two_results_of_an_item_are_compared_on_a_page(evaluated: Any) -> None:
    first = evaluated.numbers["result"]
    reviewer = evaluated.signed_in("reviewer")
    assert "no other result" in reviewer.get(f"/results/{first}/compare").text
    second = journey.evaluate(evaluated.laboratory, evaluated.numbers["run"]).number
    page = reviewer.get(f"/results/{first}/compare?with={second}").text
    assert page.count("explained by the uncertainty") >= 4
    assert "more than the uncertainty explains" not in page
    assert "same inputs gave the same values" in page
    assert reviewer.get(f"/results/{first}/compare/{second}.svg").content_type.startswith("image/svg+xml")
    assert reviewer.get(f"/results/{first}/compare?with=JG-1999-00001").status_code == 404
