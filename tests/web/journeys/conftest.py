"""Whole orders clicked through in a real browser: people who press buttons by their words and read what stands there.

``HELIOBENCH_SHOTS=FOLDER`` keeps a picture of every page that a journey looks at.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect
from pypdf import PdfReader

from lims.demonstration.bench import served
from tests.web.conftest import Site
from tests.web.scanner import scan
from tests.web.test_browser import DESK, PHONE, TABLET, Watched, chromium, window

__all__ = ["DESK", "PHONE", "TABLET", "chromium"]

SHOTS = os.environ.get("HELIOBENCH_SHOTS", "")
expect.set_options(timeout=60_000)  # of a computer that does much else at the same time
PRESSED = "button:visible, summary:visible, a:visible"


@dataclass
class Visitor:
    """Somebody at a browser window; has to press what is written on it."""

    watched: Watched
    page: Page
    password: str = ""
    refusals: int = 0

    @property
    def main(self) -> Locator:
        return self.page.locator("main")

    def opens(self, path: str) -> None:
        """Type an address, as from a bookmark or a mail."""
        self.page.goto(self.watched.address + path)

    def press(self, words: str, inside: Locator | None = None) -> None:
        """A button or link that begins with these words, in the page before the menus."""
        self.page.wait_for_load_state()
        begins = _begins(words)
        within = (inside or self.main).locator(PRESSED).filter(has_text=begins)
        entry = self.page.locator("nav a").filter(has_text=begins)
        if inside or within.count() or not entry.count():
            within.first.click()
            return
        if not entry.first.is_visible():  # on a small window the menu is opened first
            self.page.locator("[popovertarget=menu]").click()
        entry.first.click()

    def walks_to(self, words: str) -> None:
        """Through the folded menu by keys alone."""
        line = self.page.locator("nav a").filter(has_text=_begins(words)).first
        self.page.locator("[popovertarget=menu]").focus()
        self.page.keyboard.press("Enter")
        expect(line).to_be_visible()
        for _ in range(self.page.locator("nav a").count()):
            self.page.keyboard.press("Tab")
            if line.evaluate("one => one === document.activeElement"):
                break
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def scans(self, code: str) -> None:
        """What a scanner types into whatever stands open."""
        self.page.wait_for_load_state()
        with self.page.expect_navigation():
            scan(self.page, code)

    def labelled(self, label: str, inside: Locator | None = None) -> Locator:
        found = (inside or self.main).get_by_label(_begins(label)).filter(visible=True).first
        found.wait_for()
        self.page.wait_for_load_state()  # a person is slower than the page's script
        return found

    def fill(self, label: str, text: str, inside: Locator | None = None) -> None:
        self.labelled(label, inside).fill(text)

    def fills(self, fields: dict[str, str]) -> None:
        for label, text in fields.items():
            self.fill(label, text)

    def choose(self, label: str, words: str) -> None:
        """The option of a list in which these words stand."""
        chosen = self.labelled(label)
        option = chosen.locator("option").filter(has_text=words).first
        chosen.select_option(value=option.get_attribute("value") or words)

    def tick(self, *labels: str) -> None:
        for label in labels:
            self.labelled(label).check()

    def act(self, words: str, *, reason: str = "", signed: bool = False) -> None:
        """A step that opens a sheet: reason and password, then the same words again."""
        self.press(words)
        sheet = self.main.locator("details[open] form.sheet").filter(visible=True).first
        if reason:
            sheet.locator("textarea").fill(reason)
        if signed:
            sheet.locator("input[type=password]").fill(self.password)
        sheet.locator("button").last.click()

    def sees(self, *words: str) -> None:
        for one in words:
            expect(self.main).to_contain_text(one)

    def misses(self, *words: str) -> None:
        for one in words:
            expect(self.main).not_to_contain_text(one)

    def is_refused(self, *words: str) -> None:
        """The page says so, and why; the browser's console tells the status."""
        for one in words:
            expect(self.main.locator("[role=alert], .notice.stop").first).to_contain_text(one)
        self.refusals += 1

    def state(self, words: str) -> None:
        """The chip beside the heading."""
        expect(self.main.locator(".head .chip").last).to_contain_text(words)

    def number(self, prefix: str) -> str:
        """The first number of a series that stands on the page."""
        found = re.search(rf"{prefix}-\d{{4}}-\d{{5}}", self.main.inner_text())
        assert found, f"no {prefix} number on {self.page.url}"
        return found[0]

    def looks(self, name: str) -> None:
        """Nothing is wider than the window; a picture of it is kept where somebody wants to look."""
        self.page.wait_for_load_state()
        assert self.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), name
        if SHOTS:
            self.page.evaluate("scrollTo(0, 0)")
            self.page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)

    def pdf(self, words: str) -> str:
        """The text of the PDF behind a link."""
        link = self.main.locator("a:visible").filter(has_text=words).first
        address = link.get_attribute("href")
        assert address, words
        answer = self.page.request.get(self.watched.address + address)
        assert answer.ok, (address, answer.status)
        return _text(answer.body(), words)

    def printed(self, words: str) -> str:
        """The text of the PDF that a button opens in a window of its own."""
        form = self.main.locator("form[target=_blank]").filter(has=self.page.get_by_role("button", name=words))
        address = form.evaluate("one => one.action + '?' + new URLSearchParams(new FormData(one))")
        answer = self.page.request.get(address)
        assert answer.ok, (address, answer.status)
        return _text(answer.body(), words)


def _begins(words: str) -> re.Pattern[str]:
    """A text that begins with these words and not with longer ones; the browser's \\w knows no Chinese."""
    return re.compile(rf"^\s*{re.escape(words)}(?![\w\u4e00-\u9fff])")


def _text(data: bytes, words: str) -> str:
    if SHOTS:
        (Path(SHOTS) / f"{words.replace('/', '-')}.pdf").write_bytes(data)
    return "\n".join(one.extract_text() for one in PdfReader(io.BytesIO(data)).pages)


@dataclass
class House:
    """The laboratory as people meet it: its address, and a window for each of them."""

    site: Site
    chromium: Browser
    address: str
    people: dict[tuple[str, str], Visitor] = field(default_factory=dict)

    def person(self, username: str, *, size: dict[str, int] = DESK, language: str = "zh") -> Visitor:
        """One of the demonstration's people at a window of their own, on their home page."""
        if (username, language) not in self.people:
            watched = window(self.chromium, self.address, size=size, language=language)
            page = watched.sign_in(username, self.site.password)
            self.people[username, language] = Visitor(watched, page, self.site.password)
        found = self.people[username, language]
        found.opens("/")
        return found

    def again(self, username: str, *, size: dict[str, int] = DESK, language: str = "zh") -> Visitor:
        """The same person on another day: the window of before is closed, and they sign in again."""
        if left := self.people.pop((username, language), None):
            _no_other_errors(left)
        return self.person(username, size=size, language=language)

    def anyone(self, *, size: dict[str, int] = DESK, language: str = "zh") -> Visitor:
        """Somebody who has not signed in."""
        watched = window(self.chromium, self.address, size=size, language=language)
        found = self.people["", language] = Visitor(watched, watched.page())
        return found


@pytest.fixture(scope="module")
def site(templates: Callable[[str, str], Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with people and equipment and nothing else, one for the journeys of a file."""
    with templates("sqlite", "people").copied(tmp_path_factory.mktemp("journeys") / "instance") as laboratory:
        yield Site(laboratory)


@pytest.fixture(scope="module")
def served_at(site: Site) -> Iterator[str]:
    with served(site.app) as found:
        yield found


@pytest.fixture
def house(site: Site, chromium: Browser, served_at: str) -> Iterator[House]:
    """The laboratory with its doors open; at the end no window had an error that was not an expected refusal."""
    made = House(site, chromium, served_at)
    yield made
    for one in made.people.values():
        _no_other_errors(one)


def _no_other_errors(one: Visitor) -> None:
    told = [text for text in one.watched.errors if "the server responded with a status of 4" in text]
    assert one.watched.errors == told
    assert len(told) == one.refusals, told
    one.watched.context.close()


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    """A photograph from a tablet."""
    path = tmp_path / "现场.jpg"
    Image.new("RGB", (640, 480), (90, 140, 200)).save(path, "JPEG")
    return path
