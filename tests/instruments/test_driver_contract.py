"""What every driver must keep; a new file in instruments/drivers/ joins by existing."""

import math
import time
import tomllib
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.driver import BadReply, Exchange, NoReply, drivers
from instruments.errors import ExchangeFailed
from instruments.link import SerialLink
from instruments.simulation.faults import Late, Silent
from instruments.transcript import Transcript

DRIVERS = list(drivers().values())
TRANSCRIPTS = [
    one
    for path in sorted((Path(__file__).parents[1] / "data" / "instruments").glob("transcripts*.toml"))
    for one in tomllib.loads(path.read_text(encoding="utf-8"))["transcript"]
]
EVERY = pytest.mark.parametrize("kind", DRIVERS, ids=lambda kind: kind.name)


def questions_and_answers(kind, value=12.34, **settings):
    driver = kind(address=1, settings=settings)
    simulator = kind.simulator(driver=driver, feel=lambda _: value)
    return driver, [(one.sent, simulator.answer(one.sent)[0]) for one in driver.questions()]


def read_from(driver, pairs):
    with Transcript(pairs) as link:
        return driver.read(link, deadline=1.0)


def decoded_from(driver, pairs):
    return driver.decode([Exchange(sent, received, 0.0, 0.0) for sent, received in pairs])


def decoded_or_refused(driver, pairs):
    try:
        return decoded_from(driver, pairs)
    except ExchangeFailed as refused:
        return refused


def with_other_replies(pairs, others):
    """The pairs with one reply changed, for each reply and each of `others(reply)`."""
    for place, (sent, reply) in enumerate(pairs):
        if reply:  # an order that is not answered has no reply to damage
            for other in others(reply):
                yield [*pairs[:place], (sent, other), *pairs[place + 1 :]]


def each_byte_damaged(reply, step=1):
    """Every byte in turn as every other byte, or as every `step`-th of them."""
    for position in range(len(reply)):
        for value in range(position % step, 256, step):
            if value != reply[position]:
                yield reply[:position] + bytes((value,)) + reply[position + 1 :]


def each_wrong_length(reply):
    return [*(reply[:end] for end in range(1, len(reply))), reply + b"\0", reply + reply, b"\0" + reply]


@EVERY
def test_a_driver_reads_its_own_simulator_over_a_real_pty(kind, serve, make):
    driver, simulator = make(kind, value=12.3)
    with SerialLink(serve(simulator), line=driver.wire()) as link:
        sample = driver.read(link, deadline=1.0)
    assert {one.channel for one in sample.readings} == set(driver.channels)
    assert all(one.unit == driver.channels[one.channel] for one in sample.readings)
    assert all(one.value == pytest.approx(12.3, abs=0.5) for one in sample.readings)  # a direction has whole degrees
    assert not sample.faults
    assert [one.sent for one in sample.exchanges] == [one.sent for one in driver.questions()]
    assert sample.exchanges[-1].received


@pytest.mark.parametrize("kind", [kind for kind in DRIVERS if kind.checksum], ids=lambda kind: kind.name)
def test_no_single_damaged_byte_of_a_reply_ever_yields_a_different_reading(kind):
    driver, pairs = questions_and_answers(kind)
    for damaged in with_other_replies(pairs, each_byte_damaged):
        with pytest.raises(BadReply):
            decoded_from(driver, damaged)


@pytest.mark.parametrize("kind", [kind for kind in DRIVERS if not kind.checksum], ids=lambda kind: kind.name)
def test_a_damaged_byte_without_a_checksum_seldom_gives_another_number_and_then_one_of_the_same_form(kind):
    driver, pairs = questions_and_answers(kind)
    some = with_other_replies(pairs, lambda reply: each_byte_damaged(reply, step=5))
    outcomes = [decoded_or_refused(driver, damaged) for damaged in some]
    right = set(decoded_from(driver, pairs).readings)
    decoded = [set(one.readings) for one in outcomes if not isinstance(one, BadReply)]
    assert all(math.isfinite(reading.value) for readings in decoded for reading in readings)
    assert sum(not readings <= right for readings in decoded) < 0.1 * len(outcomes)


@EVERY
def test_a_reply_cut_short_or_with_bytes_added_is_refused(kind):
    driver, pairs = questions_and_answers(kind)
    for wrong in with_other_replies(pairs, each_wrong_length):
        with pytest.raises(BadReply):
            decoded_from(driver, wrong)


@EVERY
@given(noise=st.binary(max_size=64), place=st.integers(0, 9))
def test_no_input_raises_anything_but_a_sentence(kind, noise, place):
    driver, pairs = questions_and_answers(kind)
    place %= len(pairs)
    sent, reply = pairs[place]
    pairs[place:] = [(sent, noise), *pairs[place + 1 :]]
    outcome = decoded_or_refused(driver, pairs)
    if isinstance(outcome, ExchangeFailed):
        assert outcome.sentence_en.endswith(".")
        assert outcome.sentence_zh.endswith("。")
    else:
        assert noise == reply or not kind.checksum
        assert all(math.isfinite(one.value) for one in outcome.readings)


@EVERY
def test_silence_gives_no_reply_within_the_deadline(kind, serve, make):
    driver, simulator = make(kind, value=1.0)
    with SerialLink(serve(Silent(simulator)), line=driver.wire()) as link:
        begun = time.monotonic()
        with pytest.raises(NoReply) as silence:
            driver.read(link, deadline=0.05)
        assert 0.05 <= time.monotonic() - begun < 5.0
    assert silence.value.exchanges[0].sent == driver.questions()[0].sent


@EVERY
def test_a_late_reply_to_the_last_question_is_not_taken_for_this_one(kind, serve, make):
    """A slave that is late now and then: each value that is read is the one of its own question."""
    asked = []
    driver, inner = make(kind, value=lambda: float(len(asked)), slowest=0.2)
    delays = [0.0, 0.05, 0.0, 0.0, 0.07, 0.05, 0.0]
    late, values = (delays[len(asked) - 1] for _ in count()), []
    with SerialLink(serve(Late(inner, delays=late)), line=driver.wire()) as link:
        for number in range(1, len(delays) + 1):
            asked.append(number)
            try:
                values.append((number, driver.read(link, deadline=0.03).readings[0].value))
            except NoReply:
                continue
    assert 2 <= len(values) < len(delays)  # on a busy computer a late answer may lie there when it is looked for
    assert all(value == pytest.approx(number, abs=0.01) for number, value in values)


@EVERY
def test_nothing_valid_to_measure_gives_faults_with_sentences_and_no_reading_of_it(kind):
    driver, pairs = questions_and_answers(kind, value=float("nan"))
    sample = read_from(driver, pairs)
    assert sample.readings == ()
    assert sample.faults
    assert all(one.sentence_en.endswith(".") and one.sentence_zh.endswith("。") for one in sample.faults)


@EVERY
def test_options_and_channels_are_declared_completely(kind):
    assert kind.title
    assert kind(address=1).channels
    assert all(one.meaning_en and one.meaning_zh for one in kind.all_options().values())


@pytest.mark.parametrize("one", TRANSCRIPTS, ids=lambda one: one["source"][:40])
def test_each_recorded_transcript_decodes_to_the_values_beside_it(one):
    driver = drivers()[one["driver"]](address=one["address"], settings=one.get("settings"))
    pairs = list(zip(as_messages(one["sent"]), as_messages(one["received"]), strict=True))
    decoded = read_from(driver, pairs) if one["read"] else decoded_from(driver, pairs)
    assert {reading.channel: reading.value for reading in decoded.readings} == one["readings"]
    assert {fault.channel: fault.kind for fault in decoded.faults} == one.get("faults", {})


def as_messages(written):
    """One message or several, each as hexadecimal or, for protocols of text, behind `text:` with escapes."""
    several = written if isinstance(written, list) else [written]
    return [
        one[5:].encode().decode("unicode_escape").encode("latin-1") if one.startswith("text:") else bytes.fromhex(one)
        for one in several
    ]


def test_every_driver_has_a_recorded_transcript():
    assert {one["driver"] for one in TRANSCRIPTS} == set(drivers())
