"""Runs one of the five apps in the image, by `uvicorn-pod --gzip` or by plain uvicorn."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from prometheus_client.samples import Sample

from tests.image.containers import log, started
from tests.support.http_client import HOST, Client, get
from tests.support.metrics_text import samples
from tests.support.serving import free_port
from tests.support.waiting import wait_until

START_SECONDS = 60
PLAIN_UVICORN = ["/opt/venv/bin/python", "-m", "uvicorn"]


@dataclass(frozen=True)
class Server:
    """A running container. Plain uvicorn does not use the management port."""

    port: int
    management_port: int
    container: str

    def samples(self) -> list[Sample]:
        """All samples of its metrics, as Prometheus's own parser reads them."""
        return samples(get(self.management_port, "/metrics").body.decode())


def values(found: list[Sample], name: str, *labels: str) -> dict[tuple[str, ...], float]:
    """The values of a metric by those of all its labels, in this order."""
    named = [one for one in found if one.name == name]
    assert all(set(one.labels) == set(labels) for one in named), f"labels of {named}"
    return {tuple(one.labels[label] for label in labels): one.value for one in named}


@contextmanager
def serving(image: str, app: str, **settings: object) -> Iterator[Server]:
    """Runs an app by `uvicorn-pod --gzip` until the block ends; no request is sent before it.

    `settings` are options of the server by their variables, such as `DRAIN_SECONDS=4`.
    """

    def is_ready(server: Server) -> bool:
        return get(server.management_port, "/readyz").status == 200

    with _serving(image, app, [], {"GZIP": "true", **settings}, is_ready) as server:
        yield server


@contextmanager
def serving_plainly(image: str, app: str, **settings: object) -> Iterator[Server]:
    """The control: runs the same packages by plain uvicorn, with its own options."""

    def is_listening(server: Server) -> bool:
        Client(server.port).close()
        return True

    with _serving(image, app, PLAIN_UVICORN, settings, is_listening) as server:
        yield server


@contextmanager
def _serving(
    image: str,
    app: str,
    command: list[str],
    settings: dict[str, object],
    is_up: Callable[[Server], bool],
) -> Iterator[Server]:
    port, management_port = free_port(), free_port()
    settings = {"HOST": HOST, "PORT": port, **settings}
    if not command:
        settings["MANAGEMENT_PORT"] = management_port
    # Without a fixed seed, each server of Quart has a different order of Allow.
    options = ["--tmpfs=/tmp", "--env=PYTHONHASHSEED=0"]
    options += [f"--env=UVICORN_{key}={value}" for key, value in settings.items()]
    if command:
        options.append(f"--entrypoint={command[0]}")
    arguments = [*command[1:], f"shop.{app}_app:app"]
    with started(image, *arguments, options=tuple(options)) as container:
        server = Server(port, management_port, container)
        try:
            wait_until(lambda: is_up(server), START_SECONDS, f"{app} answers")
        except TimeoutError as error:
            error.add_note(log(container))
            raise
        yield server
