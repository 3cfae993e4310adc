"""The web application, as a table of contents."""

from __future__ import annotations

from flask import Flask

from lims import presentation
from lims.api.views import api
from lims.attachments.views import attachments
from lims.certificates.amendment_views import amendments
from lims.certificates.views import certificates
from lims.confirmations.views import confirmations
from lims.contracts.money_views import contracts_money
from lims.contracts.views import contracts
from lims.equipment.views import equipment
from lims.items.door.views import door
from lims.items.labelling.views import labelling
from lims.items.store.views import store
from lims.items.views import items
from lims.laboratory import Laboratory
from lims.limits.views import limits
from lims.lists.views import lists
from lims.manual.views import manual
from lims.notices.account_views import account
from lims.notices.views import notices
from lims.offerings.views import offerings
from lims.orders.planning_views import planning
from lims.orders.views import orders
from lims.parties.company_views import companies
from lims.parties.competence_views import competence
from lims.parties.people_views import people
from lims.parties.views import parties
from lims.portal.statistics_views import statistics
from lims.portal.turnaround_views import turnaround
from lims.portal.views import portal
from lims.reference.views import reference
from lims.results.background import Evaluations
from lims.results.views import results
from lims.review.views import review
from lims.runs.views import runs
from lims.sampling.objection_views import objections
from lims.sampling.views import sampling
from lims.settings import Settings, load_settings
from lims.watch.views import watch
from lims.web import access, faults, language, security

BLUEPRINTS = (
    portal,
    parties,
    people,
    account,
    competence,
    companies,
    equipment,
    offerings,
    contracts,
    contracts_money,
    orders,
    items,
    door,
    sampling,
    objections,
    labelling,
    store,
    runs,
    watch,
    results,
    limits,
    confirmations,
    review,
    certificates,
    amendments,
    attachments,
    manual,
    lists,
    notices,
    planning,
    turnaround,
    statistics,
    reference,
    api,
)


def create_app(site: Settings | Laboratory | None = None) -> Flask:
    """The pages of one site; refuses to start if a route states no permission."""
    laboratory = site if isinstance(site, Laboratory) else Laboratory(site or load_settings())
    app = Flask("lims")
    app.extensions["heliobench"] = laboratory
    app.extensions["evaluations"] = Evaluations(laboratory)
    security.install(app, laboratory.settings)
    access.install(app)
    language.install(app)
    faults.install(app)
    presentation.install(app, laboratory)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    access.require_declared(app)
    return app
