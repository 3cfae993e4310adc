"""Files sent with a form that cannot be kept yet: held until it can, so that nobody has to choose them twice.

A browser forgets the files of a form that is shown again. Their bytes therefore wait (`lims.attachments.held`), and the
form carries a signed word for each: whose it is, its name and its digest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

from lims.attachments import held
from lims.attachments import operations as attachments
from lims.attachments.content import media_type_of, plain_name
from lims.errors import BadInput, Sentence
from lims.laboratory import Work
from lims.web.access import laboratory, signed_in
from lims.web.forms import Form

MOST = 20  # files with one form; ours
FIELD, HELD = "file", "held"  # names in the form: chosen now, and held since an earlier try


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldFile:
    """One file that waits for its record; ``word`` is what the form carries."""

    name: str
    size: int
    sha256: str
    word: str


def receive(form: Form) -> list[HeldFile]:
    """The files of this request, those chosen now and those held before; a file that is not kept is the field's error.

    One that cannot be kept leaves the others as they are.
    """
    found = [_held(word, form) for word in request.form.getlist(HELD)]
    sent = [(plain_name(one.filename), one.read()) for one in request.files.getlist(FIELD) if one.filename]
    files = list(
        {one.sha256: one for one in [*found, *(_hold(name, data, form) for name, data in sent)] if one}.values()
    )
    if len(files) > MOST:
        form.errors[FIELD] = Sentence(
            f"At most {MOST} files go with a request; untick some, or put several into one PDF.",
            f"一份委托最多附 {MOST} 个文件；请取消部分文件，或合并为一个 PDF。",
        )
    return files


def keep(work: Work, files: Sequence[HeldFile], *, kind: str, subject: str) -> None:
    """The files belong to this record from now on."""
    for one in files:
        attachments.add(work, kind=kind, subject=subject, name=one.name, data=held.held(work.laboratory, one.sha256))


def _hold(name: str, data: bytes, form: Form) -> HeldFile | None:
    try:
        media_type_of(data, name)
    except BadInput as refused:
        form.errors.setdefault(FIELD, refused.sentence)
        return None
    digest = held.hold(laboratory(), data)
    word = _serializer().dumps([signed_in().id, name, len(data), digest])
    return HeldFile(name=name, size=len(data), sha256=digest, word=str(word))


def _held(word: str, form: Form) -> HeldFile | None:
    try:
        whose, name, size, digest = _serializer().loads(word)
    except BadSignature:
        whose = None
    if whose != signed_in().id or not held.is_held(laboratory(), digest):
        form.errors.setdefault(FIELD, Sentence("A file is missing; choose it again.", "缺少一个文件；请重新选择。"))
        return None
    return HeldFile(name=name, size=size, sha256=digest, word=word)


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.config["SECRET_KEY"]), salt="held-file")
