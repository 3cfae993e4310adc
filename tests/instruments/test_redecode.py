"""Stored readings are what the stored bytes say, or the difference is named."""

import json

import pytest

from instruments.acquisition import Recorder, poll
from instruments.errors import BenchRefused
from instruments.redecode import Disagreement, decode_again
from instruments.segment import read_segment, with_hash
from instruments.spool import Spool, segments


@pytest.fixture
def data(on_ptys, tmp_path):
    """A segment recorded from the demonstration bench: 20 rows of a record and 2 after its end."""
    bench, clock = on_ptys(rows=20, scans=22)
    with Recorder(bench) as recorder, Spool(tmp_path, run="R-1", bench=bench) as spool:
        for scan in poll(recorder, clock):
            spool.append(scan)
        spool.seal()
    return segments(tmp_path)[0].read_bytes()


def rewritten(data, change):
    """The segment with its content changed and every hash made to fit again: what only decoding can find."""
    previous, lines = json.loads(data.split(b"\n", 1)[0])["prev"], []
    for line in data.splitlines():
        content = json.loads(line)
        del content["hash"]
        change(content)
        text, previous = with_hash({**content, "prev": previous})
        lines.append(text)
    return b"".join(lines)


def test_a_recorded_segment_decodes_to_its_readings_without_ports(data):
    again = decode_again(read_segment(data))
    assert (again.scans, again.exchanges, again.readings, again.disagreements) == (22, 22 * 6, 20 * 8, ())


def test_in_a_gap_of_the_record_every_instrument_answers_that_it_has_nothing(data):
    scan = read_segment(data).scans[-1]
    assert len(scan["exchanges"]) == 6
    assert scan["readings"] == []
    assert {(one["i"], one["channel"]): one["kind"] for one in scan["faults"]} == {
        ("pyranometer-global", ""): "bad-status",
        ("pyranometer-diffuse", ""): "bad-status",
        ("pyrheliometer", ""): "bad-status",
        ("pt100-scanner", "ch0"): "over-range",
        ("pt100-scanner", "ch1"): "over-range",
        ("pt100-scanner", "ch2"): "over-range",
        ("flow-meter", "volume_flow"): "invalid-flow",
        ("weather", "wind_speed"): "invalid",
    }


def test_a_value_changed_with_all_hashes_made_to_fit_is_found(data):
    def change(content):
        if content.get("seq") == 3:
            content["readings"][0]["value"] = 900.0

    (found,) = decode_again(read_segment(rewritten(data, change))).disagreements
    assert found == Disagreement(3, "pyranometer-global", "irradiance", 900.0, 800.2)


def test_a_reading_taken_away_or_invented_is_found(data):
    def change(content):
        if content.get("seq") == 3:
            del content["readings"][0]
        if content.get("seq") == 21:
            content["readings"].append({"i": "weather", "channel": "wind_speed", "symbol": "u", "value": 1.0})

    assert decode_again(read_segment(rewritten(data, change))).disagreements == (
        Disagreement(3, "pyranometer-global", "irradiance", None, 800.2),
        Disagreement(21, "weather", "wind_speed", 1.0, None),
    )


def test_damaged_bytes_of_an_instrument_say_nothing(data):
    def change(content):
        if content.get("seq") == 3:
            content["exchanges"][0]["rx"] = "00" + content["exchanges"][0]["rx"][2:]

    assert decode_again(read_segment(rewritten(data, change))).disagreements == (
        Disagreement(3, "pyranometer-global", "irradiance", 800.2, None),
    )


def test_a_segment_with_a_driver_that_is_not_here_is_refused(data):
    def change(content):
        if content["kind"] == "head":
            content["bench"]["instrument"][0]["driver"] = "of_the_future"

    with pytest.raises(BenchRefused, match="There is no driver 'of_the_future'"):
        decode_again(read_segment(rewritten(data, change)))
