"""The Chinese catalogue is complete, up to date with the pages, compiled, and found."""

from __future__ import annotations

import re
from typing import Any

import pytest

from lims import labels
from lims.catalogue import MO, compiled, extracted, translated
from lims.workflow import MACHINES

HINT = "run: python -m lims.catalogue, and translate what is empty"
PLACES = re.compile(r"%\(\w+\)s")


def test_every_text_of_the_pages_has_a_chinese_translation_and_none_is_fuzzy() -> None:
    lacking = [one.id for one in translated() if one.id and (not one.string or one.fuzzy)]
    assert not lacking, HINT


def test_the_catalogue_holds_exactly_the_texts_of_the_pages() -> None:
    shown = {one.id for one in extracted() if one.id}
    known = {one.id for one in translated() if one.id}
    assert shown - known == set(), HINT
    assert known - shown == set(), HINT


def test_a_translation_keeps_the_values_of_its_text() -> None:
    wrong = [
        one.id for one in translated() if sorted(PLACES.findall(one.id)) != sorted(PLACES.findall(str(one.string)))
    ]
    assert not [one for one in wrong if one]


def test_the_compiled_catalogue_is_that_of_the_text() -> None:
    assert MO.read_bytes() == compiled(translated()), HINT


def test_no_translation_is_left_in_english() -> None:
    same = {one.id for one in translated() if one.id and one.id == one.string}
    assert same <= {"T-ratio"}


@pytest.mark.parametrize("kind", MACHINES)
def test_every_state_and_action_has_a_label_in_both_languages(kind: str) -> None:
    machine = MACHINES[kind]
    found: list[Any] = [labels.STATES.get((kind, state)) for state in machine.states]
    found += [labels.ACTIONS.get((kind, transition.action)) for transition in machine.transitions]
    assert all(one and one.zh and one.en for one in found)
    assert all(re.search(r"[\u4e00-\u9fff]", one.zh) for one in found)
    assert set(labels.STEPS[kind]) <= set(machine.states)
