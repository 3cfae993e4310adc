"""What can go wrong between the laboratory and its boxes: one tree, each error a sentence in English and Chinese.

    InstrumentError
    ├── ExchangeFailed       carries the exchanges: the bytes are evidence
    │   ├── NoReply          nothing came before the deadline
    │   └── BadReply         something came that is not the answer
    ├── PortUnavailable      the port is missing, in use, not permitted, or went away
    ├── BenchRefused         a bench file or a driver's settings that cannot be right
    ├── SpoolRefused         the spool cannot be written or opened
    ├── DamagedSegment       a spool segment whose bytes are not those that were written
    ├── UnreadableFile       a logger's file that cannot be read as it stands
    ├── UplinkRefused        the LIMS understood and said no
    └── Outage               the LIMS could not be reached; trying again may help

`code` is stable and may be translated or counted; the sentences say what is wrong, where, and what to do.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from instruments.driver import Exchange


class InstrumentError(Exception):
    """A sentence for a person, in two languages, with a code for a program."""

    def __init__(self, *, code: str, sentence_en: str, sentence_zh: str) -> None:
        super().__init__(sentence_en)
        self.code = code
        self.sentence_en = sentence_en
        self.sentence_zh = sentence_zh


class ExchangeFailed(InstrumentError):
    """A question that was not answered by a usable reply; `exchanges` hold what went over the wire."""

    def __init__(
        self, *, code: str, sentence_en: str, sentence_zh: str, exchanges: "tuple[Exchange, ...]" = ()
    ) -> None:
        super().__init__(code=code, sentence_en=sentence_en, sentence_zh=sentence_zh)
        self.exchanges = exchanges


class NoReply(ExchangeFailed):
    """Not one byte came before the deadline."""


class BadReply(ExchangeFailed):
    """Bytes came, but they are not a correct answer to the question."""


class PortUnavailable(InstrumentError):
    """The serial port cannot be opened, or was lost while in use."""


class BenchRefused(InstrumentError):
    """A bench file, an instrument's settings, or a driver's name that cannot be right."""


class SpoolRefused(InstrumentError):
    """The spool cannot be opened or written; nothing acknowledged is lost."""


class DamagedSegment(InstrumentError):
    """A spool segment is not what was written; `line` is the number of the first wrong line, from 1."""

    def __init__(self, *, code: str, sentence_en: str, sentence_zh: str, line: int) -> None:
        super().__init__(code=code, sentence_en=sentence_en, sentence_zh=sentence_zh)
        self.line = line


class UnreadableFile(InstrumentError):
    """A logger's file that cannot be read as it stands; the sentence names line and column."""

    def __init__(self, sentence_en: str, sentence_zh: str, *, code: str = "unreadable-file") -> None:
        super().__init__(code=code, sentence_en=sentence_en, sentence_zh=sentence_zh)


class UplinkRefused(InstrumentError):
    """The LIMS refused a segment; sending it again would be refused again."""


class Outage(InstrumentError):
    """The LIMS could not be reached for all attempts that were allowed; trying again may help."""
