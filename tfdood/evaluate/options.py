"""The flags of `python -m tfdood.evaluate`."""

import math

from absl import flags

from tfdood import data
from tfdood.data import datasets
from tfdood.evaluate.tasks import TASKS
from tfdood.models import signature
from tfdood.parsing import refined, searched

_MAX_SEED = 2**31 - 1


def define(values: flags.FlagValues) -> None:
    """Declares the flags.

    Args:
        values: where the flags are declared.
    """
    flags.DEFINE_enum(
        "task", None, list(TASKS), "What to evaluate.", flag_values=values
    )
    flags.DEFINE_multi_string(
        "model",
        None,
        "Folder of an exported model or of one of its versions, a run folder, "
        "or pretrained:NAME; repeatable with --matrix.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "dataset",
        None,
        f"Drawings to evaluate on: {', '.join(data.NAMES)}; {data.UNION} for "
        f"each of these; {', '.join(data.SCENES)} for scenes of digits; "
        f"{datasets.ARROWS} for scenes of solids; "
        f"{' or '.join(datasets.STROKES)} for drawings with pen strokes; or "
        "folder:PATH for your own drawings. By default those of the training.",
        flag_values=values,
    )
    flags.DEFINE_enum(
        "split",
        None,
        ["test", "validation"],
        "Which drawings to evaluate on; by default test (of clusters and "
        "discrimination_steps, always training drawings). Choose settings on "
        "validation drawings. For parsing, they are of other background "
        "alphabets, and for one_shot, runs of background characters; see "
        "docs/results.md.",
        flag_values=values,
    )
    flags.DEFINE_bool(
        "matrix",
        default=False,
        help="Evaluate every model on every dataset.",
        flag_values=values,
    )
    _define_places(values)
    _define_settings(values)


def _define_places(values: flags.FlagValues) -> None:
    flags.DEFINE_string(
        "data_dir",
        None,
        "Folder of prepared datasets, as for training.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "results", "results", "Folder of results.", flag_values=values
    )
    flags.DEFINE_string(
        "report",
        None,
        "Write tables and a page from this folder of results.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "reference",
        None,
        "With --report: the name or fingerprint of the model that the paired "
        "differences are to; by default the best model on the same drawings.",
        flag_values=values,
    )


def _define_settings(values: flags.FlagValues) -> None:
    flags.DEFINE_integer(
        "num_images",
        None,
        "Number of drawings, taken at even distances (of scenes, detection "
        "and scene_accuracy take the first); "
        "by default 100 to 5,000, depending on the task. Of one_shot: of "
        "runs, by default 20.",
        lower_bound=1,
        flag_values=values,
    )
    flags.DEFINE_integer(
        "num_particles",
        None,
        "Posterior samples an image; by default 200 for marginal_likelihood "
        "(5 with --parser=searched), 10 for parsing, 5 for one_shot. "
        "--parser=traced takes no samples; nor does --task=parsing with "
        "--parser=searched.",
        lower_bound=1,
        flag_values=values,
    )
    flags.DEFINE_float(
        "temperature",
        None,
        "Factor on the standard deviations of samples from the prior (of gns, "
        "on variances); by default 0.5.",
        lower_bound=0.0,
        upper_bound=signature.MOST_TEMPERATURE,
        flag_values=values,
    )
    _define_explainers(values)
    for name in ("temperature", "refinement_rate"):
        flags.register_validator(
            name,
            lambda value: value is None or math.isfinite(value),
            message="must be a finite number",
            flag_values=values,
        )
    flags.DEFINE_integer(
        "seed",
        0,
        "Seed of all sampling.",
        lower_bound=0,
        upper_bound=_MAX_SEED,
        flag_values=values,
    )


def _define_explainers(values: flags.FlagValues) -> None:
    flags.DEFINE_enum(
        "parser",
        None,
        ["amortised", "refined", "traced", "best_of", "searched"],
        "What explains drawings in reconstruction, parsing and one_shot: "
        "amortised, the recognition network (the default); refined, gradient "
        "ascent from there; traced, lines are thinned and followed straight on "
        "through crossings, without learning; best_of, the better of amortised "
        "and traced after gradient ascent; searched, for a model of people's "
        "strokes (GNS), a search for those that it expects. searched is not "
        "for reconstruction; it is also for exemplars, alphabet_characters and "
        "marginal_likelihood.",
        flag_values=values,
    )
    flags.DEFINE_enum(
        "proposal",
        None,
        ["amortised", "refined"],
        "What samples the particles of marginal_likelihood: the recognition "
        "network (the default), or half of them a Gaussian that is fitted to "
        "each drawing.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "refinement_steps",
        None,
        "Steps of gradient ascent, where the parser or the proposal is not "
        f"amortised; by default {refined.NUM_STEPS}, of traced 0, of searched "
        f"{searched.NUM_STEPS}.",
        lower_bound=0,
        upper_bound=1_000,
        flag_values=values,
    )
    flags.DEFINE_float(
        "refinement_rate",
        None,
        f"Learning rate of the ascent; by default {refined.LEARNING_RATE}, and "
        f"{searched.LEARNING_RATE} pixels of searched.",
        lower_bound=0.0,
        upper_bound=1.0,
        flag_values=values,
    )
