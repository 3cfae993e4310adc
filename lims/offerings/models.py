"""The catalogue (检测目录): products, the tests offered for each, packages, prices and the accredited scope."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.db import Base, Yuan


class Product(Base):
    """A kind of product that this laboratory tests."""

    __tablename__ = "product"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    name_zh: Mapped[str] = mapped_column(sa.String(120))
    name_en: Mapped[str] = mapped_column(sa.String(120))
    active: Mapped[bool] = mapped_column(default=True)

    offerings: Mapped[list[Offering]] = relationship(order_by="Offering.id")
    packages: Mapped[list[Package]] = relationship(order_by="Package.id")


class Offering(Base):
    """A test that can be ordered for a product."""

    __tablename__ = "offering"
    __table_args__ = (sa.UniqueConstraint("product_id", "test"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(sa.ForeignKey("product.id"), index=True)
    test: Mapped[str] = mapped_column(sa.String(90))  # a code of lims.repertoire
    active: Mapped[bool] = mapped_column(default=True)

    product: Mapped[Product] = relationship(back_populates="offerings")
    prices: Mapped[list[Price]] = relationship(lazy="selectin", order_by="Price.valid_from, Price.id")
    scopes: Mapped[list[Scope]] = relationship(lazy="selectin", order_by="Scope.scheme, Scope.valid_from")

    def price_on(self, day: date) -> Price | None:
        """What it costs on a day: the price whose validity began last; none before the first."""
        return next((one for one in reversed(self.prices) if one.valid_from <= day), None)

    def schemes_on(self, day: date) -> tuple[Scope, ...]:
        """The accreditations that hold on a day."""
        return tuple(one for one in self.scopes if one.holds_on(day))


class Price(Base):
    """What a test costs and how long it takes, from a day on. Append-only: a new price is a new row."""

    __tablename__ = "price"

    id: Mapped[int] = mapped_column(primary_key=True)
    offering_id: Mapped[int] = mapped_column(sa.ForeignKey("offering.id"), index=True)
    yuan: Mapped[Decimal] = mapped_column(Yuan)  # without value added tax
    working_days: Mapped[int]  # from the receipt of the item to the report
    valid_from: Mapped[date]
    entered_at: Mapped[datetime]
    entered_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))


class Scope(Base):
    """That a test of a product lies within an accreditation, from–to."""

    __tablename__ = "scope"

    id: Mapped[int] = mapped_column(primary_key=True)
    offering_id: Mapped[int] = mapped_column(sa.ForeignKey("offering.id"), index=True)
    scheme: Mapped[str] = mapped_column(sa.String(10))  # see SCHEMES
    certificate: Mapped[str] = mapped_column(sa.String(60))
    restriction: Mapped[str] = mapped_column(sa.String(200), default="")
    valid_from: Mapped[date]
    valid_to: Mapped[date]

    def holds_on(self, day: date) -> bool:
        """Whether it holds on a day."""
        return self.valid_from <= day <= self.valid_to


class Package(Base):
    """Tests of a product that are ordered together, e.g. all of a standard."""

    __tablename__ = "package"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    product_id: Mapped[int] = mapped_column(sa.ForeignKey("product.id"), index=True)
    name_zh: Mapped[str] = mapped_column(sa.String(120))
    name_en: Mapped[str] = mapped_column(sa.String(120))
    active: Mapped[bool] = mapped_column(default=True)

    product: Mapped[Product] = relationship(back_populates="packages")
    rows: Mapped[list[PackageTest]] = relationship(
        lazy="selectin", order_by="PackageTest.position", cascade="all, delete-orphan"
    )

    @property
    def tests(self) -> tuple[str, ...]:
        """The codes of its tests, in their order."""
        return tuple(one.test for one in self.rows)


class PackageTest(Base):
    """One test of a package."""

    __tablename__ = "package_test"

    package_id: Mapped[int] = mapped_column(sa.ForeignKey("package.id"), primary_key=True)
    test: Mapped[str] = mapped_column(sa.String(90), primary_key=True)
    position: Mapped[int]


SCHEMES = ("CMA", "CNAS")
