"""Every member of a family keeps its family's contract; a new one joins by existing."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import click
import pytest

from instruments.bench import read_bench
from instruments.driver import Driver, drivers
from lims import labels
from lims.cli import COMMANDS, LazyGroup, heliobench
from lims.demonstration.people import description
from lims.notices.operations import AGAIN
from lims.permissions import PERMISSIONS, Role
from lims.units import convert
from lims.workflow import MACHINES, Machine
from protocols.limits import read_limits
from protocols.method import Method, methods
from protocols.symbols import quantity

CONFIG = Path(__file__).resolve().parent.parent / "config"


def chinese(text: str) -> bool:
    return any("一" <= sign <= "鿿" for sign in text)


# --- drivers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", drivers())
def test_a_driver_names_its_channels_units_and_simulator(name: str) -> None:
    kind: type[Driver] = drivers()[name]
    assert (kind.__doc__ or "").strip()
    device = kind(address=1, settings={})
    assert device.channels
    for unit in device.channels.values():
        convert(0.0, unit, unit)
        assert convert([1.0], unit, unit).tolist() == [1.0]
    assert device.simulator


# --- methods --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", methods().values(), ids=list(methods()))
def test_a_method_takes_its_arguments_by_name_and_declares_units_and_both_languages(method: Method) -> None:
    parameters = inspect.signature(method.evaluate).parameters
    assert set(parameters) >= {"record", "item", "limits"}
    assert {one.kind for one in parameters.values()} == {inspect.Parameter.KEYWORD_ONLY}
    assert chinese(method.title_zh)
    assert method.title_en
    assert all((method.standard, method.edition, method.clause))
    for symbol, unit in {**method.inputs, **method.optional_inputs, **method.outputs}.items():
        assert convert([1.0], unit, quantity(symbol).unit).tolist() == [1.0], symbol
    for field in method.item:
        assert chinese(field.name_zh), field.symbol
        assert field.name_en, field.symbol
        if field.kind == "number":
            assert convert([1.0], field.unit, field.unit).tolist() == [1.0]


@pytest.mark.parametrize("method", methods().values(), ids=list(methods()))
def test_a_methods_limit_table_is_there(method: Method) -> None:
    assert read_limits(CONFIG / "limits" / f"{method.limit_table}.toml")


@pytest.mark.parametrize("path", sorted((CONFIG / "limits").glob("*.toml")), ids=lambda path: path.stem)
def test_every_limit_says_where_it_stands_and_why_in_both_languages(path: Path) -> None:
    for symbol, limit in read_limits(path).items():
        assert limit.source.strip(), symbol
        assert limit.clause.strip(), symbol
        assert limit.note_en.strip(), symbol
        assert chinese(limit.note_zh), symbol
        assert isinstance(limit.confirmed, bool)
        assert not (limit.confirmed and "unconfirmed" in limit.clause), symbol
        assert limit.edition, symbol
        convert([limit.value], limit.unit, limit.unit)


# --- state machines -------------------------------------------------------------------------------------------

EACH_MACHINE = pytest.mark.parametrize("machine", MACHINES.values(), ids=list(MACHINES))


@EACH_MACHINE
def test_every_state_can_be_reached_from_the_first(machine: Machine) -> None:
    reached = {machine.initial}
    while more := {t.target for t in machine.transitions if reached & set(t.sources)} - reached:
        reached |= more
    assert reached == set(machine.states)


@EACH_MACHINE
def test_every_action_has_one_name_and_a_known_permission(machine: Machine) -> None:
    names = [t.action for t in machine.transitions]
    assert len(names) == len(set(names))
    assert {t.permission for t in machine.transitions} <= PERMISSIONS.keys()
    assert all(PERMISSIONS[t.permission] for t in machine.transitions)


@EACH_MACHINE
def test_every_state_and_action_has_a_label_in_both_languages(machine: Machine) -> None:
    told = [labels.STATES[machine.kind, state] for state in machine.states]
    told += [labels.ACTIONS[machine.kind, t.action] for t in machine.transitions]
    told.append(labels.KINDS[machine.kind])
    for label in told:
        assert chinese(label.zh)
        assert label.en
    assert len({labels.STATES[machine.kind, state].zh for state in machine.states}) == len(machine.states)


@EACH_MACHINE
def test_the_usual_way_is_a_way_through_the_machine(machine: Machine) -> None:
    steps = labels.STEPS[machine.kind]
    assert steps[0] == machine.initial
    arrows = {(source, t.target) for t in machine.transitions for source in t.sources}
    assert set(pairwise(steps)) <= arrows


def test_there_is_no_label_for_what_no_machine_has() -> None:
    states = {(machine.kind, state) for machine in MACHINES.values() for state in machine.states}
    actions = {(machine.kind, t.action) for machine in MACHINES.values() for t in machine.transitions}
    outbox = {("mail", state) for state in (*AGAIN, "queued", "sending", "handing_over")}  # lims/notices/sending.py
    assert set(labels.STATES) == states | outbox
    assert set(labels.ACTIONS) == actions


def test_every_event_of_the_trail_has_words_for_its_kind_and_its_action() -> None:
    """Those recorded with both written out, found in the text of the program."""
    recorded = re.compile(r"""\.record\(\s*"(\w+)",[^,"]+,\s*"(\w+)\"""")
    events = {found for path in Path("lims").rglob("*.py") for found in recorded.findall(path.read_text())}
    assert len(events) > 50
    assert {kind for kind, _ in events} <= labels.KINDS.keys()
    assert not {event for event in events if event not in labels.ACTIONS and event[1] not in labels.EVENTS}


def test_every_role_has_a_label_and_a_person_of_the_demonstration() -> None:
    assert set(labels.ROLES) == {role.value for role in Role}
    assert {role for row in description()["person"] for role in row["roles"]} == {role.value for role in Role}


# --- commands -------------------------------------------------------------------------------------------------


def _commands() -> Iterator[tuple[str, click.Command]]:
    context = click.Context(heliobench)
    assert isinstance(heliobench, LazyGroup)
    for name in COMMANDS:
        command = heliobench.get_command(context, name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            yield from ((f"{name} {sub}", one) for sub, one in command.commands.items())


@pytest.mark.parametrize(("name", "command"), list(_commands()), ids=lambda one: one if isinstance(one, str) else "")
def test_every_command_and_option_tells_in_both_languages_what_it_does(name: str, command: click.Command) -> None:
    assert chinese(command.help or ""), name
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.name not in ("help", "confirm"):
            assert chinese(parameter.help or ""), f"{name} {parameter.opts}"


# --- benches --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted((CONFIG / "benches").glob("*.toml")), ids=lambda path: path.stem)
def test_a_bench_has_known_drivers_channels_in_the_right_quantity_and_equipment(path: Path) -> None:
    bench = read_bench(path)
    assert bench.name == path.stem
    assert chinese(bench.title_zh)
    assert bench.title_en
    assert {one.driver for one in bench.instruments} <= drivers().keys()
    for symbol, unit in bench.units.items():
        convert([1.0], unit, quantity(symbol).unit)
    assert {one.equipment for one in bench.instruments} <= {row["number"] for row in description()["equipment"]}
