"""People: list, page, roles, invitations; the pages an invited or forgetful person opens from a mail."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from lims.errors import BadInput, Forbidden, NotFound, Refused
from lims.labels import ROLES
from lims.laboratory import SYSTEM
from lims.parties import account, invitations, links, queries, resets, staff
from lims.parties.competence import last_day
from lims.parties.lists import PEOPLE
from lims.parties.models import Company, Invitation, Person
from lims.permissions import PUBLIC, SIGNED_IN, STAFF, Role
from lims.repertoire import known_tests
from lims.review.queries import history
from lims.web import access, lists
from lims.web.access import requires
from lims.web.faults import status_of
from lims.web.forms import Form
from lims.web.language import language
from lims.web.lists import AnyPage
from lims.web.today import today

people = Blueprint("people", __name__)
STAFF_ROLES = tuple(role for role in Role if role in STAFF)


@people.get("/people", endpoint="people")
@requires("people.view")
def every() -> AnyPage:
    """Everybody, and the invitations to staff."""
    mine = access.actor().may("people.manage")
    return lists.show(
        PEOPLE,
        "people.html",
        invitations=queries.invitations(access.session(), company_id=None) if mine else [],
        now=access.laboratory().clock(),
    )


@people.get("/people/<username>")
@requires("people.view")
def person(username: str) -> str:
    """One person with roles, competence and history."""
    found = _person(username)
    return render_template(
        "person.html",
        it=found,
        staff_roles=STAFF_ROLES,
        competences=queries.competences_of(access.session(), found),
        last_sign_in=queries.last_sign_in(access.session(), found),
        history=history(access.session(), username, access.actor()),
        today=today(),
        every=known_tests(),
        proposed_end=last_day(today()),
    )


@people.get("/people/new")
@requires("people.manage")
def new() -> str:
    """The form that invites staff."""
    return _invite_page(Form({"language": "zh"}), None)


@people.post("/people/new")
@requires("people.manage")
def invite() -> Response | tuple[str, int] | str:
    """Invite staff."""
    return _invite(None)


@people.get("/companies/<code>/invite")
@requires("company.manage")
def new_for(code: str) -> str:
    """The form that invites a company's user."""
    return _invite_page(Form({"language": "zh", "company_admin": "1"}), _company(code))


@people.post("/companies/<code>/invite")
@requires("company.manage")
def invite_for(code: str) -> Response | tuple[str, int] | str:
    """Invite a company's user."""
    return _invite(_company(code))


@people.get("/company/invite")
@requires("company.own")
def new_colleague() -> str:
    """The form with which a company's administrator invites a colleague."""
    return _invite_page(Form({"language": language()}), _own_company())


@people.post("/company/invite")
@requires("company.own")
def invite_colleague() -> Response | tuple[str, int] | str:
    """Invite a colleague of the reader's own company."""
    return _invite(_own_company())


@people.post("/invitations/<int:sequence>")
@requires(SIGNED_IN)
def invitation_again(sequence: int) -> Response:
    """Send an invitation again, or withdraw it; whose it is not gets 404."""
    with access.work() as work:
        if request.form.get("then") == "revoke":
            found = invitations.revoke(work, sequence)
        else:
            found = invitations.send_again(work, sequence)
        back = _back(found.company)
    if found.revoked_at:
        flash(gettext("The invitation of %(address)s is withdrawn.", address=found.email), "good")
    else:
        flash(gettext("A new link goes to %(address)s; the one before no longer works.", address=found.email), "good")
    return redirect(back)


@people.post("/people/<username>/roles")
@requires("people.manage")
def roles(username: str) -> Response:
    """Other roles for a person."""
    chosen = _roles()
    with access.work() as work:
        staff.change_roles(work, username, chosen)
    flash(gettext("The roles of %(name)s are saved.", name=username), "good")
    return redirect(url_for("people.person", username=username))


@people.post("/people/<username>/names")
@requires("people.manage")
def names(username: str) -> Response:
    """Another name for a person."""
    form = Form(request.form)
    stated = {name: form.text(name, longest=60) for name in ("name_zh", "name_en")}
    form.require_clean()
    with access.work() as work:
        staff.change_names(work, username, **stated)
    flash(gettext("The changes are saved."), "good")
    return redirect(url_for("people.person", username=username))


@people.post("/people/<username>/close")
@requires("people.view")
def close(username: str) -> Response:
    """Somebody who left is out at once."""
    with access.work() as work:
        staff.deactivate(work, username, request.form.get("reason", ""))
    flash(gettext("%(name)s is closed and signed out.", name=username), "good")
    return redirect(url_for("people.person", username=username))


@people.post("/people/<username>/open")
@requires("people.view")
def reopen(username: str) -> Response:
    """Somebody who came back."""
    with access.work() as work:
        staff.reactivate(work, username)
    flash(gettext("%(name)s may sign in again.", name=username), "good")
    return redirect(url_for("people.person", username=username))


@people.post("/people/<username>/appoint")
@requires("company.manage")
def appoint(username: str) -> Response:
    """Whether a company's user may invite colleagues."""
    with access.work() as work:
        staff.appoint_company_admin(work, username, bool(request.form.get("appointed")))
    return redirect(url_for("people.person", username=username))


@people.get("/invitation/<code>")
@requires(PUBLIC)
def invitation(code: str) -> str:
    """The page an invited person opens from the mail."""
    found = links.open_invitation(access.session(), code, access.laboratory().clock())
    proposed = invitations.proposed_username(access.session(), found)
    return _invitation_page(found, Form({"name_zh": found.name, "username": proposed}))


@people.post("/invitation/<code>")
@requires(PUBLIC)
def accept(code: str) -> Response | tuple[str, int]:
    """The invited person sets name and password, and is a user."""
    found, form = links.open_invitation(access.session(), code, access.laboratory().clock()), Form(request.form)
    try:
        stated = {name: form.text(name, longest=60) for name in ("username", "name_zh", "name_en")}
        password = _new_password(form)
        with access.laboratory().work(SYSTEM) as work:
            made = invitations.accept(work, code, password=password, **stated)
    except Refused as refused:
        return _invitation_page(found, form, error=refused), status_of(refused)
    flash(gettext("You are registered as %(name)s; sign in now.", name=made.username), "good")
    return redirect(url_for("parties.sign_in"))


@people.get("/forgotten")
@requires(PUBLIC)
def forgotten() -> str:
    """Where a new password is asked for."""
    return render_template("forgotten.html", asked=False)


@people.post("/forgotten")
@requires(PUBLIC)
def asked() -> str | tuple[str, int]:
    """Write the request down; the answer is the same for a known and an unknown name."""
    try:
        with access.laboratory().work(SYSTEM) as work:
            resets.ask(work, typed=request.form.get("typed", ""), address=request.remote_addr or "")
    except Refused as refused:
        return render_template("forgotten.html", asked=False, error=refused), 429
    return render_template("forgotten.html", asked=True)


@people.get("/link/<code>")
@requires(PUBLIC)
def link(code: str) -> str:
    """The page of a link from a mail: a new password, or the proof of an address."""
    return _link_page(code, Form({}))


@people.post("/link/<code>")
@requires(PUBLIC)
def follow(code: str) -> Response | tuple[str, int]:
    """Do what the link is for; it is used up."""
    found, form = links.open_link(access.session(), code, access.laboratory().clock()), Form(request.form)
    try:
        if found.purpose == links.PASSWORD:
            password = _new_password(form)
            with access.laboratory().work(SYSTEM) as work:
                resets.set_password_by_link(work, code, password)
            flash(gettext("The new password is set; sign in with it."), "good")
        else:
            with access.laboratory().work(SYSTEM) as work:
                account.prove_address(work, code)
            flash(gettext("The address is confirmed."), "good")
    except Refused as refused:
        return _link_page(code, form, error=refused), status_of(refused)
    return redirect(url_for("portal.home" if access.person() else "parties.sign_in"))


def _person(username: str) -> Person:
    found = queries.person_by_username(access.session(), username)
    if found is None:
        raise NotFound(f"There is no person '{username}'.", f"没有用户名为“{username}”的人员。")
    return found


def _company(code: str) -> Company:
    found = queries.company_by_code(access.session(), code)
    if found is None:
        raise NotFound(f"There is no company '{code}'.", f"没有代码为“{code}”的委托单位。")
    return found


def _own_company() -> Company:
    me = access.signed_in()
    if me.company is None or not me.company_admin:
        raise Forbidden(
            "Only whom the office appointed invites colleagues; ask the office.",
            "只有经业务受理人员授权的用户可以邀请同事；请联系业务受理人员。",
        )
    return me.company


def _roles() -> list[Role]:
    typed = request.form.getlist("roles")
    if any(role not in ROLES for role in typed):
        raise BadInput("There is no such role.", "没有该角色。")
    return [Role(role) for role in typed]


def _back(company: Company | None) -> str:
    if company is None:
        return url_for("people.people")
    if access.actor().company_id:
        return url_for("companies.own")
    return url_for("companies.page", code=company.code)


def _invite_page(form: Form, company: Company | None, *, error: Refused | None = None, link: str = "") -> str:
    return render_template(
        "invite.html", form=form, company=company, error=error, link=link, staff_roles=STAFF_ROLES,
        chosen=request.form.getlist("roles"), back=_back(company),
    )  # fmt: skip


def _invite(company: Company | None) -> Response | tuple[str, int] | str:
    form = Form(request.form)
    try:
        email, name = form.text("email"), form.text("name", longest=60)
        chosen = form.chosen("language", ("zh", "en"), "zh")
        form.require_clean()
        with access.work() as work:
            made = invitations.invite(
                work, email=email, name=name, roles=[] if company else _roles(), language=chosen,
                company=queries.company(work.session, company.id) if company else None,
                company_admin=form.ticked("company_admin"),
            )  # fmt: skip
            link = links.address(access.laboratory(), work.session, "invitation", made.id, work.now)
    except Refused as refused:
        return _invite_page(form, company, error=refused), status_of(refused)
    if not access.laboratory().settings.mail_host:  # somebody has to carry it
        return _invite_page(Form({"language": chosen}), company, link=link or "")
    flash(gettext("The invitation goes to %(address)s.", address=made.email), "good")
    return redirect(_back(company))


def _invitation_page(found: Invitation, form: Form, *, error: Refused | None = None) -> str:
    names = [ROLES[role].in_language(language()) for role in found.roles.split()]
    return render_template(
        "invitation.html", form=form, error=error, company=found.company, roles=", ".join(names)
    )  # fmt: skip


def _link_page(code: str, form: Form, *, error: Refused | None = None) -> str:
    found = links.open_link(access.session(), code, access.laboratory().clock())
    return render_template("link.html", form=form, it=found, purpose=found.purpose, error=error)


def _new_password(form: Form) -> str:
    """The password typed twice alike; `BadInput` otherwise."""
    password = form.typed.get("password", "")
    if password != form.typed.get("repeat", ""):
        raise BadInput("The two passwords differ; type both again.", "两次输入的密码不一致；请重新输入。")
    form.require_clean()
    return password
