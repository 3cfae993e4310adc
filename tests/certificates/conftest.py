"""One report from invented people and a real outcome: its facts, its pages, its three signatures."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from lims.certificates import facts as f
from lims.certificates.document import Content, compose, results_attachment
from lims.certificates.keys import Authority, open_authority
from lims.certificates.render import render, results_file
from lims.certificates.sign import ROLES, Signer, sign_report

OUTCOME = Path(__file__).parents[1] / "data" / "outcome" / "graz_ten_days.json"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 20"><path d="M2 18L58 2" stroke="#0072B2"/></svg>'


@pytest.fixture(scope="session")
def outcome() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(OUTCOME.read_text("utf-8"))
    return loaded


@pytest.fixture(scope="session")
def facts(outcome: dict[str, Any]) -> f.ReportFacts:
    return f.ReportFacts(
        laboratory=f.Laboratory(
            name=f.Text("太阳能热利用产品检测中心", "Solar Thermal Testing Centre"),
            address=f.Text("浙江省海宁市示范路 1 号", "1 Shifan Road, Haining"),
            contact="0573-0000 0000",
            location=f.Text("海宁户外试验台 A", "Outdoor bench A, Haining"),
            terms=(f.Text("异议应于十五日内提出。", "Objections within fifteen days."),),
            demonstration=True,
        ),
        number="HB-2026-00001",
        title=f.Text("平板型太阳能集热器热性能检测", "Thermal performance of a flat-plate collector"),
        kind=f.Text("委托检测", "Commissioned test"),
        customer=f.Customer(
            name=f.Text("海宁晨光太阳能有限公司", "Haining Chenguang Solar"),
            address=f.Text("袁花镇示例路 88 号", "88 Example Road"),
            contact="王芳 0573-1111 1111",
        ),
        item=f.Item(
            number="S-2026-00001",
            description=f.Text("平板型集热器阵列", "Flat-plate collector array"),
            manufacturer=f.Text("海宁晨光太阳能有限公司", "Haining Chenguang Solar"),
            model="CG-P-13.57",
            serial="202606-0038",
            condition=f.Text("外观完好", "Undamaged"),
            properties=(
                f.ItemProperty(
                    symbol="A_G",
                    name=f.Text("总面积", "gross area"),
                    value=f.Text("515.66"),
                    unit="m2",
                    supplied_by="customer",
                ),
            ),
        ),
        method=f.TestMethod(
            id="iso9806-2017-qdt",
            standard="ISO 9806",
            edition="2017",
            clause="26",
            title=f.Text("准动态热性能试验", "Quasi-dynamic thermal performance"),
            digest="9f" * 32,
        ),
        dates=f.Dates(
            received=date(2017, 6, 28),
            performed_from=date(2017, 7, 3),
            performed_to=date(2017, 8, 25),
            issued=date(2026, 11, 22),
        ),
        sampling=f.Text("样品由客户送检。", "The item was submitted by the customer."),
        decision_rule=f.Text(""),
        deviations=f.Text("平均时段 30 min。", "Averaging time 30 min."),
        equipment=(
            f.Equipment(
                number="E-001",
                name=f.Text("总辐射表", "Pyranometer"),
                serial="190123",
                certificate="CAL-2017-0311",
                calibrated_on=date(2017, 3, 1),
                due_on=date(2018, 3, 1),
            ),
        ),
        outcome=outcome,
        persons=tuple(
            f.Person(role=role, name=name, title=title, time=datetime(2026, 11, 22, hour, tzinfo=UTC))
            for role, name, title, hour in (
                ("tested", f.Text("李明", "LI Ming"), f.Text("检测工程师", "Test engineer"), 6),
                ("reviewed", f.Text("陈静", "CHEN Jing"), f.Text("高级工程师", "Senior engineer"), 7),
                ("authorised", f.Text("周建国", "ZHOU Jianguo"), f.Text("授权签字人", "Signatory"), 8),
            )
        ),
        runs=(
            f.RawRun(
                number="R-2026-00001",
                bench="A",
                started=datetime(2017, 7, 3, 6, tzinfo=UTC),
                ended=datetime(2017, 8, 25, 16, tzinfo=UTC),
                scans=6000,
                segments=("11" * 32, "22" * 32),
                head="ab" * 32,
            ),
        ),
        software_version="0.1.0",
        verification_url="https://lab.example.org/verify/HB-2026-00001?code=K7QM",
        verification_code="K7QM-X4T2",
    )


@pytest.fixture(scope="session")
def changed(facts: f.ReportFacts) -> Callable[..., f.ReportFacts]:
    """The facts with some of them changed; ``part__field=value`` reaches into a part."""

    def change(**changes: Any) -> f.ReportFacts:
        made = facts
        for path, value in changes.items():
            part, _, name = path.partition("__")
            made = replace(made, **{part: replace(getattr(made, part), **{name: value}) if name else value})
        return made

    return change


@pytest.fixture(scope="session")
def content(facts: f.ReportFacts) -> Content:
    return compose(facts)


@pytest.fixture(scope="session")
def unsigned(content: Content, outcome: dict[str, Any]) -> bytes:
    attached = results_file(results_attachment(content, outcome))
    return render(content, figures={"efficiency": SVG}, attachments=[attached])


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    folder = tmp_path_factory.mktemp("authority")
    return open_authority(folder, laboratory="检测中心", now=datetime.now(UTC))


@pytest.fixture(scope="session")
def signed(unsigned: bytes, authority: Authority) -> bytes:
    return sign_report(unsigned, signers_of(authority))


@pytest.fixture(scope="session")
def signers() -> Callable[[Authority], list[Signer]]:
    return signers_of


def signers_of(authority: Authority) -> list[Signer]:
    """Three people of one laboratory, in their roles."""
    now = datetime.now(UTC)
    names = ("李明 LI Ming", "陈静 CHEN Jing", "周建国 ZHOU Jianguo")
    people = [authority.signer(person=str(i), name=name, now=now) for i, name in enumerate(names)]
    return [Signer(role=role, identity=identity) for role, identity in zip(ROLES, people, strict=True)]
