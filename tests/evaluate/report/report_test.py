import html.parser
import json
import re

import numpy as np
import pytest

from tfdood.evaluate.records import job, results
from tfdood.evaluate.report import report

_JOB = {
    "task": "marginal_likelihood",
    "model": "dood_mnist",
    "fingerprint": "ab",
    "step": 4500,
    "dataset": "mnist",
    "split": "test",
    "read_from": "imported_mnist/1.0.0",
    "num_images": 1000,
    "num_particles": None,
    "temperature": None,
    "seed": 17,
}


def _record(**changes):
    job = _JOB | {k: v for k, v in changes.items() if k in _JOB}
    return {
        **job,
        "metric": "iwae",
        "value": 6181.3371,
        "standard_error": 24.88,
        "source": "imported drawings",
        "trained_on": "mnist",
        "training_source": "imported",
        "encoder": "paper",
        "likelihood": "laplace",
        "pixel_scale": "running",
        "collages": 0.2,
        "training_seed": 3,
        "image_size": 50,
        "pixel_scale_floor": 0.01,
        "preset": "dood",
        "seconds": 81.2,
        **changes,
        "job": job,
    }


class _Reader(html.parser.HTMLParser):
    """Collects cells of tables by row, pictures, and open elements."""

    def __init__(self):
        super().__init__()
        self.rows, self.sources, self.tags, self.open = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag not in ("img", "meta"):
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag == "img":
            self.sources.append(dict(attrs)["src"])

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("td", "th"):
            self.rows[-1][-1] += data


@pytest.fixture(name="write")
def _write(tmp_path):
    """Writes records and pictures; gives the page's cells and the Markdown."""

    def write(records, figures=()):
        text = "".join(json.dumps(record) + "\n" for record in records)
        (tmp_path / results.FILE).write_text(text)
        (tmp_path / "figures").mkdir(exist_ok=True)
        for name in figures:
            (tmp_path / "figures" / name).touch()
        path = report.write(tmp_path)
        assert path == tmp_path / "report.html"
        reader = _Reader()
        reader.feed(path.read_text())
        assert not reader.open
        return reader, (tmp_path / "report.md").read_text()

    return write


def _row(reader, metric):
    (header, row) = (
        next(r for r in reader.rows if r[:1] == [start])
        for start in ("metric", metric)
    )
    return dict(zip(header, row, strict=True))


def test_a_row_is_its_record(write):
    reader, markdown = write([_record(num_particles=200)])
    assert _row(reader, "iwae") == {
        "metric": "iwae",
        "value": "6181.34",
        "standard error": "25",
        "published": "7094 ± 57.9",
        "images": "1,000",
    }
    (line,) = [x for x in markdown.splitlines() if x.startswith("| iwae")]
    assert "| 6181.34 | 25 | 7094 ± 57.9 | 1,000 |" in line
    assert "### dood\\_mnist ab on mnist, test" in markdown
    (line,) = [x for x in markdown.splitlines() if "Evaluated on" in x]
    assert line == (
        "Preset dood, paper encoder, 4,500 steps on mnist (imported), "
        "laplace pixels of running scale, 20 % collages, 1 training seed (3). "
        "Evaluated on 1,000 test drawings of mnist (imported drawings); "
        "200 particles, sampling seed 17, 81 s."
    )


def test_scenes_have_the_tables_of_the_paper_of_gnm(write):
    scenes = {"dataset": "mnist_4", "trained_on": "mnist_4", "preset": "gnm"}
    reader, markdown = write([_record(), _record(**scenes, value=4321.0)])
    assert "## Scenes: the tables of GNM's paper" in markdown
    (row,) = [r for r in reader.rows if r[1:2] == ["GNM"] and "4321 ± 25" in r]
    assert row[0] == "mnist_4\n(MNIST-4)"
    # The table from dataset to dataset is of drawings alone.
    first = [r[0] for r in reader.rows].index("trained on")
    assert reader.rows[first + 1][0].startswith("mnist\n")
    assert not any(r[0].startswith("mnist_4\ndood") for r in reader.rows)


def test_a_note_names_the_settings_that_were_used(write):
    _, markdown = write(
        [
            _record(num_particles=20),
            _record(task="generation", metric="strokes", temperature=0.5),
        ]
    )
    assert "; 20 particles, sampling seed 17, 81 s." in markdown
    assert "; temperature 0.5, sampling seed 17, 81 s." in markdown


def test_a_table_holds_the_measures_of_one_job(write):
    reader, markdown = write(
        [
            _record(),
            _record(metric="effective_sample_size", value=2.5),
            _record(dataset="kmnist", value=-77.0),
        ]
    )
    starts = [row[0] for row in reader.rows]
    assert starts.count("metric") == 2
    first = starts.index("metric")
    assert starts[first : first + 5] == [
        *("metric", "iwae", "effective_sample_size"),
        *("metric", "iwae"),
    ]
    titles = re.findall("^### (.*) on (.*)$", markdown, re.MULTILINE)
    assert titles == [
        ("dood\\_mnist ab", d) for d in ("mnist, test", "kmnist, test")
    ]


@pytest.mark.parametrize(
    ("error", "text"),
    [(0.00123, "0.0012"), (9.87, "9.9"), (108.3, "108"), (0.0, "–")],
)
def test_standard_errors_have_two_digits_or_whole_numbers(write, error, text):
    reader, _ = write([_record(standard_error=error)])
    assert _row(reader, "iwae")["standard error"] == text


def test_published_numbers_are_in_the_row_of_their_metric(write):
    reader, _ = write(
        [
            _record(task="clusters", metric="silhouette_8", value=0.2427),
            _record(task="clusters", metric="silhouette_10", value=0.25),
            _record(
                task="clusters",
                metric="silhouette_8",
                value=0.2,
                read_from="sample",
                fingerprint="of the sample",
            ),
            _record(task="probe", metric="accuracy_of_latents", value=0.941),
            _record(task="one_shot", metric="accuracy", value=0.5),
        ]
    )
    cells = {row[0]: row[3] for row in reader.rows if len(row) > 3}
    assert cells["silhouette_8"] == "DooD 0.21\nAIR 0.11"
    assert cells["silhouette_10"] == "–"
    assert cells["accuracy_of_latents"] == "DooD 0.934\nDifference-AIR 0.954"
    assert ["DooD", "73.5%"] in reader.rows
    assert ["modified Hausdorff distance", "61.2%"] in reader.rows


def test_pictures_are_in_the_section_of_their_task_with_captions(write):
    records = [
        _record(task="clusters", metric="silhouette_8", seed=seed)
        for seed in (17, 18)
    ]
    names = [
        f"clusters_dood_mnist_mnist_tsne_{job.digest(record['job'])}.png"
        for record in records
    ]
    reader, markdown = write(
        records, [*names, "completion_a_b_c.png", "drawn by hand.png"]
    )
    assert reader.sources == [
        "figures/completion_a_b_c.png",
        *sorted(f"figures/{name}" for name in names),
        "figures/drawn%20by%20hand.png",
    ]
    for name, seed in zip(names, (17, 18), strict=True):
        assert (
            "![tsne: dood\\_mnist ab (trained on mnist, 4,500 steps, paper "
            f"encoder) on mnist, test; sampling seed {seed}](figures/{name})"
            in markdown
        )
    titles = re.findall("^## (.*)$", markdown, re.MULTILINE)
    assert titles == ["Completion", "Clusters of strokes", "Other pictures"]


def test_unknown_tasks_and_incomplete_records_are_shown(write):
    reader, markdown = write(
        [
            _record(task="juggling", metric="balls", value=5),
            {"job": {}, "metric": "lonely", "value": "many"},
        ]
    )
    assert _row(reader, "balls")["value"] == "5"
    rows = [row for row in reader.rows if row[0] == "lonely"]
    assert rows[0][1] == "many"
    assert "## juggling" in markdown


def test_models_of_several_seeds_and_pairs_have_tables(write, tmp_path):
    records = [
        _record(
            fingerprint=f"{seed}" * 8,
            training_seed=seed,
            recipe="0a",
            value=value,
        )
        for seed, value in ((0, 10.0), (1, 20.0))
    ]
    (tmp_path / "values").mkdir()
    for record, own in zip(records, ([9.0, 11.0], [18.0, 22.0]), strict=True):
        name = f"marginal_likelihood_{job.digest(record['job'])}.npz"
        np.savez(tmp_path / "values" / name, iwae=np.array(own, np.float32))
    reader, markdown = write(records)
    titles = re.findall("^### (.*)$", markdown, re.MULTILINE)
    assert titles[:3] == [
        "From dataset to dataset",
        "Over training seeds",
        "Paired differences",
    ]
    (over_seeds,) = [r for r in reader.rows if "2 training seeds" in r[0]]
    assert over_seeds[3:] == ["iwae", "15", "7.1", "25"]
    (paired,) = [r for r in reader.rows if r[-1] == "-10.0 ± 1.0"]
    assert paired[0].startswith("dood_mnist 000000")
    assert paired[1].startswith("dood_mnist 111111")


def test_nothing_in_a_record_becomes_markup(write, tmp_path):
    name = "<script>alert('x')</script> & | `a` [b](c)"
    reader, markdown = write([_record(task=name, metric=name, model=name)])
    assert "script" not in reader.tags
    assert _row(reader, name)["value"] == "6181.34"
    assert "<script>" not in markdown
    (row,) = [x for x in markdown.splitlines() if "6181" in x]
    cells = re.split(r"(?<!\\)\|", row)
    assert len(cells) == len(report._HEADER) + 2


def test_the_page_needs_no_other_host(write, tmp_path):
    write([_record()], ["marginal_likelihood_a.png"])
    text = (tmp_path / "report.html").read_text()
    assert "//" not in text
    assert "prefers-color-scheme: dark" in text


def test_a_folder_without_results_says_so(tmp_path):
    with pytest.raises(FileNotFoundError, match="There are no results in"):
        report.write(tmp_path)
    (tmp_path / results.FILE).touch()
    with pytest.raises(FileNotFoundError, match="is empty; run a task"):
        report.write(tmp_path)


def test_the_newest_version_of_a_job_counts(write):
    rows = [
        _record(task_version=version, value=value, num_images=count)
        for version, value, count in ((2, 2.0, 9), (1, 1.0, 9), (1, 5.0, 8))
    ]
    for row in rows:
        row["job"] = {**row["job"], "task_version": row["task_version"]}
        row["job"]["num_images"] = row["num_images"]
    reader, _ = write(rows)
    values = [row[1] for row in reader.rows if row[0] == "iwae"]
    assert sorted(values) == ["2", "5"]


def test_own_drawings_have_a_table_that_is_not_folded(write):
    records = [_record(), _record(dataset="cats", value=12.0)]
    reader, markdown = write(records)
    start, end = markdown.index("cats"), markdown.index("<details>")
    assert start < end
    cells = [row for row in reader.rows if row[0].startswith("mnist\n")]
    assert len(cells) == 1
