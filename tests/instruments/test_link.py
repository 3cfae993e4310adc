"""The serial link on real pseudo-terminals."""

import os
import pty
import time
import tty
from itertools import pairwise
from threading import Event, Thread

import pytest
import serial

from instruments.driver import Line, Question, Simulator
from instruments.drivers.kipp_smp import KippSmp
from instruments.errors import BadReply, NoReply, PortUnavailable
from instruments.framing import expect_dcon, expect_modbus, modbus_read
from instruments.link import SerialLink
from instruments.simulation.pty import PtyServer
from instruments.transcript import Transcript, TranscriptMismatch

QUESTION = Question(b"#01\r", expect_dcon(lead=b">"))
LINE = Line()


class Scripted(Simulator):
    """Answers each question with the next of its pieces: bytes to send, numbers to wait [s]."""

    def __init__(self, *answers):
        self.answers = iter(answers)

    def answer(self, received):
        _, ended, left = received.partition(b"\r")
        if not ended:
            return b"", received
        delay, reply = next(self.answers)
        time.sleep(delay)
        return reply, left


def ask(link, *, deadline=0.5, slowest=0.5, question=QUESTION):
    return link.exchange(question, deadline=deadline, slowest=slowest)


def test_an_exchange_holds_every_byte_and_when(serve):
    with SerialLink(serve(Scripted((0.01, b">A7F\r"))), line=LINE) as link:
        before = time.monotonic()
        exchange = ask(link)
    assert (exchange.sent, exchange.received, exchange.discarded) == (b"#01\r", b">A7F\r", b"")
    assert before <= exchange.started
    assert 0.01 <= exchange.elapsed <= time.monotonic() - before


def test_a_late_reply_is_heard_out_and_kept_as_discarded(serve):
    with SerialLink(serve(Scripted((0.15, b">A7F\r"), (0.0, b">B80\r"))), line=LINE) as link:
        with pytest.raises(NoReply):
            ask(link, deadline=0.02, slowest=0.3)
        exchange = ask(link)
    assert (exchange.discarded, exchange.received) == (b">A7F\r", b">B80\r")


def test_without_quarantine_the_same_slave_would_give_the_wrong_value(serve):
    """Shows that the test before can fail: it is the quarantine that protects, not luck."""
    with SerialLink(serve(Scripted((0.15, b">A7F\r"), (0.05, b">B80\r"))), line=LINE) as link:
        with pytest.raises(NoReply):
            ask(link, deadline=0.02, slowest=0.0)
        assert ask(link, slowest=0.0).received == b">A7F\r"


def test_a_reply_that_stops_in_the_middle_is_bad_and_not_silence(serve):
    with (
        SerialLink(serve(Scripted((0.0, b">+1.02"))), line=LINE) as link,
        pytest.raises(BadReply, match="breaks off after 6 bytes"),
    ):
        ask(link, deadline=0.05)


def test_the_deadline_is_one_for_the_whole_reply_however_slowly_it_drips():
    master, slave = pty.openpty()
    tty.setraw(slave)

    def drip():
        os.read(master, 10)
        os.write(master, b">")
        while not stopped.wait(0.03):
            os.write(master, b"1")

    stopped, dripping = Event(), Thread(target=drip)
    dripping.start()
    with SerialLink(os.ttyname(slave), line=LINE) as link:
        begun = time.monotonic()
        with pytest.raises(BadReply, match="breaks off"):
            ask(link, deadline=0.1)
        assert 0.1 <= time.monotonic() - begun < 5.0  # and not as long as it drips
    stopped.set()
    dripping.join()
    os.close(slave)
    os.close(master)


def test_the_silence_between_messages_is_kept_per_bus(serve, make):
    line = KippSmp.line
    assert line.gap == pytest.approx(0.002005, abs=1e-6)  # 3.5 characters of 11 bits at 19200 baud
    assert Line(baud=115200, modbus=True).gap == 0.00175
    assert Line(baud=9600).gap == 0.0
    driver, simulator = make(KippSmp, value=1.0)
    with SerialLink(serve(simulator), line=line) as link:
        exchanges = [driver.read(link, deadline=1.0).exchanges[0] for _ in range(5)]
    for before, after in pairwise(exchanges):
        assert after.started - (before.started + before.elapsed) >= line.gap - 1e-6


def test_a_pty_opens_again_and_again_with_parity(serve, make):
    """Dossier: a pty refuses parity on the second opening with an error that is not an OSError."""
    driver, simulator = make(KippSmp, value=1.0)
    port = serve(simulator)
    for _ in range(3):
        with SerialLink(port, line=Line(baud=19200, parity="E", data_bits=7, modbus=True)) as link:
            assert driver.read(link, deadline=1.0).readings


def test_a_port_that_does_not_exist_is_told_in_a_sentence():
    with pytest.raises(PortUnavailable, match="does not exist") as refused:
        SerialLink("/dev/there-is-no-such-port", line=LINE)
    assert refused.value.code == "port-missing"
    assert "不存在" in refused.value.sentence_zh


def test_a_port_in_use_is_told_in_a_sentence_and_is_free_afterwards(serve, make):
    driver, simulator = make(KippSmp, value=1.0)
    port = serve(simulator)
    with (
        SerialLink(port, line=LINE),
        pytest.raises(PortUnavailable, match="in use by another program") as refused,
    ):
        SerialLink(port, line=LINE)
    assert refused.value.code == "port-in-use"
    with SerialLink(port, line=LINE) as link:
        assert driver.read(link, deadline=1.0).readings


def test_a_port_held_by_another_program_with_a_lock_is_in_use(serve):
    port = serve(Scripted())
    with (
        serial.Serial(port, exclusive=True),
        pytest.raises(PortUnavailable, match="one port has one owner"),
    ):
        SerialLink(port, line=LINE)


def test_a_file_that_is_no_serial_port_is_told_in_a_sentence(tmp_path):
    path = tmp_path / "file"
    path.write_text("not a port")
    with pytest.raises(PortUnavailable, match="is not a serial port") as refused:
        SerialLink(str(path), line=LINE)
    assert refused.value.code == "port-refused"


def test_an_unplugged_port_is_lost_with_both_causes_named(make):
    driver, simulator = make(KippSmp, value=1.0)
    with PtyServer({"a": [simulator]}) as server, SerialLink(server.ports["a"], line=LINE) as link:
        assert driver.read(link, deadline=1.0).readings
        server.unplug("a")
        with pytest.raises(PortUnavailable, match="unplugged, or a second program reads") as lost:
            driver.read(link, deadline=1.0)
    assert lost.value.code == "port-lost"


def test_several_devices_on_one_bus_answer_only_when_asked(serve):
    one, two = KippSmp(address=1), KippSmp(address=2)
    port = serve(*(one.simulator(driver=driver, feel=lambda _, at=driver.address: 100.0 * at) for driver in (one, two)))
    with SerialLink(port, line=KippSmp.line) as link:
        for driver in (one, two, two, one):
            assert driver.read(link, deadline=1.0).readings[0].value == 100.0 * driver.address


def test_a_transcript_complains_about_another_question_and_about_leftovers():
    sent = modbus_read(address=1, function=3, start=0, count=1)
    question = Question(sent, expect_modbus(sent))
    with pytest.raises(TranscriptMismatch, match="where the transcript has"), Transcript([(b"other", b"")]) as link:
        ask(link, question=question)
    with pytest.raises(TranscriptMismatch, match="never asked"), Transcript([(sent, b"")]):
        pass
    with pytest.raises(TranscriptMismatch, match="after the end"), Transcript([]) as link:
        ask(link, question=question)
    with pytest.raises(NoReply), Transcript([(sent, b"")]) as link:
        ask(link, question=question)
