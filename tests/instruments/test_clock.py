"""When scans are due: on the computer's clock and on a record's own."""

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.clock import ReplayClock, SystemClock


class World:
    """A wall clock and a monotonic clock that only sleep moves."""

    def __init__(self, wall=1000.0):
        self.wall, self.monotonic = wall, 50.0

    def sleep(self, seconds):
        self.wall += seconds
        self.monotonic += seconds

    def clock(self):
        return SystemClock(wall=lambda: self.wall, monotonic=lambda: self.monotonic, sleep=self.sleep)


def test_scans_fall_on_whole_multiples_of_the_period_without_drift():
    world, seen = World(wall=1003.7), []
    for tick in islice(world.clock().ticks(10.0), 5):
        seen.append((tick.time, tick.lag))
        world.sleep(2.9)  # a scan takes time, the schedule does not move
    assert seen == [(pytest.approx(1010.0 + 10 * number), pytest.approx(0.0, abs=1e-9)) for number in range(5)]


def test_a_scan_that_takes_too_long_drops_none_and_the_next_tell_their_lag():
    world = World()
    ticks = world.clock().ticks(10.0)
    assert next(ticks).lag == 0.0
    world.sleep(25.0)
    assert [round(next(ticks).lag, 6) for _ in range(3)] == [15.0, 5.0, 0.0]


@given(step=st.floats(-3600, 3600))
def test_a_step_of_the_wall_clock_moves_no_scan(step):
    world = World()
    ticks = world.clock().ticks(10.0)
    next(ticks)
    begun = world.monotonic
    world.wall += step
    assert next(ticks).time == pytest.approx(1010.0 + step)
    assert world.monotonic - begun == pytest.approx(10.0)


def test_a_replay_gives_the_times_of_the_record_and_does_not_wait():
    world = World()
    clock = ReplayClock([60.0, 120.0, 1000.0], monotonic=lambda: world.monotonic, sleep=world.sleep)
    assert [(tick.time, tick.lag, clock.now()) for tick in clock.ticks(60.0)] == [
        (60.0, 0.0, 60.0),
        (120.0, 0.0, 120.0),
        (1000.0, 0.0, 1000.0),
    ]
    assert world.monotonic == 50.0


def test_a_replay_at_a_speed_waits_as_long_as_the_record_says():
    world = World()
    clock = ReplayClock([60.0, 120.0, 1000.0], speed=10.0, monotonic=lambda: world.monotonic, sleep=world.sleep)
    seen = [world.monotonic - 50.0 for _ in clock.ticks(60.0)]
    assert seen == pytest.approx([0.0, 6.0, 94.0])
