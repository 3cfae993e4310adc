"""Questions about the catalogue."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from lims.errors import NotFound
from lims.offerings.models import Offering, Package, Product


def products(session: Session, *, active: bool = False) -> Sequence[Product]:
    """Every product in the order in which they were entered; ``active``: only those that can be ordered."""
    whole = (selectinload(Product.offerings), selectinload(Product.packages))
    select = sa.select(Product).options(*whole).order_by(Product.id)
    return session.scalars(select.where(Product.active) if active else select).all()


def product(session: Session, code: str) -> Product:
    """The product of this code; else `NotFound`."""
    found = session.scalar(sa.select(Product).where(Product.code == code))
    if found is None:
        raise NotFound(f"There is no product {code} in the catalogue.", f"检测目录中没有产品 {code}。")
    return found


def offering(session: Session, product_id: int | None, test: str) -> Offering | None:
    """The test as it is offered for a product; none where it is not."""
    if product_id is None:
        return None
    return session.scalar(sa.select(Offering).where(Offering.product_id == product_id, Offering.test == test))


def package(session: Session, code: str) -> Package | None:
    """The package of this code."""
    return session.scalar(sa.select(Package).where(Package.code == code))
