"""New characters of given alphabets: do they belong there, and are they new?

Not in the paper of GNS, which leaves this task of Omniglot's (new concepts from
type) to future work; `measures.repertoire` says how the characters are made.
People's drawings of other characters of the alphabet are the best to expect.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tfdood import figures
from tfdood.data import alphabets, datasets
from tfdood.evaluate import parsers
from tfdood.evaluate.measures import (
    features,
    neighbours,
    redrawing,
    repertoire,
)
from tfdood.evaluate.records.job import Drawings, Job, Measure, mean
from tfdood.parsing import seeds

DEFAULTS = {"num_images": 100, "temperature": 0.5}
"""The settings of the task, and their values without flags."""

VERSION = 1
"""Of the measures: finished jobs of other versions are done again."""

_MOST_ALPHABETS = 5
_MOST_GIVEN = 10
_NUM_TEST = 20_000
_CHOICE = 2  # stream of random numbers; parses and samples have others
_PARSES, _SAMPLES = 1_000, 2_000  # the first streams of these


class Alphabet(NamedTuple):
    """An alphabet, divided into given characters and others.

    Attributes:
        name: of the alphabet.
        given: `[G]`, rows of one drawing of each given character.
        others: rows of all drawings of the other characters.
    """

    name: str
    given: np.ndarray
    others: np.ndarray


def run(job: Job) -> tuple[dict[str, Measure], str]:
    """Draws new characters of up to five alphabets, at even distances.

    One drawing of each of ten characters of an alphabet is given, of half of
    them if it has fewer than 20; the strokes of each are its best parse of 5.

    Args:
        job: 100 new characters by default, equally many of each alphabet
            (rounded down, at least one), at `job.temperature`; with the
            explainer `searched`.

    Returns:
        `alphabet_agreement`, the share of new characters that are nearer, in
        `features`, to the mean of the right alphabet than to that of any other,
        where means are of people's drawings of characters that were not given;
        the same `_of_given`, of the given drawings; `chance`, one by the number
        of alphabets; `nearest_distance` of new characters to a given one, by
        pixels (see `neighbours`), and the same `_of_people`, of as many
        drawings of other characters: copies have a smaller one; and the source.

    Raises:
        ValueError: If the job has no search, or if there are fewer than two
            alphabets.
    """
    _check(job)
    test = job.drawings(_NUM_TEST)
    chosen = divide(test.labels, test.class_names, job.seed)
    count = max(1, job.num_images // len(chosen))
    new = _drawn(job, test.images, chosen, count)
    people = [
        test.images[own.others[datasets.even_rows(len(own.others), count)]]
        for own in chosen
    ]
    given = [test.images[own.given] for own in chosen]
    measures = {
        **_agreements(test.images, chosen, {"": new, "_of_given": given}),
        "chance": Measure(1.0 / len(chosen), 0.0, count * len(chosen)),
        "nearest_distance": _nearest(new, given),
        "nearest_distance_of_people": _nearest(people, given),
    }
    _picture(job, chosen, given, new, people)
    return measures, _source(test, chosen)


def divide(
    labels: np.ndarray, class_names: tuple[str, ...], seed: int
) -> list[Alphabet]:
    """Chooses alphabets, and what is given of each.

    Args:
        labels: `[N]`, characters of drawings, indices into `class_names`.
        class_names: such as `Greek_7`.
        seed: of the choice of the given drawings.

    Returns:
        Two to five alphabets of at least two characters, at even distances.

    Raises:
        ValueError: If there are fewer.
    """
    rng = np.random.default_rng([seed, _CHOICE])
    of_drawings = alphabets.of_classes(class_names)[labels]
    names = [
        name
        for name in np.unique(of_drawings)
        if len(np.unique(labels[of_drawings == name])) > 1
    ]
    if len(names) < 2:
        raise ValueError(
            f"Only {len(names)} alphabets have two characters among the "
            f"{len(labels):,} drawings, expected two alphabets or more. Use "
            "--dataset=omniglot_strokes or omniglot."
        )
    spread = np.linspace(0, len(names) - 1, min(_MOST_ALPHABETS, len(names)))
    found = []
    for name in (names[i] for i in spread.round().astype(int)):
        classes = np.unique(labels[of_drawings == name])
        count = min(_MOST_GIVEN, len(classes) // 2)
        given = rng.choice(classes, count, replace=False)
        rows = [rng.choice(np.flatnonzero(labels == x)) for x in sorted(given)]
        is_other = (of_drawings == name) & ~np.isin(labels, given)
        found.append(
            Alphabet(str(name), np.array(rows), np.flatnonzero(is_other))
        )
    return found


def _check(job: Job) -> None:
    if parsers.has_network(job.model) or not parsers.is_search(job.explainer):
        raise ValueError(
            f"New characters of an alphabet are made of strokes that a search "
            f"finds, got the model {job.model.name}"
            f"{'' if job.explainer is None else ', ' + job.explainer.name}; "
            "give a model of people's strokes (GNS) and --parser=searched."
        )
    if job.temperature == 0.0:
        raise ValueError(
            "New characters are drawn at a temperature above 0, got "
            "--temperature=0; a small one, such as 0.1, is nearly the mode."
        )


def _drawn(
    job: Job, images: np.ndarray, chosen: Sequence[Alphabet], count: int
) -> list[np.ndarray]:
    """New characters of each alphabet, `[C, S, S, 1]` in [0, 1]."""
    parser = parsers.build(job.model, redrawing.NUM_PARSES, 1, job.explainer)

    def part(number: int) -> dict[str, np.ndarray]:
        given = images[chosen[number].given]
        parses = parser.parse(given, seeds.Seed(job.seed, _PARSES + number))
        best = parses.log_joint.argmax(1)
        types = parses.rows((np.arange(len(given)), best)).types
        strokes = repertoire.draw(
            job.model,
            repertoire.of(job.model, types),
            count,
            job.temperature,
            (job.seed, _SAMPLES + number),
        )
        canvas = job.model.run_all("render", **strokes._asdict())["canvas"]
        return {"new": redrawing.binary(canvas)}

    parts = job.in_parts(len(chosen), part, "alphabet")
    return [part["new"] / np.float32(255.0) for part in parts]


def _agreements(
    images: np.ndarray,
    chosen: Sequence[Alphabet],
    made: dict[str, Sequence[np.ndarray]],
) -> dict[str, Measure]:
    """How often the mean of the right alphabet is nearest, by suffix."""
    extract = features.Extractor()
    others = np.concatenate([own.others for own in chosen])
    labels = np.repeat(range(len(chosen)), [len(x.others) for x in chosen])
    references = extract(images[others])
    found = {}
    for suffix, of_alphabets in made.items():
        right = np.repeat(range(len(chosen)), [len(x) for x in of_alphabets])
        nearest = features.nearest_class(
            extract(np.concatenate(of_alphabets)), references, labels
        )
        found[f"alphabet_agreement{suffix}"] = mean(nearest == right)
    return found


def _nearest(
    made: Sequence[np.ndarray], given: Sequence[np.ndarray]
) -> Measure:
    """The distance to the nearest given character of the same alphabet."""
    pairs = zip(made, given, strict=True)
    return mean(
        np.concatenate([neighbours.nearest(*pair).distance for pair in pairs])
    )


def _picture(
    job: Job,
    chosen: Sequence[Alphabet],
    given: Sequence[np.ndarray],
    new: Sequence[np.ndarray],
    people: Sequence[np.ndarray],
) -> None:
    """Draws three rows of ten an alphabet."""
    rows, titles = [], []
    for number, alphabet in enumerate(chosen):
        for title, images in (
            ("given characters", given[number]),
            ("new ones by the model", new[number]),
            ("other characters by people", people[number]),
        ):
            shown = [*images[datasets.even_rows(len(images), _MOST_GIVEN)]]
            rows.append(shown + [None] * (_MOST_GIVEN - len(shown)))
            titles.append(f"{alphabet.name.replace('_', ' ')}: {title}")
    figures.sheet(rows, titles, job.figure("alphabets"))


def _source(test: Drawings, chosen: Sequence[Alphabet]) -> str:
    names = ", ".join(alphabet.name for alphabet in chosen)
    return f"{len(chosen)} alphabets ({names}) of the {test.source}"
