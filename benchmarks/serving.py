"""Measures the loading time, latency and throughput of an exported model.

    python -m benchmarks.serving --model=models/dood_mnist
        [--run_dir=runs/dood_mnist] [--num_requests=200]

The newest version of the model runs in TensorFlow's C++ session, first in this
process, and then in another process with the loopback server of the tests. This
server is not TensorFlow Serving. Each client waits for the answer before it
sends its next request. With `--run_dir`, the live model without a graph is
measured, too.
"""

from tfdood import quiet  # noqa: F401  # isort: skip

import concurrent.futures
import contextlib
import multiprocessing
import pathlib
import time
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import connection
from typing import NamedTuple

import numpy as np
import tensorflow as tf
from absl import flags

from export import clients
from tests.serving import front, servable
from tfdood import console, models
from tfdood.saved import cached, runs

_SIGNATURE = "reconstruct"
_IMAGE_SIZE = 50
_BATCH_SIZE = 64
_NUM_CLIENTS = 8
_NUM_WARM_UP = 3
# Batches and the live model get fewer requests, by this factor.
_FEWER = 8


class Cost(NamedTuple):
    """The result of one measurement.

    Attributes:
        latencies: `[N]`, the time of each request, in seconds.
        images_a_second: the throughput of all clients together.
    """

    latencies: np.ndarray
    images_a_second: float


def images(batch_size: int) -> np.ndarray:
    """Makes random images.

    Args:
        batch_size: the number of images.

    Returns:
        `[batch_size, 50, 50, 1]`, in [0, 1].
    """
    rng = np.random.default_rng(0)
    shape = batch_size, _IMAGE_SIZE, _IMAGE_SIZE, 1
    return rng.uniform(size=shape).astype(np.float32)


def measure(
    predict: Callable, num_clients: int, batch_size: int, num_requests: int
) -> Cost:
    """Sends requests from several threads at the same time.

    Args:
        predict: a function from images to outputs; all threads call it.
        num_clients: the number of threads.
        batch_size: the number of images in a request.
        num_requests: the number of requests of all clients together.

    Returns:
        The latencies and the throughput.
    """
    batch = images(batch_size)

    def request(_: int) -> float:
        start = time.perf_counter()
        predict(batch)
        return time.perf_counter() - start

    with concurrent.futures.ThreadPoolExecutor(num_clients) as pool:
        list(pool.map(request, range(_NUM_WARM_UP * num_clients)))
        start = time.perf_counter()
        latencies = list(pool.map(request, range(num_requests)))
        seconds = time.perf_counter() - start
    return Cost(np.array(latencies), num_requests * batch_size / seconds)


def loading(model_dir: str) -> tuple[float, float]:
    """Measures how long a model takes to load.

    Args:
        model_dir: the folder of the model's versions.

    Returns:
        The time to load the model, and the time from then until the first
        answer, both in seconds.
    """
    start = time.perf_counter()
    with servable.newest(model_dir) as model:
        loaded = time.perf_counter()
        model.session.run(_SIGNATURE, {"images": images(1)})
        answered = time.perf_counter()
    return loaded - start, answered - loaded


@contextlib.contextmanager
def served(model_dir: str) -> Iterator[front.Ports]:
    """Serves a model from another process until the context ends.

    Args:
        model_dir: the folder of the model's versions.

    Yields:
        The ports of the server.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(model_dir, theirs))
    process.start()
    theirs.close()
    try:
        yield ours.recv()
    finally:
        ours.close()
        process.join()


def _serve(model_dir: str, pipe: connection.Connection) -> None:
    with front.serve(model_dir, "model") as ports:
        pipe.send(ports)
        with contextlib.suppress(EOFError):
            pipe.recv()


def live(run_dir: pathlib.Path) -> Callable:
    """Makes the reconstruction by the live model of a run, without a graph.

    Args:
        run_dir: the folder of the run.

    Returns:
        A function from images to outputs.
    """
    model = models.build(runs.read_config(run_dir).model)
    runs.restore_model(model, run_dir / runs.CHECKPOINTS)
    return lambda batch: tf.nest.map_structure(
        np.array, model.reconstruct(tf.constant(batch))
    )


def _print_heading(num_requests: int) -> None:
    print(
        f"{_SIGNATURE!r}, {num_requests} requests with one image, "
        f"{num_requests // _FEWER} with batches"
    )
    print(
        f"{'':16}{'clients':>8}{'batch':>7}{'p50 ms':>9}{'p90 ms':>9}"
        f"{'p99 ms':>9}{'images/s':>10}"
    )


def _print(way: str, num_clients: int, batch_size: int, cost: Cost) -> None:
    p50, p90, p99 = 1e3 * np.percentile(cost.latencies, (50, 90, 99))
    print(
        f"{way:16}{num_clients:8}{batch_size:7}{p50:9.1f}{p90:9.1f}{p99:9.1f}"
        f"{cost.images_a_second:10.0f}",
        flush=True,
    )


def _compare(
    way: str,
    predict: Callable,
    num_requests: int,
    cases: Sequence[tuple[int, int]],
) -> None:
    for num_clients, batch_size in cases:
        number = num_requests if batch_size == 1 else num_requests // _FEWER
        cost = measure(predict, num_clients, batch_size, number)
        _print(way, num_clients, batch_size, cost)


def define(values: flags.FlagValues) -> None:
    """Declares the flags.

    Args:
        values: where the flags are declared.
    """
    flags.DEFINE_string(
        "model",
        None,
        "Folder of an exported model, folder of a run, or pretrained:NAME.",
        flag_values=values,
        required=True,
    )
    flags.DEFINE_string(
        "run_dir",
        None,
        "Folder of a run whose live model is measured, too.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "num_requests",
        200,
        "Number of requests with one image.",
        lower_bound=_FEWER**2,
        flag_values=values,
    )


def main(options: flags.FlagValues) -> None:
    """Prints the loading time, and a table of latencies and throughputs.

    Args:
        options: the values of the flags.
    """
    model_dir, number = cached.folder(options.model), options.num_requests
    alone = (1, 1), (1, _BATCH_SIZE)

    spawn = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, spawn) as pool:
        load, first = pool.submit(loading, model_dir).result()
    print(f"Loaded in {load:.2f} s, first answer after {first:.2f} s more.")
    _print_heading(number)
    if options.run_dir:
        predict = live(pathlib.Path(options.run_dir))
        _compare("live, eager", predict, number // _FEWER, alone)
    with servable.newest(model_dir) as model:
        session = model.session
        _compare(
            "session",
            lambda batch: session.run(_SIGNATURE, {"images": batch}),
            *(number, alone),
        )
    with served(model_dir) as ports:
        grpc_client = clients.GrpcClient(f"{front.HOST}:{ports.grpc}", "model")
        rest_client = clients.RestClient(f"{front.HOST}:{ports.rest}", "model")
        with grpc_client:
            _compare(
                "gRPC loopback",
                lambda batch: grpc_client.predict(
                    _SIGNATURE, {"images": batch}
                ),
                *(number, (*alone, (_NUM_CLIENTS, 1))),
            )
        _compare(
            "REST loopback",
            lambda batch: rest_client.predict(_SIGNATURE, {"images": batch}),
            *(number, alone[:1]),
        )


if __name__ == "__main__":
    console.run(define, main)
