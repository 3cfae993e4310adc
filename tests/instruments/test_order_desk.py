"""Orders handed to the recorder that owns the port."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from instruments.errors import InstrumentError, PortUnavailable
from instruments.order_desk import OrderDesk, hand_over


def taken(name, celsius, person):
    return {"found": celsius, "log": f"{name} {person}"}


def never(*order):
    raise AssertionError(order)


def given(path, **changed):
    return hand_over(path, **{"instrument": "bath", "celsius": 55.0, "person": "陈立", **changed})


def test_an_order_comes_to_the_recorder_and_what_came_of_it_comes_back(tmp_path):
    with OrderDesk(tmp_path / "b.orders", taken) as desk:
        assert given(desk.path) == {"found": 55.0, "log": "bath 陈立"}
        assert (desk.path.stat().st_mode & 0o777) == 0o660
    assert not desk.path.exists()


def test_a_refusal_comes_back_with_code_and_both_sentences(tmp_path):
    def refuse(*_):
        raise InstrumentError(code="outside-limits", sentence_en="Too hot.", sentence_zh="过热。")

    with OrderDesk(tmp_path / "b.orders", refuse) as desk, pytest.raises(InstrumentError) as refused:
        given(desk.path)
    assert (refused.value.code, refused.value.sentence_zh) == ("outside-limits", "过热。")


def test_without_a_recorder_nobody_takes_the_order(tmp_path):
    assert given(tmp_path / "b.orders") is None


def test_what_a_killed_recorder_left_takes_no_order_and_does_not_hinder_the_next(tmp_path):
    path = tmp_path / "b.orders"
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(str(path))
    assert given(path) is None
    with OrderDesk(path, taken):
        assert given(path) is not None


@pytest.mark.parametrize(
    "message", [b"\n", b"{}\n", b'{"instrument": "b", "celsius": "hot", "person": "x"}\n', b"[1]\n"]
)
def test_what_is_no_order_is_refused_and_the_recorder_goes_on(tmp_path, message):
    with OrderDesk(tmp_path / "b.orders", never) as desk:
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(desk.path))
            line.sendall(message)
            answer = json.loads(line.makefile("rb").readline())
        assert answer["refused"]["code"] == "order-garbled"


def test_a_recorder_that_dies_meanwhile_leaves_the_outcome_unknown_and_says_so(tmp_path):
    path = tmp_path / "b.orders"
    with socket.socket(socket.AF_UNIX) as dying:
        dying.bind(str(path))
        dying.listen()
        dying.settimeout(5.0)

        def answer_nothing():
            line, _ = dying.accept()
            line.recv(4096)
            line.close()

        with ThreadPoolExecutor(1) as pool:
            pool.submit(answer_nothing)
            with pytest.raises(InstrumentError) as unknown:
                given(path)
    assert unknown.value.code == "outcome-unknown"


def test_where_no_socket_can_be_made_it_is_said_why_and_what_to_do(tmp_path):
    long = tmp_path / ("x" * 120)
    long.mkdir()
    with pytest.raises(PortUnavailable, match="shorter name"):
        OrderDesk(long / "b.orders", taken)
