"""Every computation agrees with its independent reference; the page that says so is the one that was generated."""

import pytest

from protocols.method import methods
from tests.validation import page
from tests.validation.evidence import KINDS, Evidence, collected

EVERY = [pytest.param(one, id=f"{module}: {one.what}") for module, all_ in collected().items() for one in all_]


@pytest.mark.parametrize("evidence", EVERY)
def test_ours_agrees_with_the_independent_reference(evidence: Evidence) -> None:
    assert evidence.kind in KINDS
    assert evidence.reference
    assert evidence.absolute > 0 or evidence.relative > 0
    assert evidence.difference <= 1.0


def test_every_method_has_evidence() -> None:
    subjects = {one.subject for all_ in collected().values() for one in all_}
    assert sorted(set(methods()) - subjects) == []


def test_the_page_is_the_one_that_make_docs_writes() -> None:
    written = page.VALIDATION.read_text(encoding="utf-8")
    assert page.comparable(written) == page.comparable(page.validation()), "run make docs"
