import dataclasses

import pytest

from tfdood.settings import schema as config_lib


def test_configurations_cannot_be_changed_in_place():
    with pytest.raises(dataclasses.FrozenInstanceError):
        config_lib.Config(preset="dood").preset = "other"
