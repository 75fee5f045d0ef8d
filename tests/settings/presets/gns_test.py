import numpy as np

from tfdood import models
from tfdood.settings import presets


def test_networks_have_the_published_sizes():
    """Those of the authors' code; the stroke model has 2,305 biases fewer."""
    config = presets.get("gns", "omniglot_strokes")
    prior = models.build(config.model).prior
    counts = [
        sum(int(np.prod(w.shape)) for w in network.trainable_variables)
        for network in (prior.location, prior.stroke, prior.termination)
    ]
    assert counts == [131_480, 1_199_386 - 2_305, 116_161]
