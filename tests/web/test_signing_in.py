"""Signing in and out: the cookie, the throttle, the redirect, the signature that asks for the password again."""

from __future__ import annotations

from typing import Any

import pytest

from lims.web.access import COOKIE, local_path


def test_signing_in_gives_a_new_http_only_cookie_of_the_same_site(empty: Any) -> None:
    browser = empty.visitor()
    browser.client.set_cookie(COOKIE, "chosen-by-an-attacker")
    answer = browser.post("/sign-in", {"username": "office", "password": empty.password})
    cookie = next(one for one in answer.headers.getlist("Set-Cookie") if one.startswith(f"{COOKIE}="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "chosen-by-an-attacker" not in cookie
    assert browser.get("/").status_code == 200


def test_signing_in_makes_a_new_form_token(empty: Any) -> None:
    browser = empty.visitor()
    browser.post("/sign-in", {"username": "office", "password": "wrong"})
    before = browser.client.get_cookie("heliobench_forms")
    browser.post("/sign-in", {"username": "office", "password": empty.password})
    browser.get("/")
    after = browser.client.get_cookie("heliobench_forms")
    assert before
    assert after
    assert before.value != after.value


@pytest.mark.parametrize("username", ["office", "nobody-of-this-name"])
def test_a_wrong_name_and_a_wrong_password_get_the_same_sentence(empty: Any, username: str) -> None:
    answer = empty.visitor().post("/sign-in", {"username": username, "password": "not the password"})
    assert answer.status_code == 401
    assert "The user name or the password is wrong" in answer.text


def test_too_many_wrong_passwords_are_refused_even_with_the_right_one_after(empty: Any) -> None:
    browser = empty.visitor()
    for _ in range(empty.laboratory.settings.sign_in_attempts):
        assert browser.post("/sign-in", {"username": "office", "password": "wrong"}).status_code == 401
    answer = browser.post("/sign-in", {"username": "office", "password": empty.password})
    assert answer.status_code == 429
    assert "Too many wrong passwords" in answer.text


def test_signing_out_ends_the_session_on_the_server_too(empty: Any) -> None:
    browser = empty.signed_in("office")
    cookie = browser.client.get_cookie(COOKIE)
    browser.post("/sign-out")
    browser.client.set_cookie(COOKIE, cookie.value)
    assert "/sign-in" in browser.get("/").location


def test_a_new_password_ends_the_sign_ins_made_with_the_old_one(empty: Any) -> None:
    browser = empty.signed_in("office")
    answer = empty.signed_in("admin").post("/people/office/password", {"password": "another-long-password"})
    assert answer.status_code == 302
    assert "/sign-in" in browser.get("/").location
    answer = empty.visitor().post("/sign-in", {"username": "office", "password": "another-long-password"})
    assert answer.status_code == 302


def test_a_short_password_is_refused_in_a_sentence(empty: Any) -> None:
    answer = empty.signed_in("admin").post("/people/office/password", {"password": "short"})
    assert answer.status_code == 400
    assert "at least 10 characters" in answer.text


def test_signing_in_goes_on_to_the_page_that_was_asked_for(empty: Any) -> None:
    browser = empty.visitor()
    assert browser.get("/items?q=WT%20x").location == "/sign-in?next=/items?q%3DWT%2520x"
    answer = browser.post("/sign-in", {"username": "office", "password": empty.password, "next": "/items?q=WT%20x"})
    assert answer.location == "/items?q=WT%20x"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
     "javascript:alert(1)", "/a\r\nSet-Cookie: x=1", "", None],
)  # fmt: skip
def test_nobody_is_sent_to_another_site_after_signing_in(empty: Any, elsewhere: str | None) -> None:
    form = {"username": "office", "password": empty.password, **({} if elsewhere is None else {"next": elsewhere})}
    assert empty.visitor().post("/sign-in", form).location == "/"
    assert local_path(elsewhere) == "/"


def test_a_signature_asks_for_the_signers_own_password(evaluated: Any) -> None:
    number = evaluated.numbers["result"]
    assert evaluated.signed_in("technician").post(f"/results/{number}/submit").status_code == 302
    reviewer = evaluated.signed_in("reviewer")
    for wrong in ({}, {"password": ""}, {"password": "not the password"}):
        answer = reviewer.post(f"/results/{number}/review", wrong)
        assert answer.status_code == 409
        assert "nothing was signed" in answer.text
    assert "Waiting for review" in reviewer.get("/review").text
    assert reviewer.post(f"/results/{number}/review", {"password": evaluated.password}).status_code == 302
    assert "Reviewed by" in reviewer.get(f"/results/{number}").text
