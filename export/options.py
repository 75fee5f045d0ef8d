"""The flags that choose what draws."""

from absl import flags

from tfdood.sketching import drawers


def define_model(values: flags.FlagValues) -> None:
    """Declares `--model` and `--parser`.

    Args:
        values: where the flags are declared.
    """
    flags.DEFINE_string(
        "model",
        None,
        "Model to run: folder of an exported model, folder of a run, or "
        f"pretrained:NAME; by default {drawers.DEFAULT_MODEL}, or "
        f"{drawers.SEARCH_MODEL} of a search; tracing needs none. On a "
        "cluster, all workers must have the folder.",
        flag_values=values,
    )
    flags.DEFINE_enum(
        "parser",
        None,
        list(drawers.PARSERS),
        "What finds the strokes: tracing without a model (traced, the "
        "default), the recognition network of a model (amortised), gradient "
        "ascent from there (refined, the default with a model or a server), "
        "the best of both after gradient ascent (best_of), or a search with a "
        "model of how people draw (searched, the default with such a model; "
        "it orders up to 8 strokes).",
        flag_values=values,
    )
