"""Verbs about the catalogue. Nothing is deleted: what is no longer offered stays for the orders that name it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from lims.errors import BadInput, Refused
from lims.laboratory import Work
from lims.offerings import queries
from lims.offerings.models import SCHEMES, Offering, Package, PackageTest, Price, Product, Scope
from lims.repertoire import known_test

CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,38}")
DEAREST = Decimal(10_000_000)  # yuan; ours: more is a slip of the keyboard
LONGEST = 500  # working days; ours


def add_product(work: Work, *, code: str, name_zh: str, name_en: str) -> Product:
    """A kind of product that can be ordered."""
    work.actor.require("catalogue.write")
    _require_code(code)
    _require_named(name_zh, name_en)
    if any(one.code == code for one in queries.products(work.session)):
        raise BadInput(f"There is a product {code} already.", f"产品 {code} 已存在。")
    product = Product(code=code, name_zh=name_zh.strip(), name_en=name_en.strip())
    work.session.add(product)
    work.session.flush()
    work.record("catalogue", code, "add", name_zh=product.name_zh)
    return product


def withdraw_product(work: Work, product: Product) -> None:
    """Nobody can order the product any more; orders that name it go on, with tests, prices and scope as they were."""
    work.actor.require("catalogue.write")
    if not product.active:
        raise Refused(f"{product.code} was withdrawn already.", f"{product.code} 此前已停止提供。")
    product.active = False
    work.record("catalogue", product.code, "withdraw_product")


def offer_product(work: Work, product: Product) -> None:
    """A product that was withdrawn can be ordered again, with the tests it had."""
    work.actor.require("catalogue.write")
    if product.active:
        raise Refused(f"{product.code} is offered already.", f"{product.code} 已在提供。")
    product.active = True
    work.record("catalogue", product.code, "offer_product")


def offer_test(work: Work, product: Product, test: str) -> Offering:
    """A test can be ordered for a product; one that was withdrawn is offered again."""
    work.actor.require("catalogue.write")
    known_test(test)
    found = queries.offering(work.session, product.id, test)
    if found is None:
        found = Offering(product_id=product.id, test=test)
        work.session.add(found)
    elif found.active:
        raise BadInput(f"{test} is offered for {product.code} already.", f"{product.code} 已提供 {test}。")
    found.active = True
    work.session.flush()
    work.record("catalogue", product.code, "offer", test=test)
    return found


def withdraw_test(work: Work, product: Product, test: str) -> None:
    """A test can no longer be ordered for a product; prices and orders stay."""
    work.actor.require("catalogue.write")
    offering = _offered(work, product, test)
    if not offering.active:
        raise Refused(f"{test} was withdrawn already.", f"{test} 此前已停止提供。")
    offering.active = False
    work.record("catalogue", product.code, "withdraw", test=test)


def set_price(work: Work, product: Product, test: str, *, yuan: Decimal, working_days: int, valid_from: date) -> Price:
    """A price from a day on; a day that has passed is refused, for orders of that day stand at another price."""
    work.actor.require("catalogue.write")
    offering = _offered(work, product, test)
    if not 0 <= yuan < DEAREST or yuan != yuan.quantize(Decimal("0.01")):
        raise BadInput("Give a price in yuan, 0 or more, with at most two decimals.", "价格应不小于 0，最多两位小数。")
    if not 1 <= working_days <= LONGEST:
        raise BadInput(f"Give 1 to {LONGEST} working days.", f"工作日应为 1 至 {LONGEST}。")
    if valid_from < work.today:
        raise BadInput(
            f"A price is valid from today ({work.today}) or later.", f"价格生效日期不得早于今天（{work.today}）。"
        )
    price = Price(
        offering_id=offering.id, yuan=yuan, working_days=working_days, valid_from=valid_from, entered_at=work.now,
        entered_by_id=_person(work),
    )  # fmt: skip
    work.session.add(price)
    work.session.flush()
    work.record(
        "catalogue", product.code, "price", test=test, yuan=f"{yuan:.2f}", working_days=working_days,
        valid_from=valid_from.isoformat(),
    )  # fmt: skip
    return price


def add_scope(
    work: Work,
    product: Product,
    test: str,
    *,
    scheme: str,
    certificate: str,
    valid_from: date,
    valid_to: date,
    restriction: str = "",
) -> Scope:
    """A test of a product lies within an accreditation, from–to."""  # fmt: skip
    work.actor.require("scope.write")
    offering = _offered(work, product, test)
    if scheme not in SCHEMES or not certificate.strip():
        raise BadInput(
            f"Give the scheme ({', '.join(SCHEMES)}) and the number of the certificate.",
            f"请填写资质类别（{'、'.join(SCHEMES)}）和证书编号。",
        )
    if valid_to < valid_from:
        raise BadInput(
            f"The scope ends before it begins ({valid_from} to {valid_to}); swap the dates.",
            f"资质的结束日期早于开始日期（{valid_from} 至 {valid_to}）；请调换。",
        )
    scope = Scope(
        offering_id=offering.id, scheme=scheme, certificate=certificate.strip(), restriction=restriction.strip(),
        valid_from=valid_from, valid_to=valid_to,
    )  # fmt: skip
    work.session.add(scope)
    work.session.flush()
    work.record(
        "catalogue", product.code, "scope", test=test, scheme=scheme, certificate=scope.certificate,
        valid_from=valid_from.isoformat(), valid_to=valid_to.isoformat(),
    )  # fmt: skip
    return scope


def end_scope(work: Work, scope: Scope, last: date) -> None:
    """An accreditation ends earlier than its certificate says, or later."""
    work.actor.require("scope.write")
    if last < scope.valid_from:
        raise BadInput("It cannot end before it began.", "结束日期不得早于开始日期。")
    offering = work.session.get_one(Offering, scope.offering_id)
    scope.valid_to = last
    work.record(
        "catalogue", offering.product.code, "scope", test=offering.test, scheme=scope.scheme,
        valid_to=last.isoformat(),
    )  # fmt: skip


def set_package(
    work: Work, product: Product, *, code: str, name_zh: str, name_en: str, tests: Sequence[str], active: bool = True
) -> Package:
    """A package as it shall be: a new one, or another content of the one of this code."""
    work.actor.require("catalogue.write")
    _require_code(code)
    _require_named(name_zh, name_en)
    if not tests:
        raise BadInput("Choose the tests of the package.", "请选择套餐包含的检测项目。")
    for test in tests:
        _offered(work, product, test)
    package = queries.package(work.session, code) or Package(code=code, product_id=product.id)
    if package.product_id != product.id:
        raise BadInput(f"The package {code} is another product's.", f"套餐 {code} 属于其他产品。")
    package.name_zh, package.name_en, package.active = name_zh.strip(), name_en.strip(), active
    work.session.add(package)
    rows = {one.test: one for one in package.rows}
    package.rows = [rows.get(test) or PackageTest(test=test) for test in dict.fromkeys(tests)]
    for position, one in enumerate(package.rows, start=1):
        one.position = position
    work.session.flush()
    work.record("catalogue", product.code, "package", package=code, tests=list(package.tests), active=active)
    return package


def _offered(work: Work, product: Product, test: str) -> Offering:
    found = queries.offering(work.session, product.id, test)
    if found is None:
        raise BadInput(
            f"{test} is not offered for {product.code}; offer it first.", f"{product.code} 未提供 {test}；请先添加。"
        )
    return found


def _person(work: Work) -> int:
    if work.actor.id is None:
        raise Refused("A named person keeps the catalogue.", "检测目录须由具名人员维护。")
    return work.actor.id


def _require_code(code: str) -> None:
    if not CODE.fullmatch(code):
        raise BadInput(
            "A code has small letters, digits and hyphens, e.g. collector-flat.",
            "代码由小写字母、数字和连字符组成，例如 collector-flat。",
        )


def _require_named(name_zh: str, name_en: str) -> None:
    if not (name_zh.strip() and name_en.strip()):
        raise BadInput("Give a Chinese and an English name.", "请填写中文和英文名称。")
