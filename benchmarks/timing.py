"""The time of a call: the median over calls, the first ones left out."""

import statistics
import time
import timeit
from collections.abc import Callable


def median(
    call: Callable[[], object],
    num_repeats: int,
    num_first: int = 1,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Measures a function; Python does not collect garbage meanwhile.

    Args:
        call: a function that has done its work when it returns.
        num_repeats: the number of calls that count.
        num_first: the number of calls before them, which do not count.
        clock: `time.process_time` for processor time.

    Returns:
        The median time of a call in seconds.
    """
    times = timeit.repeat(
        call, timer=clock, number=1, repeat=num_first + num_repeats
    )
    return statistics.median(times[num_first:])
