"""Companies: the credit code, duplicates, contacts, what the office keeps and what the company keeps, closing."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from lims.audit import Event
from lims.demonstration import journey, people
from lims.errors import BadInput, Forbidden, NotFound, Refused
from lims.laboratory import SYSTEM, Laboratory
from lims.parties import companies, creditcode, operations, queries
from lims.parties.companies import CompanyFacts, ContactFacts

ONE_KIND = pytest.mark.parametrize("kind", ["sqlite"])  # the rule does not depend on the database

# Published codes of companies everybody knows (National Enterprise Credit Information Publicity System), and the
# example that explanations of GB 32100-2015 print.
PUBLISHED = {
    "Alibaba (China) Network Technology": "91330100799655058B",
    "Tencent Technology (Shenzhen)": "9144030071526726XG",
    "Huawei Technologies": "914403001922038216",
    "Beijing Baidu Netcom": "91110000802100433B",
    "Xiaomi Technology": "91110108551385082Q",
    "Tesla (Shanghai)": "91310000MA1FL70B67",
    "example": "91350100M000100Y43",
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_code_is_right_and_wrong_with_any_one_character_changed(name: str) -> None:
    code = PUBLISHED[name]
    assert creditcode.refusal(code) is None
    for place in range(creditcode.LENGTH):
        for other in creditcode.ALPHABET:
            changed = code[:place] + other + code[place + 1 :]
            assert (creditcode.refusal(changed) is None) == (changed == code), changed


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "has 18 characters; this one has 0"),
        ("91330100799655058", "this one has 17"),
        ("91330100799655058BB", "this one has 19"),
        ("91330100799655O58B", "Character 15 is 'O'"),
        ("9133010079965505SB", "Character 17 is 'S'"),
        ("I1330100799655058B", "Character 1 is 'I'"),
        ("91330100799655058C", "check character"),
        ("91330100799655085B", "check character"),
    ],
)
def test_what_is_wrong_with_a_code_is_said(typed: str, said: str) -> None:
    refused = creditcode.refusal(typed)
    assert refused is not None
    assert said in refused.en


def test_a_code_typed_with_spaces_small_letters_or_full_width_is_the_same_code() -> None:
    assert creditcode.normal("９１３３0100 7996 5505 8b") == PUBLISHED["Alibaba (China) Network Technology"]


def add(laboratory: Laboratory, by: str = "office", same_name: bool = False, **facts: str) -> str:
    with laboratory.work(journey.actor(laboratory, by)) as work:
        return companies.add_company(work, CompanyFacts(**({"name_zh": "新光热能"} | facts)), same_name=same_name).code


def last_event(laboratory: Laboratory, action: str) -> dict[str, object]:
    with laboratory.database.read() as session:
        select = sa.select(Event).where(Event.kind == "company", Event.action == action)
        event = session.scalars(select.order_by(Event.position.desc())).first()
        assert event is not None
        return {"subject": event.subject, **json.loads(event.detail)}


def test_a_new_company_gets_the_next_code_and_its_credit_code_as_it_is_kept(laboratory: Laboratory) -> None:
    assert add(laboratory, credit_code="9144 0300 1922 0382 16", email="a@Example.CN") == "C-003"
    with laboratory.database.read() as session:
        made = queries.company_by_code(session, "C-003")
        assert made is not None
        assert (made.credit_code, made.email, made.active) == ("914403001922038216", "a@example.cn", True)


@ONE_KIND
@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"name_zh": " "}, "name as on its business licence"),
        ({"credit_code": "91440300192203821"}, "this one has 17"),
        ({"credit_code": "91330481MA2DEM017Y"}, "C-001 .* has this credit code already"),
        ({"name_zh": "海宁晴川太阳能有限公司 (演示)"}, "C-001 has the same name"),
        ({"email": "two@a.cn, three@a.cn"}, "no e-mail address"),
        ({"email": "x@a.cn\nBcc: y@b.cn"}, "no e-mail address"),
    ],
)
def test_what_cannot_be_a_company_is_refused_in_a_sentence(
    laboratory: Laboratory, facts: dict[str, str], said: str
) -> None:
    with pytest.raises(BadInput, match=said):
        add(laboratory, **facts)


@ONE_KIND
def test_a_second_look_overrules_the_same_name_and_never_the_same_credit_code(laboratory: Laboratory) -> None:
    name = people.description()["company"]["name_zh"]
    assert add(laboratory, same_name=True, name_zh=name) == "C-003"
    with pytest.raises(BadInput, match="has this credit code already"):
        add(laboratory, same_name=True, credit_code="91330481MA2DEM017Y")


@ONE_KIND
@pytest.mark.parametrize("by", ["technician", "reviewer", "signatory", "quality", "admin", "shen"])
def test_only_the_office_registers_companies(laboratory: Laboratory, by: str) -> None:
    with pytest.raises(Forbidden):
        add(laboratory, by=by)


@ONE_KIND
def test_a_company_code_is_used_once(laboratory: Laboratory) -> None:
    office = journey.actor(laboratory, "office")
    with pytest.raises(BadInput, match="company code 'C-001' is taken"), laboratory.work(office) as work:
        companies.add_company(work, CompanyFacts(name_zh="另一家"), code="C-001")


def test_every_change_stands_in_the_trail_with_old_and_new(laboratory: Laboratory) -> None:
    code = add(laboratory, telephone="0573-1")
    with laboratory.work(journey.actor(laboratory, "office")) as work:
        companies.change_company(work, code, CompanyFacts(name_zh="新光热能", telephone="0573-2", contact="钱伟"))
    told = last_event(laboratory, "change")
    assert told["changed"] == {"telephone": ["0573-1", "0573-2"], "contact": ["", "钱伟"]}


@ONE_KIND
def test_a_company_keeps_its_contact_data_and_not_another_companys(laboratory: Laboratory) -> None:
    shen, lu = journey.actor(laboratory, "shen"), journey.actor(laboratory, "lu")
    with laboratory.work(shen) as work:
        own = {"address_zh": "海宁市新路 5 号", "address_en": "", "contact": "沈晓岚", "telephone": "1"}
        companies.change_own(work, **own, email="new@qingchuan.example.org")
        contact = companies.add_contact(work, "C-001", ContactFacts(name="钱会计", role="accounts", telephone="2"))
    told = last_event(laboratory, "change")
    assert told["subject"] == "C-001"
    with laboratory.work(lu) as work:
        with pytest.raises(NotFound):
            companies.add_contact(work, "C-001", ContactFacts(name="x", role="accounts", telephone="2"))
        with pytest.raises(NotFound):
            companies.remove_contact(work, "C-002", contact.id)
        with pytest.raises(Forbidden):
            companies.change_company(work, "C-002", CompanyFacts(name_zh="改名"))


def test_a_contact_is_changed_and_removed_and_the_trail_remembers(laboratory: Laboratory) -> None:
    with laboratory.work(journey.actor(laboratory, "office")) as work:
        made = companies.add_contact(work, "C-001", ContactFacts(name="钱会计", role="accounts", telephone="2"))
        companies.change_contact(
            work, "C-001", made.id, ContactFacts(name="钱会计", role="accounts", email="q@qingchuan.example.org")
        )
        companies.remove_contact(work, "C-001", made.id)
    assert last_event(laboratory, "change_contact")["changed"] == {
        "telephone": ["2", ""], "email": ["", "q@qingchuan.example.org"]
    }  # fmt: skip
    assert last_event(laboratory, "remove_contact")["contact"] == "钱会计"


@ONE_KIND
@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"name": ""}, "contact's name"),
        ({"role": "boss"}, "what the contact is for"),
        ({"telephone": ""}, "telephone number or an e-mail"),
        ({"email": "nowhere"}, "no e-mail address"),
    ],
)
def test_a_contact_nobody_could_reach_is_refused(laboratory: Laboratory, facts: dict[str, str], said: str) -> None:
    stated = {"name": "钱", "role": "accounts", "telephone": "1"} | facts
    with pytest.raises(BadInput, match=said), laboratory.work(journey.actor(laboratory, "office")) as work:
        companies.add_contact(work, "C-001", ContactFacts(**stated))


def test_users_of_a_closed_company_are_out_at_once_and_in_again_when_it_opens(laboratory: Laboratory) -> None:
    word = people.password(laboratory)

    def sign_in() -> str | None:
        with laboratory.work(SYSTEM) as work:
            return operations.sign_in(work, username="shen", password=word, address="192.0.2.1")

    token, office = sign_in() or "", journey.actor(laboratory, "office")
    with pytest.raises(BadInput, match="reason"), laboratory.work(office) as work:
        companies.close_company(work, "C-001", " ")
    with laboratory.work(office) as work:
        companies.close_company(work, "C-001", "业务终止")
    with laboratory.database.read() as session:
        assert queries.person_by_token(session, token, laboratory.clock()) is None
    assert sign_in() is None
    with pytest.raises(Refused, match="closed already"), laboratory.work(office) as work:
        companies.close_company(work, "C-001", "again")
    with laboratory.work(office) as work:
        companies.open_company(work, "C-001")
    with laboratory.database.read() as session:
        assert queries.person_by_token(session, token, laboratory.clock()) is None
    assert sign_in() is not None
