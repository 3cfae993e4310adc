"""A row of the outbox as a message: plain text and simple HTML of the same words, headers that cannot be injected."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from markupsafe import Markup

from lims.errors import Sentence
from lims.laboratory import Laboratory
from lims.notices.models import Mail
from lims.parties import links

GREETING = Sentence("Dear {name},", "{name}，您好：")
FOOT = Sentence(
    "This mail was sent by the laboratory's system. Which notices you get by e-mail you choose in your account.",
    "本邮件由检测机构信息系统自动发送。您可在账户设置中选择哪些通知发送邮件。",
)


class LinkExpired(Exception):
    """The one-time link that the mail should carry cannot be used any more."""


def compose(laboratory: Laboratory, mail: Mail) -> EmailMessage:
    """The message of a mail; raises `LinkExpired` if its link is of no use any more."""
    link = address_of(laboratory, mail)
    identity = laboratory.identity
    sender = identity["name_zh"] if mail.language.startswith("zh") else identity["name_en"]
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(_plain(sender), addr_spec=laboratory.settings.mail_from)
    message["To"] = Address(_plain(mail.to_name), addr_spec=mail.to_address)
    message["Subject"] = _plain(mail.subject)
    message["Message-ID"] = mail.message_id
    message["Date"] = mail.created_at
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = "zh-CN" if mail.language.startswith("zh") else "en"
    parts = paragraphs(mail, sender)
    message.set_content("\n\n".join([*parts[:-1], link, parts[-1]]) + "\n")
    message.add_alternative(_html(parts, link, mail.language), subtype="html")
    return message


def paragraphs(mail: Mail, sender: str) -> list[str]:
    """Greeting, text, and the foot: what the page of the outbox shows too."""
    greeting = GREETING.in_language(mail.language).format(name=_plain(mail.to_name)) if mail.to_name else ""
    foot = f"{_plain(sender)}\n{FOOT.in_language(mail.language)}"
    return [part for part in (greeting, mail.body, foot) if part]


def address_of(laboratory: Laboratory, mail: Mail) -> str:
    """The address the mail leads to: a page, or a one-time link made for this one moment."""
    if not mail.link_purpose:
        return laboratory.settings.base_url.rstrip("/") + mail.path
    with laboratory.database.read() as session:
        found = links.address(laboratory, session, mail.link_purpose, mail.link_id or 0, laboratory.clock())
    if found is None:
        raise LinkExpired("The link of this mail was used, revoked or has expired; a new one has to be asked for.")
    return found


def _plain(text: str) -> str:
    """One line without control characters: what may stand in a header."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _html(parts: list[str], link: str, language: str) -> str:
    shown = [Markup("<p>{}</p>").format(Markup("<br>").join(part.splitlines())) for part in parts]
    shown.insert(len(shown) - 1, Markup('<p><a href="{}">{}</a></p>').format(link, link))
    code = "zh-CN" if language.startswith("zh") else "en"
    return f'<!doctype html>\n<html lang="{code}"><body>\n' + "\n".join(shown) + "\n</body></html>\n"
