"""The flags of the command, apart from what it does with them."""

import pytest
from absl import flags

from tfdood.evaluate import options


def _parsed(*arguments):
    values = flags.FlagValues()
    options.define(values)
    values(["evaluate", *arguments])
    return values


def test_nothing_is_chosen_without_flags():
    values = _parsed()
    names = "task", "model", "parser", "proposal", "split", "num_images"
    assert [values[name].value for name in names] == [None] * len(names)
    assert values.results == "results"
    assert values.seed == 0


def test_models_can_be_repeated():
    assert _parsed("--model=a", "--model=b").model == ["a", "b"]


@pytest.mark.parametrize(
    "flag",
    [
        "--task=nothing",
        "--parser=guessed",
        "--proposal=traced",
        "--num_images=0",
        "--refinement_steps=1001",
        "--refinement_rate=-1",
        "--refinement_rate=nan",
        "--temperature=nan",
        "--seed=-1",
    ],
)
def test_values_out_of_their_range_are_refused(flag):
    with pytest.raises(flags.Error, match=flag[2:].partition("=")[0]):
        _parsed(flag)
