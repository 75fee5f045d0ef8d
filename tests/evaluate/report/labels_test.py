import pytest

from tfdood.evaluate.report import labels

_RECORD = {
    "model": "dood_mnist",
    "fingerprint": "e22645bd2a357524",
    "preset": "dood",
    "encoder": "paper",
    "step": 12_000,
    "trained_on": "mnist",
    "training_source": "58,000 of 60,000 drawings",
    "likelihood": "laplace",
    "pixel_scale": "running",
    "collages": 0.2,
    "training_seed": 4,
    "num_images": 1_000,
    "split": "validation",
    "dataset": "kmnist",
    "source": "a folder",
}


def test_a_model_is_its_name_and_fingerprint():
    assert labels.model(_RECORD) == "dood_mnist e22645"
    assert labels.model({"model": "old"}) == "old"


def test_training_names_all_that_numbers_depend_on():
    assert labels.training(_RECORD) == (
        "Preset dood, paper encoder, 12,000 steps on mnist (58,000 of 60,000 "
        "drawings), laplace pixels of running scale, 20 % collages, 1 "
        "training seed (4)"
    )
    with_batches = labels.training(_RECORD | {"batch_size": 32})
    assert "12,000 steps of 32 images on mnist (58,000" in with_batches
    assert labels.training(_RECORD, [0, 1, 4]).endswith(
        "20 % collages, 3 training seeds (0, 1, 4)"
    )


def test_training_says_whether_strokes_were_told():
    record = _RECORD | {"trained_on": "omniglot_strokes_recorded"}
    told = "omniglot_strokes_recorded with people's strokes (58,000 of"
    assert told in labels.training(record)
    assert "strokes" not in labels.training(_RECORD)


def test_models_without_encoders_of_images_have_none_in_their_label():
    assert labels.encoder(_RECORD) == ", paper encoder"
    for record in (_RECORD | {"encoder": None}, {}):
        assert labels.encoder(record) == ""
    of_strokes = labels.training(_RECORD | {"encoder": None})
    assert of_strokes.startswith("Preset dood, 12,000 steps")


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.2, "20 % collages"), (0.0, "no collages"), (None, "– collages")],
)
def test_no_augmentation_is_not_an_unknown_one(share, text):
    assert labels.augmentation({"collages": share}) == text


def test_pixels_of_one_deviation_have_no_scale():
    assert labels.pixels({"pixel_std": 0.1}) == (
        "normal pixels of standard deviation 0.1"
    )


def test_drawings_have_number_split_dataset_and_source():
    assert labels.drawings(_RECORD) == (
        "1,000 validation drawings of kmnist (a folder)"
    )


def test_settings_name_the_parser_and_what_else_is_known():
    record = {"parser": "traced", "refinement_steps": 60, "seed": 17}
    assert labels.settings(record) == (
        "parser traced, 60 steps of refinement, sampling seed 17"
    )
    assert labels.settings({"num_particles": 200, "temperature": None}) == (
        "200 particles"
    )


def test_what_a_record_lacks_is_shown_as_missing():
    assert labels.drawings({}) == "– – drawings of – (–)"
    assert labels.pixels({}) == "– pixels of – scale"
