"""Fixtures of all tests."""

import functools
import random

import numpy as np
import pytest

pytest.register_assert_rewrite("tests.serving.tiny", "tests.saved.tiny_runs")

_TOGETHER = (
    (
        "tests/evaluate/",
        "tests/parsing/",
        "tests/sketching/drawers_test.py",
        "tests/saved/converting_test.py",
        "tests/saved/signatures_test.py",
    ),
    ("tests/models/",),
)


def pytest_configure(config):
    """Loads fixtures where tests run; elsewhere nothing needs TensorFlow."""
    if config.getoption("dist", "no") == "no" or config.option.collectonly:
        for name in ("tests.serving.tiny", "tests.saved.tiny_runs"):
            config.pluginmanager.import_plugin(name)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Runs files that share models in one process, if all files are run."""
    is_whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    if config.getoption("dist") != "loadfile" or not is_whole:
        return None
    from xdist import scheduler

    class Scheduling(scheduler.LoadFileScheduling):
        def _split_scope(self, nodeid):
            path = super()._split_scope(nodeid)
            groups = (g[0] for g in _TOGETHER if path.startswith(g))
            return next(groups, path)

    return Scheduling(config, log)


@pytest.fixture(autouse=True, scope="session")
def _nothing_prepared(tmp_path_factory):
    """Hides the datasets that are prepared on this machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TFDS_DATA_DIR", str(tmp_path_factory.mktemp("no_data")))
        yield


@pytest.fixture(autouse=True, scope="session")
def _grappler_of_sessions_alone():
    """Runs functions as training does, and sessions as servers do.

    Without Grappler, a first call takes two thirds of the time.
    """
    import tensorflow as tf

    tf.config.optimizer.set_experimental_options(
        {"disable_meta_optimizer": True}
    )
    # A session without a configuration takes the options above.
    session = functools.partial(
        tf.compat.v1.Session, config=tf.compat.v1.ConfigProto()
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tf.compat.v1, "Session", session)
        yield


@pytest.fixture(autouse=True, scope="session")
def _functions_stay_ready():
    """Sets Keras's seeds without TensorFlow's, which would forget functions.

    Keras draws initial weights from the seed of Python.
    """
    import keras

    def set_random_seed(seed):
        random.seed(seed)
        np.random.seed(seed)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keras.utils, "set_random_seed", set_random_seed)
        yield


@pytest.fixture(autouse=True)
def _seeded():
    """Gives layers the same initial weights in every run of a test."""
    from tests import seeding

    seeding.initial_weights()
