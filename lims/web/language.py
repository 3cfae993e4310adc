"""Chinese first, English by choice: the language of a page and the words in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, request
from flask_babel import Babel, gettext
from markupsafe import Markup
from werkzeug.wrappers import Response

from lims.errors import Sentence
from lims.labels import Label

LANGUAGES = ("zh", "en")
COOKIE = "language"
A_YEAR = 365 * 24 * 3600
CATALOGUES = Path(__file__).resolve().parent.parent / "translations"


def install(app: Flask) -> None:
    """Load the catalogue (folder "zh": Babel never finds one called zh_CN) and choose by cookie."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(CATALOGUES)
    app.config["BABEL_DEFAULT_LOCALE"] = "en"
    Babel(app, locale_selector=language)
    app.jinja_env.globals.update(
        language=language, both=both, headed=headed, localised=localised, words=words,
        bracketed=bracketed,
    )  # fmt: skip


def language() -> str:
    """The language of this request: the visitor's choice, or the site's."""
    if "language" not in g:
        chosen = request.cookies.get(COOKIE, "")
        g.language = chosen if chosen in LANGUAGES else current_app.extensions["heliobench"].settings.language
    return str(g.language)


def remember(response: Response, code: str) -> None:
    """Keep a visitor's choice in the browser."""
    secure = current_app.extensions["heliobench"].settings.secure_cookies
    response.set_cookie(COOKIE, code, max_age=A_YEAR, samesite="Lax", httponly=True, secure=secure)


def words(sentence: Sentence) -> str:
    """A sentence in the page's language."""
    return sentence.in_language(language())


def both(english: str) -> Markup:
    """A heading: in Chinese with the English term small beside it, in English alone."""
    text = gettext(english)
    if language() != "zh" or text == english:
        return Markup("{}").format(text)
    return Markup('{} <small lang="en">{}</small>').format(text, english)


def headed(label: Label) -> Markup:
    """The same of a label of a table."""
    if language() != "zh" or label.zh == label.en:
        return Markup("{}").format(label.in_language(language()))
    return Markup('{} <small lang="en">{}</small>').format(label.zh, label.en)


def bracketed(text: object) -> str:
    """A text in the parentheses of the page's language, with the space before them that it wants."""
    return f"（{text}）" if language() == "zh" else f" ({text})"


def localised(thing: Any, name: str = "name") -> str:
    """The Chinese or English of a thing that has both, e.g. ``name_zh`` and ``name_en``; the other if one is empty."""
    pair = [_field(thing, f"{name}_{code}") for code in (language(), "zh", "en")]
    return next((text for text in pair if text), "")


def _field(thing: Any, name: str) -> str:
    value = thing.get(name) if hasattr(thing, "get") else getattr(thing, name, "")
    return str(value or "")


def msgid(english: str) -> str:
    """Mark a text for the catalogue where it is written; it is translated where it is shown."""
    return english
