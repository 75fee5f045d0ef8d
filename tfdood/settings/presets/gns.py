"""Presets of GNS.

`gns` is the type prior of GNS (Feinman and Lake, ICLR 2021), learnt from
people's strokes of Omniglot's background alphabets. It follows the authors'
code, in which the networks are; how they were trained was not published.
Differences:

- Dropout scales what it keeps, so that nothing is scaled after training. The
  masks of LSTMs are the same at all steps.
- A stroke may end at its first control point. There, this is scored, but not
  sampled.
- The attention and the LSTMs have one bias where two would be added. It starts
  at 1 for the forget gates and at 0 for the others, as in Keras.

The three networks learn together, in one run. Each overfits at another time;
`training.keep_best` keeps the weights of the evaluation with the least nats of
a drawing of held-out alphabets.
"""

from tfdood.settings.architectures import Gns
from tfdood.settings.objectives import TypeObjective
from tfdood.settings.schema import Config, Training

PRESETS = {
    "gns": Config(
        "gns",
        Gns(),
        TypeObjective(),
        Training(
            dataset="omniglot_strokes",
            num_steps=8_000,
            learning_rate=1e-3,
            clip_norm=5.0,
            keep_best="drawing",
            evaluate_every=500,
            num_evaluation_images=2_000,
        ),
    ),
}
