"""A catalogue from a TOML file, entered by the verbs that a person uses."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from lims.laboratory import Work
from lims.offerings import operations
from lims.offerings.models import Product

A_YEAR = timedelta(days=365)


def load(work: Work, path: Path) -> None:
    """Enter the products of a file with their tests, prices, scope and packages, valid from today.

    Raises `BadInput` for what a person could not enter either.
    """
    for row in tomllib.loads(path.read_text(encoding="utf-8"))["product"]:
        product = operations.add_product(work, code=row["code"], name_zh=row["name_zh"], name_en=row["name_en"])
        for test in row["test"]:
            _test(work, product, test)
        for one in row.get("package", ()):
            operations.set_package(
                work, product, code=one["code"], name_zh=one["name_zh"], name_en=one["name_en"], tests=one["tests"]
            )


def _test(work: Work, product: Product, row: Mapping[str, Any]) -> None:
    code = row["code"]
    operations.offer_test(work, product, code)
    if "yuan" in row:
        operations.set_price(
            work, product, code, yuan=Decimal(row["yuan"]), working_days=row["working_days"], valid_from=work.today
        )
    for scheme in row.get("scope", ()):
        operations.add_scope(
            work, product, code, scheme=scheme, certificate=f"DEMO-{scheme}", valid_from=work.today,
            valid_to=work.today + 3 * A_YEAR,
        )  # fmt: skip
