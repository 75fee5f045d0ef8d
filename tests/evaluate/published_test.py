from tfdood.evaluate import published


def test_published_rows_and_columns_are_in_place():
    likelihoods = published.MARGINAL_LIKELIHOOD
    assert len(likelihoods) == len(published.BLANK_CANVAS) == 25
    assert likelihoods["mnist", "mnist"] == (7094.0, 57.9)
    assert likelihoods["mnist", "quickdraw"] == (-2531.6, 487.5)
    assert likelihoods["kmnist", "emnist"] == (5667.4, 29.7)
    assert likelihoods["omniglot", "omniglot"] == (7385.9, 6.8)
    assert published.BLANK_CANVAS["quickdraw", "kmnist"] == -951
    for cell, spread in likelihoods.items():
        assert spread.mean > published.BLANK_CANVAS[cell]
