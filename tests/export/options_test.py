import pytest
from absl import flags

from export import bulk, client, options
from tfdood.sketching import drawers


def test_model_and_parser_are_left_to_the_drawer():
    values = flags.FlagValues()
    options.define_model(values)
    values(["command"])
    assert (values.model, values.parser) == (None, None)
    values(["command", "--parser=best_of", "--model=runs/a"])
    assert (values.model, values.parser) == ("runs/a", "best_of")
    with pytest.raises(flags.IllegalFlagValueError, match="traced"):
        values(["command", "--parser=best"])


@pytest.mark.parametrize("command", [bulk, client])
def test_commands_offer_the_same_parsers(command):
    values = flags.FlagValues()
    command.define(values)
    assert tuple(values["parser"].parser.enum_values) == drawers.PARSERS
