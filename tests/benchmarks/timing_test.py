import itertools

from benchmarks import timing


def test_the_median_is_of_the_calls_that_count():
    # Each call takes as long as its number: 0, 1, 2, ...
    steps = ((1.0, float(number)) for number in itertools.count())
    times = itertools.accumulate(itertools.chain.from_iterable(steps))
    calls = []
    found = timing.median(
        lambda: calls.append(0), 3, num_first=2, clock=lambda: next(times)
    )
    assert found == 3.0  # of 2, 3 and 4
    assert len(calls) == 5
