"""How long to sleep before an answer is looked for: learnt from answers, whatever a device does."""

from hypothesis import given
from hypothesis import strategies as st

from instruments.answer_time import AnswerTime

SECONDS = st.floats(1e-3, 10.0)


def heard(known: AnswerTime, took: float) -> float:
    """One exchange: the time until the answer was seen by a thread that sleeps first and then listens."""
    if took <= known.rest:
        seen = known.rest
        known.lay_there()
    else:
        seen = took
        known.was_waited_for(took)
    return seen


@given(first=SECONDS, took=SECONDS)
def test_a_device_that_became_quicker_or_slower_is_soon_heard_in_time(first, took):
    known = AnswerTime.guessed(first)
    for _ in range(40):
        heard(known, took)
    late = sum(heard(known, took) - took for _ in range(200)) / 200
    assert late <= 0.001 * took


@given(took=SECONDS)
def test_all_but_a_hundredth_of_a_steady_answer_is_slept_through(took):
    known = AnswerTime.guessed(took)
    for _ in range(300):
        heard(known, took)
        if known.step < 0.5:  # no guess any more
            assert 0.99 * took <= known.rest <= took


@given(usual=SECONDS, times=st.integers(5, 1000))
def test_one_slow_answer_does_not_make_the_next_ones_slow(usual, times):
    known = AnswerTime.guessed(usual)
    for _ in range(5):
        heard(known, usual)
    heard(known, usual * times)
    assert known.rest <= 4.0 * usual
    assert sum(heard(known, usual) for _ in range(9)) <= (9 + 4 + 2 + 1) * usual


@given(answers=st.lists(SECONDS, min_size=1, max_size=60))
def test_no_rest_is_longer_than_the_longest_answer_so_far(answers):
    known = AnswerTime.guessed(answers[0])
    for took in answers:
        heard(known, took)
        assert 0.0 < known.rest <= max(answers)
