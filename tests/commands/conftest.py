"""Runs the command line inside the test's process, through the entry of the installed script."""

from collections.abc import Callable
from typing import NamedTuple

import pytest

from lims.cli import main


class Ran(NamedTuple):
    """How a command ended and what it printed."""

    code: object
    out: str
    err: str


@pytest.fixture
def heliobench(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """`heliobench("evaluate", …)` as a person types it; speaks English."""
    monkeypatch.setenv("HELIOBENCH_LANGUAGE", "en")

    def run(*arguments: object) -> Ran:
        monkeypatch.setattr("sys.argv", ["heliobench", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        return Ran(left.value.code, *capsys.readouterr())

    return run
