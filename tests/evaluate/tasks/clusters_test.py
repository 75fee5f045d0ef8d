import numpy as np
import pytest
from matplotlib import figure
from PIL import Image

from tfdood.evaluate.tasks import clusters
from tfdood.figures import palette


def _blobs(counts, spread=0.05, dimension=10):
    """Points around corners that are a distance of at least 5 apart."""
    rng = np.random.default_rng(0)
    centres = 5.0 * np.eye(dimension)[: len(counts)]
    truth = np.repeat(np.arange(len(counts)), counts)
    noise = spread * rng.standard_normal([len(truth), dimension])
    order = rng.permutation(len(truth))
    return (centres[truth] + noise)[order], truth[order]


def _silhouettes(points, labels):
    distances = np.linalg.norm(points[:, None] - points, axis=-1)
    values = []
    for i, label in enumerate(labels):
        others = np.arange(len(points)) != i
        a = distances[i, others & (labels == label)].mean()
        b = min(
            distances[i, labels == other].mean()
            for other in set(labels) - {label}
        )
        values.append((b - a) / max(a, b))
    return np.array(values)


def test_finds_blobs_and_numbers_them_by_size():
    points, truth = _blobs([20, 50, 30])
    labels = clusters.clusters(points, 3, seed=0)
    np.testing.assert_array_equal(labels, np.array([2, 0, 1])[truth])


def test_clusters_are_the_same_again():
    points = np.random.default_rng(0).standard_normal([200, 10])
    labels = [clusters.clusters(points, 8, seed) for seed in (0, 0, 1)]
    np.testing.assert_array_equal(labels[0], labels[1])
    assert not np.array_equal(labels[0], labels[2])


def test_the_silhouette_is_that_of_its_definition():
    rng = np.random.default_rng(0)
    points = rng.standard_normal([60, 10])
    labels = rng.integers(4, size=60)
    values = _silhouettes(points, labels)
    value, error, _ = clusters.silhouette(points, labels)
    assert value == pytest.approx(values.mean())
    assert error == pytest.approx(values.std(ddof=1) / np.sqrt(60))


def test_the_silhouette_of_two_pairs():
    points = np.array([[0.0], [1.0], [10.0], [11.0]])
    value = clusters.silhouette(points, np.array([0, 0, 1, 1])).value
    # Outer points: 1 - 1 / 10.5; inner ones: 1 - 1 / 9.5.
    assert value == pytest.approx(1 - (1 / 10.5 + 1 / 9.5) / 2)


def test_one_cloud_has_the_moments_but_not_the_clusters():
    points, _ = _blobs([3000, 2000, 2000], spread=0.3, dimension=4)
    cloud = clusters.one_cloud(points, seed=0)
    assert cloud.shape == points.shape
    np.testing.assert_allclose(cloud.mean(0), points.mean(0), atol=0.15)
    np.testing.assert_allclose(np.cov(cloud.T), np.cov(points.T), atol=0.3)
    rows = slice(0, 500)
    values = [
        clusters.silhouette(x[rows], clusters.clusters(x[rows], 3, 0))[0]
        for x in (points, cloud)
    ]
    assert values[0] > 0.8 > 0.5 > values[1] > 0.0


def test_the_embedding_keeps_neighbours_together():
    points, truth = _blobs([25, 25, 25])
    places = clusters.embedding(points, seed=0)
    np.testing.assert_allclose(places.min(0), 0.0, atol=1e-6)
    np.testing.assert_allclose(places.max(0), 1.0, atol=1e-6)
    gaps = np.linalg.norm(places[:, None] - places, axis=-1)
    np.fill_diagonal(gaps, np.inf)
    assert np.mean(truth[gaps.argmin(1)] == truth) > 0.95


def test_uncrowded_places_are_apart_and_no_more_fit():
    places = np.random.default_rng(0).random([300, 2])
    taken = clusters.uncrowded(places, 0.1)
    gaps = np.linalg.norm(places[:, None] - places[taken], axis=-1)
    assert taken[0] == 0
    assert np.all(gaps.min(1) < 0.1)
    among = gaps[taken]
    np.fill_diagonal(among, np.inf)
    assert among.min() >= 0.1


def test_the_picture_shows_every_cluster_in_its_colour(tmp_path):
    rng = np.random.default_rng(0)
    strokes = rng.random([40, 5, 2])
    labels = np.arange(40) % 8
    path = tmp_path / "tsne.png"
    clusters.picture(strokes, labels, rng.random([30, 2]), path)
    with Image.open(path) as image:
        pixels = np.asarray(image.convert("RGB")).reshape(-1, 3)
    for label in range(8):
        rgb = np.round(255.0 * palette.rgb(palette.stroke(label)))
        assert np.any(np.all(pixels == rgb, axis=1))


def test_painted_strokes_are_upright_and_coloured(tmp_path):
    images = np.zeros([1, 8, 8, 1], np.float32)
    images[:, :4] = 1.0  # ink in the upper half
    sheet = figure.Figure((2, 2), dpi=50, facecolor="black")
    axes = sheet.add_axes((0, 0, 1, 1))
    draw = clusters._images(images)
    draw(axes, [0], np.array([[0.3, 0.6]]), [palette.stroke(2)])
    half = clusters._STROKE_SIZE / 2
    axes.set(xlim=(0.3 - half, 0.3 + half), ylim=(0.6 + half, 0.6 - half))
    axes.set_axis_off()
    sheet.savefig(tmp_path / "tile.png")
    with Image.open(tmp_path / "tile.png") as image:
        pixels = np.asarray(image.convert("RGB"))
    rgb = np.round(255.0 * palette.rgb(palette.stroke(2)))
    np.testing.assert_allclose(pixels[10:40, 10:90].mean((0, 1)), rgb, atol=2)
    assert pixels[60:90].max() <= 1


def test_the_picture_shows_clusters_of_painted_strokes(tmp_path):
    rng = np.random.default_rng(0)
    images = np.ones([40, 8, 8, 1], np.float32)
    path = tmp_path / "tsne.png"
    clusters.picture(images, np.arange(40) % 3, rng.random([30, 2]), path)
    with Image.open(path) as image:
        pixels = np.asarray(image.convert("RGB")).reshape(-1, 3)
    for label in range(3):
        rgb = np.round(255.0 * palette.rgb(palette.stroke(label)))
        assert np.all(pixels == rgb, axis=1).sum() > 1_000


def test_clusters_the_strokes_of_a_model(make_job, monkeypatch):
    monkeypatch.setattr(clusters, "_NUM_EMBEDDED", 30)
    job = make_job("clusters", num_images=50)
    measures, source = clusters.run(job)
    num_strokes = measures.pop("num_strokes_clustered").value
    assert 16 <= num_strokes <= 50 * 3
    assert set(measures) == {
        f"silhouette_{k}{of}"
        for k in clusters.COUNTS
        for of in ("", "_of_one_cloud")
    }
    for value, error, num_images in measures.values():
        assert -1.0 < value < 1.0
        assert 0.0 < error < 1.0
        assert num_images == 50
    assert "train drawings" in source
    assert job.figure("tsne").exists()


def test_too_few_strokes_are_refused(make_job):
    with pytest.raises(ValueError, match="2 drawings have .* use more"):
        clusters.run(make_job("clusters", num_images=2))
