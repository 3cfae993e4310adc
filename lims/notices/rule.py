"""What a rule of notices is: who is told of a kind of event, and in which words."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lims.errors import Sentence

REASON = Sentence("Reason: {reason}", "理由：{reason}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One kind of event and what is told about it."""

    group: str  # what a person can choose to get by e-mail or not; see GROUPS
    audience: str
    title: Sentence
    text: Sentence
    said: Sentence = REASON  # how the event's own words are introduced


QUESTION = Sentence("Question: {reason}", "问题：{reason}")
SAID = Sentence("Words of the laboratory: {reason}", "本中心说明：{reason}")
OUTCOME = Sentence("Outcome: {reason}", "复检结果：{reason}")
ANSWER = Sentence("Answer: {reason}", "答复：{reason}")


def rule(
    group: str, audience: str, en: tuple[str, str], zh: tuple[str, str], said: Sentence | None = None
) -> Rule:  # fmt: skip
    """A rule of its words in English and in Chinese, each (title, text)."""
    made = Rule(group=group, audience=audience, title=Sentence(en[0], zh[0]), text=Sentence(en[1], zh[1]))
    return made if said is None else replace(made, said=said)
