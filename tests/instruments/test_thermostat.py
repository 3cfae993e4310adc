"""Set points: limits, one order, read-back, log."""

import pytest

from instruments.driver import NoReply, driver_named
from instruments.errors import BadReply, PortUnavailable
from instruments.link import SerialLink
from instruments.thermostat import SetPointRefused, Thermostat, set_temperature
from instruments.transcript import Transcript

NAMES = ("huber_pb", "julabo", "lauda", "polyscience")
EACH = pytest.mark.parametrize("name", NAMES)
JULABO = {"order": b"OUT_SP_00 55.50\r", "back": b"IN_SP_00\r"}
LAUDA = {"order": b"OUT_SP_00_55.50\r", "back": b"IN_SP_00\r"}


class At:
    """A clock that stands."""

    def now(self):
        return 1499061600.0


def device(name, **settings) -> Thermostat:
    return driver_named(name)(address=1, settings=settings)


def ordered(name, pairs, *, value=55.5, person="Li Wei", **settings):
    """(entry or what was raised, log, pauses)"""
    log, pauses = [], []
    one = device(name, **settings)
    with Transcript(pairs) as link:
        try:
            outcome = set_temperature(
                one, link, value=value, person=person, clock=At(), log=log.append, sleep=pauses.append
            )
        except (SetPointRefused, BadReply, NoReply) as refused:
            outcome = refused
    return outcome, log, pauses


@EACH
def test_a_set_point_is_ordered_and_read_back_over_a_real_pty(name, serve):
    one, log = device(name), []
    simulator = one.simulator(driver=one, feel=lambda _: 20.0)
    with SerialLink(serve(simulator), line=one.wire()) as link:
        for wanted in (55.5, 12.34):
            entry = set_temperature(
                one, link, value=wanted, person="Li Wei", clock=At(), log=log.append, sleep=lambda _: None
            )
            assert (entry.found, entry.person, entry.device, entry.time) == (wanted, "Li Wei", name, 1499061600.0)
    assert [each.wanted for each in log] == [55.5, 12.34]
    assert all(each.refusal is None and len(each.exchanges) == 2 for each in log)


@EACH
@pytest.mark.parametrize("value", [4.99, 95.01, float("nan"), float("inf")])
def test_outside_the_limits_nothing_is_sent_and_the_attempt_is_logged(name, value):
    refused, log, _ = ordered(name, [], value=value)
    assert refused.code == "outside-limits"
    assert (log[0].refusal, log[0].exchanges, log[0].found, log[0].person) == (refused, (), None, "Li Wei")


def test_the_limits_are_settings_of_the_bench_file():
    refused, _, _ = ordered("julabo", [], value=55.5, highest=50.0)
    assert "5 to 50" in refused.sentence_en
    assert "5 至 50" in refused.sentence_zh


@pytest.mark.parametrize("person", ["", "  "])
def test_nobody_orders_without_a_name(person):
    refused, log, _ = ordered("lauda", [], person=person)
    assert refused.code == "nobody-named"
    assert len(log) == 1


def test_a_julabo_gets_its_pause_between_order_and_read_back():
    entry, _, pauses = ordered("julabo", [(JULABO["order"], b""), (JULABO["back"], b"55.5\n")])
    assert entry.found == 55.5
    assert pauses == [0.25]


def test_a_set_point_that_was_not_taken_is_told_with_both_numbers_and_not_sent_again():
    refused, log, _ = ordered("julabo", [(JULABO["order"], b""), (JULABO["back"], b"20.00\n")])
    assert refused.code == "not-taken"
    assert "was told 55.5 °C and has 20 °C" in refused.sentence_en
    assert log[0].found == 20.0
    assert [one.sent for one in log[0].exchanges] == list(JULABO.values())


def test_a_refused_order_is_the_device_s_refusal_when_the_old_set_point_is_read_back():
    refused, log, _ = ordered("lauda", [(LAUDA["order"], b"ERR_6\r\n"), (LAUDA["back"], b"20.00\r\n")])
    assert refused.code == "device-refused"
    assert log[0].found == 20.0


def test_an_order_whose_acknowledgement_was_lost_is_read_back_and_not_repeated():
    """What the device has is the truth: the order came through, its answer did not."""
    entry, log, _ = ordered("lauda", [(LAUDA["order"], b""), (LAUDA["back"], b"55.50\r\n")])
    assert entry.found == 55.5
    assert [one.sent for one in log[0].exchanges] == list(LAUDA.values())


@pytest.mark.parametrize(("back", "kind"), [(b"", NoReply), (b"ERR_3\r\n", BadReply), (b"5x.50\r\n", BadReply)])
def test_a_set_point_that_cannot_be_read_back_is_unknown_and_told_so(back, kind):
    refused, log, _ = ordered("lauda", [(LAUDA["order"], b"OK\r\n"), (LAUDA["back"], back)])
    assert isinstance(refused, kind)
    assert log[0].found is None
    assert log[0].refusal is refused


def test_an_order_during_which_the_port_is_lost_is_logged_as_unknown():
    class Unplugged:
        def exchange(self, question, *, deadline, slowest):
            raise PortUnavailable(code="port-lost", sentence_en="Port lost.", sentence_zh="端口已丢失。")

    log = []
    with pytest.raises(PortUnavailable):
        set_temperature(
            device("huber_pb"),
            Unplugged(),
            value=55.5,
            person="Li Wei",
            clock=At(),
            log=log.append,
            sleep=lambda _: None,
        )
    assert (log[0].found, log[0].refusal.code, log[0].exchanges) == (None, "port-lost", ())


def test_a_reading_never_orders_anything():
    """What a polling loop repeats holds no order, whatever the instrument answers."""
    for name in NAMES:
        asked = b"".join(question.sent for question in device(name).questions())
        assert b"OUT" not in asked
        assert b"SS" not in asked
        assert b"{M00" not in asked
