import numpy as np

from tfdood.parsing import seeds


def test_seeds_differ_between_rows_streams_and_seeds():
    found = [seeds.of_rows(50, s, t) for s in (0, 1) for t in (0, 1)]
    assert len(np.unique(np.concatenate(found), axis=0)) == 200


def test_seeds_are_valid_and_the_same_again():
    found = seeds.of_rows(50, 0, 1)
    assert found.dtype == np.int32
    assert found.shape == (50, 2)
    assert found.min() >= 0
    np.testing.assert_array_equal(seeds.of_rows(50, 0, 1), found)


def test_first_rows_do_not_depend_on_the_number_of_rows():
    np.testing.assert_array_equal(
        seeds.of_rows(9, 3, 1), seeds.of_rows(50, 3, 1)[:9]
    )


def test_a_seed_is_of_the_first_stream_and_the_first_image():
    assert seeds.Seed(3) == (3, 0, 0)


def test_seeds_stay_those_of_published_results():
    np.testing.assert_array_equal(
        seeds.of_rows(2, 0),
        [[1826701615, 1367864807], [1097657232, 579362556]],
    )
