"""Every test this program knows by one name: methods that it evaluates, and manual tests that people record.

Beside them the requirements of product standards by which they can be judged.

A method and a manual test may share an id (the stagnation temperature is extrapolated by the one and observed by the
other), so a manual test's *code* begins with ``procedure:`` and a method's code is its id.
"""

from __future__ import annotations

from dataclasses import dataclass

from lims.errors import BadInput
from lims.settings import ROOT
from protocols.method import Method, methods
from protocols.procedures.procedure import Procedure
from protocols.procedures.reading import procedures as read_procedures
from protocols.requirements.sets import RequirementSet
from protocols.requirements.sets import requirement_sets as read_sets

PROCEDURES = ROOT / "config" / "procedures"
REQUIREMENTS = ROOT / "config" / "requirements"
MANUAL = "procedure:"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTest:
    """A test that can stand in an order; exactly one of ``method`` and ``procedure`` is given."""

    method: Method | None = None
    procedure: Procedure | None = None

    @property
    def code(self) -> str:
        """What names it in forms and catalogues."""
        return code(method_id=self.method_id, procedure_id=self.procedure_id)

    @property
    def method_id(self) -> str:
        """The method's id; empty for a manual test."""
        return self.method.id if self.method else ""

    @property
    def procedure_id(self) -> str:
        """The manual test's id; empty for a method."""
        return self.procedure.id if self.procedure else ""

    @property
    def title_en(self) -> str:
        """Its English name."""
        return self._it.title_en

    @property
    def title_zh(self) -> str:
        """Its Chinese name."""
        return self._it.title_zh

    @property
    def reference(self) -> str:
        """Standard and edition, e.g. "GB/T 4271-2021"."""
        return self.procedure.edition if self.procedure else self.method.reference if self.method else ""

    @property
    def clause(self) -> str:
        """The clause of the standard."""
        return self._it.clause

    @property
    def _it(self) -> Method | Procedure:
        found = self.procedure or self.method
        if found is None:
            raise ValueError("a test is a method or a manual test")
        return found


def procedures() -> dict[str, Procedure]:
    """Every manual test by id."""
    return read_procedures(PROCEDURES)


def requirement_sets() -> dict[str, RequirementSet]:
    """The requirements of product standards that an order may name, by id."""
    return read_sets(REQUIREMENTS)


def known_tests() -> dict[str, KnownTest]:
    """Every method and every manual test by code; methods first."""
    every = [KnownTest(method=one) for one in methods().values()]
    every += [KnownTest(procedure=one) for one in procedures().values()]
    return {one.code: one for one in every}


def known_test(code: str) -> KnownTest:
    """The test of this code; `BadInput` if there is none."""
    found = known_tests().get(code)
    if found is None:
        manual, name = code.startswith(MANUAL), code.removeprefix(MANUAL)
        raise BadInput(
            f"There is no {'manual test' if manual else 'method'} '{name}'.",
            f"没有“{name}”这种{'人工试验' if manual else '检测方法'}。",
        )
    return found


def code(*, method_id: str, procedure_id: str) -> str:
    """What names a test of which one of the two ids is given."""
    return f"{MANUAL}{procedure_id}" if procedure_id else method_id
