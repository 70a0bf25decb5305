"""Runs one of the five apps in the image, by `uvicorn-pod --gzip` or by plain uvicorn."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from tests.support.commands import run
from tests.support.http_client import HOST, Client, get
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
        text = get(self.management_port, "/metrics").body.decode()
        return [one for family in text_string_to_metric_families(text) for one in family.samples]


def values(samples: list[Sample], name: str, *labels: str) -> dict[tuple[str, ...], float]:
    """The values of a metric by those of all its labels, in this order."""
    found = [one for one in samples if one.name == name]
    assert all(set(one.labels) == set(labels) for one in found), f"labels of {found}"
    return {tuple(one.labels[label] for label in labels): one.value for one in found}


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
    options = ["--detach", "--read-only", "--tmpfs=/tmp", "--network=host", "--cap-drop=ALL"]
    options += [f"--env=UVICORN_{key}={value}" for key, value in settings.items()]
    options.append("--env=PYTHONHASHSEED=0")  # or each server of Quart has an order of Allow
    if command:
        options.append(f"--entrypoint={command[0]}")
    target = f"shop.{app}_app:app"
    container = run("docker", "run", *options, image, *command[1:], target).strip()
    server = Server(port, management_port, container)
    try:
        try:
            wait_until(lambda: is_up(server), START_SECONDS, f"{app} answers")
        except TimeoutError as error:
            error.add_note(run("sh", "-c", f"docker logs --tail=30 {container} 2>&1"))
            raise
        yield server
    finally:
        run("docker", "rm", "--force", container)
