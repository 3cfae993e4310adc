"""The one exception of this package that a person reads: a record cannot be evaluated, and why."""


class NotEvaluable(ValueError):
    """A whole record or item description is refused.

    clause: the clause of the standard (or "Heliobench" for a rule of ours) that refuses.
    sentence_en, sentence_zh: what is wrong, where, and what to do.
    """

    def __init__(self, *, clause: str, sentence_en: str, sentence_zh: str) -> None:
        super().__init__(f"{sentence_en} ({clause})")
        self.clause = clause
        self.sentence_en = sentence_en
        self.sentence_zh = sentence_zh
