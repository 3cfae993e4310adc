"""Who may import whom: the table of docs/architecture.md, kept by reading every import."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = ("protocols", "instruments", "lims", "migrations")

ALLOWED = {
    "protocols": {"protocols", "numpy"},
    "instruments": {"instruments", "numpy", "serial", "httpx", "nptdms", "orjson"},
    "migrations": {"alembic", "sqlalchemy"},
}
PINT = "lims/units.py"

# The laboratory's process, from the ground up. A package imports itself and what lies below; the ground is one layer.
LAYERS = (
    "errors canonical clock settings db store numbers units permissions workflow audit laboratory labels migrate "
    "sentforms notation repertoire workdays typesetting",
    "lists",
    "parties",
    "confirmations",
    "limits",
    "attachments",
    "equipment",
    "offerings",
    "orders",
    "items",
    "contracts",
    "runs",
    "manual",
    "results",
    "watch",
    "review",
    "certificates",
    "sampling",
    "notices",
    "portal api reference",
    "models",  # every table, imported in one place
    "web presentation",  # what all pages share; every feature's views.py belongs to this layer too
    "app",
    "simulation",
    "demonstration",
    "cli commands",
)
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer.split()}
PAGES = RANK["web"]
ONE_LAYER = (0, PAGES, len(LAYERS) - 1)  # the members of these layers import each other

# Imports inside functions keep the command line fast; elsewhere only these, because they are slow and rarely wanted.
SLOW = {
    "PIL": "30 ms; only looking at a photograph needs it",
    "duckdb": "40 ms and 60 MB; only a file of samples needs it",
    "matplotlib": "300 ms; only drawing a figure needs it",
    "nptdms": "150 ms; only a TDMS file needs it",
    "pint": "400 ms with its registry; only a unit that is not ours needs it",
    "typst": "an 80 MB library; only rendering a document needs it",
    "pyhanko": "300 ms; only signing and verifying need it",
    "pyhanko_certvalidator": "comes with pyhanko",
}


class Import(NamedTuple):
    """One imported module: where it stands, its dotted name, and how."""

    line: int
    module: str
    relative: bool
    inside_function: bool


def imports(source: str) -> Iterator[Import]:
    """Every import of a module's text; `from lims import units` counts as lims.units."""
    tree = ast.parse(source)
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield Import(node.lineno, name.name, False, id(node) in inside)
        elif isinstance(node, ast.ImportFrom):
            whole = node.module or ""
            names = [f"{whole}.{each.name}" for each in node.names] if whole.split(".")[0] in OURS else [whole]
            for module in names:
                yield Import(node.lineno, module, node.level > 0, id(node) in inside)


def wrong(file: str, source: str) -> list[str]:
    """The imports of one file that the table forbids, each as a sentence."""
    return [f"{file}:{one.line}: {why}" for one in imports(source) for why in _reasons(file, one)]


def _reasons(file: str, one: Import) -> Iterator[str]:
    package, top = file.split("/")[0], one.module.split(".")[0]
    if one.relative:
        yield "relative import; write the whole name"
        return
    allowed = ALLOWED.get(package)
    if allowed is not None and top not in allowed and top not in sys.stdlib_module_names:
        yield f"{package} may not import {top}"
    if top == "pint" and file != PINT:
        yield f"pint is imported only in {PINT}"
    if package == "lims" and top == "lims":
        yield from _upwards(file, one.module)
    if file.endswith("views.py") and top == "sqlalchemy":
        yield "a view calls an operation or a query and has no SQL"
    lazy = file == "lims/cli.py" or file.startswith("lims/commands/")
    if one.inside_function and not lazy and top not in SLOW:
        yield f"import of {top} inside a function; put it at the top of the file"


def _upwards(file: str, module: str) -> Iterator[str]:
    here, there = file.removesuffix(".py").split("/")[1], [*module.split("."), "__init__"][1]
    if "__init__" in (here, there):
        return
    unknown = {here, there} - RANK.keys()
    if unknown:
        yield f"lims/{min(unknown)} has no place in LAYERS of this test; give it one"
        return
    # A page shows what comes before and after it, so views stand above all features, and only the app knows them.
    mine = PAGES if file.endswith("views.py") else RANK[here]
    theirs = PAGES if "".join(module.split(".")[2:3]).endswith("views") else RANK[there]
    same = mine == theirs and (here == there or mine in ONE_LAYER)
    if theirs > mine or (theirs == mine and not same):
        yield f"lims.{here} may not import {module}, which stands above or beside it"


def _files() -> list[str]:
    found = (path for package in OURS for path in (ROOT / package).rglob("*.py"))
    return sorted(path.relative_to(ROOT).as_posix() for path in found if path.parent.name != "migrations")


@pytest.mark.parametrize("file", _files())
def test_every_import_goes_the_way_the_table_allows(file: str) -> None:
    assert wrong(file, (ROOT / file).read_text(encoding="utf-8")) == []


def test_the_walk_finds_all_packages() -> None:
    assert {file.split("/")[0] for file in _files()} == set(OURS)


@pytest.mark.parametrize(
    ("file", "source", "reason"),
    [
        ("protocols/fits.py", "import pint", "protocols may not import pint"),
        ("protocols/fits.py", "from lims import units", "protocols may not import lims"),
        ("protocols/standards/x.py", "import scipy.linalg", "protocols may not import scipy"),
        ("instruments/link.py", "from flask import Flask", "instruments may not import flask"),
        ("instruments/link.py", "import protocols.record", "instruments may not import protocols"),
        ("migrations/versions/x.py", "from lims.db import Base", "migrations may not import lims"),
        ("lims/runs/correction.py", "import pint", "pint is imported only"),
        ("lims/runs/operations.py", "from lims.results import queries", "lims.runs may not import lims.results"),
        ("lims/db.py", "from lims.parties.models import Person", "lims.db may not import lims.parties"),
        ("lims/db.py", "from lims import parties", "lims.db may not import lims.parties"),
        ("lims/portal/operations.py", "from lims.api import tokens", "stands above or beside"),
        ("lims/orders/operations.py", "from lims.web.access import page", "stands above or beside"),
        ("lims/orders/operations.py", "from lims.orders.views import page", "stands above or beside"),
        ("lims/orders/operations.py", "from lims.orders import views", "stands above or beside"),
        ("lims/orders/views.py", "from lims.web.access import page", None),
        ("lims/orders/views.py", "from lims.certificates import queries", None),
        ("lims/orders/views.py", "from lims.app import create_app", "stands above or beside"),
        ("lims/app.py", "from lims.orders.views import pages\nfrom lims.web import access", None),
        ("lims/parties/views.py", "import sqlalchemy as sa", "has no SQL"),
        ("lims/parties/company_views.py", "import sqlalchemy as sa", "has no SQL"),
        ("lims/parties/company_views.py", "from lims.web import access", None),
        ("lims/parties/operations.py", "from lims.parties.company_views import page", "stands above or beside"),
        ("lims/runs/x.py", "def f():\n    import json", "inside a function"),
        ("lims/runs/x.py", "def f():\n    import duckdb", None),
        ("lims/commands/x.py", "def f():\n    import json", None),
        ("lims/runs/x.py", "from . import models", "relative import"),
        ("lims/unheard_of/x.py", "from lims.db import Base", "has no place in LAYERS"),
        ("lims/runs/x.py", "if True:\n    from lims.certificates.sign import sign", "may not import"),
        ("lims/certificates/x.py", "from lims.results.figures import figures\nimport numpy", None),
        ("protocols/x.py", "from protocols import fits\nimport math\nimport numpy as np", None),
    ],
)
def test_the_reader_refuses_what_the_table_forbids(file: str, source: str, reason: str | None) -> None:
    found = wrong(file, source)
    assert (found == []) if reason is None else any(reason in sentence for sentence in found)
