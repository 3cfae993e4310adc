"""The uplink against a real HTTP server."""

import hashlib
import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from instruments.acquisition import Observation, Scan
from instruments.driver import Exchange, Reading
from instruments.errors import DamagedSegment, Outage, UplinkRefused
from instruments.spool import Spool, segments
from instruments.uplink import Uplink, content_digest


class Lims:
    """What a LIMS does with segments; `trouble` is what it answers first, in place of an answer."""

    def __init__(self):
        self.held, self.order, self.trouble, self.gets = {}, [], [], 0

    def handler(lims):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                lims.gets += 1
                if not self.troubled():
                    self.reply(200, {"segments": [{"index": i, "sha256": sha(d)} for i, d in lims.held.items()]})

            def do_PUT(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                assert self.headers["Content-Digest"] == content_digest(body)
                assert self.headers["Authorization"] == "Bearer secret"
                index = int(self.path.removeprefix("/api/runs/R-1/segments/"))
                if not self.troubled():
                    lims.held[index] = body
                    lims.order.append(index)
                    self.reply(201, {})

            def troubled(self):
                if not lims.trouble:
                    return False
                status, content = lims.trouble.pop(0)
                if status:
                    self.reply(status, content)
                else:
                    self.close_connection = True
                return True

            def reply(self, status, content):
                self.send_response(status)
                data = json.dumps(content).encode() if not isinstance(content, bytes) else content
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args):
                pass

        return Handler


def sha(data):
    return hashlib.sha256(data).hexdigest()


@contextmanager
def serving(lims, port=0):
    server = ThreadingHTTPServer(("127.0.0.1", port), lims.handler())
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def scan_of(bench, seq):
    asked = Exchange(b"?", b"!", 0.0, 0.0)
    observed = Observation(bench.instruments[0], (asked,), (Reading("irradiance", 1.0 * seq, "W/m2"),), ())
    return Scan(seq, 60.0 * seq, 0.0, 0.0, (observed,))


def append(folder, bench, count, *, seal):
    with Spool(folder, run="R-1", bench=bench, scans_per_segment=2) as spool:
        for _ in range(count):
            spool.append(scan_of(bench, spool.last_seq + 1))
        if seal:
            spool.seal()


@pytest.fixture
def folder(tmp_path, demo):
    """A run of three sealed segments."""
    append(tmp_path, demo, 6, seal=True)
    return tmp_path


def push(url, folder, *, sleep=lambda _: None, attempts=None):
    return Uplink(base_url=url, token="secret", sleep=sleep, attempts=attempts).push(folder, run="R-1")


def test_segments_arrive_in_order_byte_for_byte_and_only_once(folder):
    lims = Lims()
    with serving(lims) as url:
        assert push(url, folder).sent == (1, 2, 3)
        again = push(url, folder)
    assert (again.sent, again.held) == ((), (1, 2, 3))
    assert lims.order == [1, 2, 3]
    assert [lims.held[n] for n in (1, 2, 3)] == [path.read_bytes() for path in segments(folder)]


def test_a_segment_still_open_waits_until_it_is_sealed(tmp_path, demo):
    lims = Lims()
    with serving(lims) as url:
        with Spool(tmp_path, run="R-1", bench=demo, scans_per_segment=2) as spool:
            for seq in (1, 2, 3):
                spool.append(scan_of(demo, seq))
            assert push(url, tmp_path).sent == (1,)
            spool.seal()
        assert push(url, tmp_path).sent == (2,)


def test_an_outage_is_waited_out_with_growing_pauses(folder):
    lims, pauses = Lims(), []
    lims.trouble = [(503, {}), (0, {}), (429, {}), (500, {}), (502, {}), (503, {}), (503, {}), (503, {})]
    with serving(lims) as url:
        pushed = push(url, folder, sleep=pauses.append)
    assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]
    assert (pushed.sent, pushed.failures) == ((1, 2, 3), 8)


def test_a_lims_that_is_down_and_comes_back_gets_everything(folder):
    lims, coming = Lims(), []
    with serving(lims) as url:
        port = int(url.rpartition(":")[2])

    def wait(_):
        if len(coming) == 2:
            back = serving(lims, port)
            back.__enter__()
            coming.append(back)
        elif len(coming) < 2:
            coming.append(None)

    pushed = push(url, folder, sleep=wait)
    coming[-1].__exit__(None, None, None)
    assert (pushed.sent, pushed.failures) == ((1, 2, 3), 3)


def test_a_lims_that_stays_away_is_told_in_a_sentence_after_the_attempts_allowed(folder):
    with serving(Lims()) as url:
        pass
    with pytest.raises(Outage, match="cannot be reached") as outage:
        push(url, folder, attempts=3)
    assert "无法连接" in outage.value.sentence_zh


def test_a_reply_lost_after_the_segment_was_stored_leads_to_no_second_copy(folder):
    lims = Lims()
    with serving(lims) as url:
        lims.held[1] = segments(folder)[0].read_bytes()  # stored, but the answer never came back
        assert push(url, folder).sent == (2, 3)


def test_a_lims_restored_from_an_older_back_up_gets_again_what_is_missing(folder):
    lims = Lims()
    with serving(lims) as url:
        push(url, folder)
        del lims.held[2], lims.held[3]
        assert push(url, folder).sent == (2, 3)


def test_a_refusal_is_a_sentence_with_the_reason_of_the_lims_and_is_not_repeated(folder):
    lims, pauses = Lims(), []
    lims.trouble = [(403, {"sentence_en": "The token has expired.", "sentence_zh": "令牌已过期。"})]
    with serving(lims) as url, pytest.raises(UplinkRefused, match=r"403 Forbidden.*The token has expired") as refused:
        push(url, folder, sleep=pauses.append)
    assert "令牌已过期" in refused.value.sentence_zh
    assert (refused.value.code, pauses) == ("uplink-403", [])


@pytest.mark.parametrize("content", [b"<html>", b"[1]"])
def test_a_refusal_without_a_reason_is_still_a_sentence(folder, content):
    lims = Lims()
    lims.trouble = [(404, content)]
    with serving(lims) as url, pytest.raises(UplinkRefused, match=r"404 Not Found.*no reason given"):
        push(url, folder)


def test_something_else_at_the_address_is_told(folder):
    lims = Lims()
    lims.trouble = [(200, {"hello": "world"})]
    with serving(lims) as url, pytest.raises(UplinkRefused, match="is not the LIMS"):
        push(url, folder)


def test_other_bytes_under_the_same_number_are_a_conflict(folder):
    lims = Lims()
    lims.held[1] = b"something else"
    with serving(lims) as url, pytest.raises(UplinkRefused, match="is not the same in the LIMS"):
        push(url, folder)


def test_a_damaged_segment_is_not_sent(folder):
    path = segments(folder)[1]
    path.write_bytes(path.read_bytes().replace(b'"value":3.0', b'"value":4.0'))
    lims = Lims()
    with serving(lims) as url, pytest.raises(DamagedSegment, match="Line 2"):
        push(url, folder)
    assert set(lims.held) == {1}
