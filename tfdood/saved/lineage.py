"""What a model learned from, and what the models learned from before it."""

import dataclasses

from tfdood.saved import families
from tfdood.settings import schema


def of(training: schema.Training) -> list[schema.Training]:
    """Lists the training of a model, and of the models that it started from.

    Args:
        training: the settings of the training of the model.

    Returns:
        The settings, with the right `dataset`, `source` and `start_from`: of
        the model, of the model that it started from, and so on. The list ends
        before the first model whose configuration cannot be read; the last
        training then has a `start_from`.
    """
    found, names = [training], set()
    while (name := found[-1].start_from) and name not in names:
        names.add(name)
        try:
            stored = families.configuration(name)["training"]
            facts = {k: stored[k] for k in ("dataset", "source", "start_from")}
        except (OSError, ValueError, KeyError, TypeError):
            break
        found.append(dataclasses.replace(training, **facts))
    return found
