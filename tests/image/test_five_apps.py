"""Five apps that nobody here wrote answer under `uvicorn-pod --gzip` as under plain uvicorn.

Both servers run in the real image, from the same packages. The answers are compared after decoding,
byte for byte, with every header that the server does not have to change.
"""

import gzip
import http.client
import re
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from backports import zstd
from prometheus_client.parser import text_string_to_metric_families

from cluster.release.names import image
from tests.image.test_app_on_runtime_image import build, trusting
from tests.support.commands import run
from tests.support.http_client import HOST, get
from tests.support.prober import Tally, probing
from tests.support.serving import free_port
from tests.support.waiting import wait_until

FIVE = Path(__file__).parent / "five_apps"
START_SECONDS = 60
LATE_SECONDS = 3  # from SIGTERM until the balancer knows of it
BROWSER = "gzip, deflate, br, zstd"
FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}
LATER = "Fri, 01 Jan 2100 00:00:00 GMT"
GRAPHQL = b'{"query":"{ text }"}'
# What a server may decide itself, and what a coding changes (RFC 9110 §8.4, §8.6, §8.8.1, §12.5.5).
CODED = {"content-encoding", "content-length", "transfer-encoding", "vary", "etag"}
OF_THE_SERVER = {"date", "server", "expires"}  # the last is the time of the answer, by Django
# Django masks its token anew in each answer, and dates a cookie. Datasette times its queries.
DRAWN = re.compile(
    rb'(name="csrfmiddlewaretoken" value=")[^"]*|(csrftoken=)[^;]*|(expires=)[^;]*'
    rb'|("query_ms": )[0-9.e-]*|(took )[0-9.]*'
)


@dataclass(frozen=True)
class Ask:
    """A request."""

    path: str
    method: str = "GET"
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)


APPS: dict[str, list[Ask]] = {
    "datasette": [
        Ask("/"),
        Ask("/", "HEAD"),
        Ask("/-/versions.json"),
        Ask("/_memory.json?sql=select+1"),
        Ask("/_memory.csv?sql=select+zeroblob(1)&_stream=on"),
        Ask("/_memory?sql=select+hex(zeroblob(40000))"),
        Ask("/-/static/app.css"),
        Ask("/_memory?sql=insert"),
        Ask("/nowhere"),
    ],
    "django": [
        Ask("/small/"),
        Ask("/admin/"),
        Ask("/admin/login/"),
        Ask("/admin/login/", "HEAD"),
        Ask("/admin/login/", "POST", b"username=a&password=b", FORM),
        Ask("/static/admin/css/base.css"),
        Ask("/static/admin/css/base.css", headers={"if-modified-since": LATER}),
        Ask("/own/"),
        Ask("/stream/"),
        Ask("/fail/"),
        Ask("/nowhere/"),
    ],
    "litestar": [
        Ask("/item/7"),
        Ask("/item/7", "HEAD"),
        Ask("/small"),
        Ask("/echo", "POST", b'{"a": [1, 2]}', JSON),
        Ask("/file"),
        Ask("/stream"),
        Ask("/events"),
        Ask("/redirect"),
        Ask("/fail"),
        Ask("/nowhere"),
    ],
    "quart": [
        Ask("/text/7"),
        Ask("/text/7", "HEAD"),
        Ask("/small"),
        Ask("/echo", "POST", b"a=1&b=2", FORM),
        Ask("/file"),
        Ask("/file", headers={"range": "bytes=10-99"}),
        Ask("/stream"),
        Ask("/events"),
        Ask("/redirect"),
        Ask("/fail"),
        Ask("/nowhere"),
    ],
    "graphql": [
        Ask("/item/7"),
        Ask("/small"),
        Ask("/file"),
        Ask("/file", headers={"range": "bytes=10-99"}),
        Ask("/stream"),
        Ask("/redirect"),
        Ask("/graphql", "POST", GRAPHQL, JSON),
        Ask("/graphql", headers={"accept": "text/html"}),
        Ask("/openapi.json"),
        Ask("/fail"),
        Ask("/nowhere"),
    ],
}
# A path of each that answers 200.
STEADY = {
    "datasette": "/-/versions.json",
    "django": "/small/",
    "litestar": "/small",
    "quart": "/small",
    "graphql": "/small",
}
ROUTES = {"litestar": "/item/{number}", "graphql": "/item/{number}"}


@dataclass
class Running:
    """A server in its container."""

    port: int
    management_port: int
    container: str


@dataclass
class Reply:
    """An answer with all its header lines, and its body as it was sent."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]

    def decoded(self) -> bytes:
        coding = "".join(self.all("content-encoding"))
        if not self.body or not coding:
            return self.body
        return {"gzip": gzip.decompress, "zstd": zstd.decompress}[coding](self.body)


@pytest.fixture(scope="module")
def built() -> str:
    options = [f"--build-arg=BUILD={trusting(image('build'), 'build-trusting')}"]
    options.append(f"--build-arg=RUNTIME={image('runtime')}")
    return build("five-apps", FIVE / "Dockerfile", *options, context=FIVE)


@contextmanager
def serving(name: str, app: str, command: list[str], **variables: object) -> Iterator[Running]:
    """Runs an app in the image, by uvicorn-pod or by another command of it."""
    port, management_port = free_port(), free_port()
    variables = {"HOST": HOST, "PORT": port} | variables
    if not command:
        variables["MANAGEMENT_PORT"] = management_port
    options = ["--detach", "--read-only", "--tmpfs=/tmp", "--network=host", "--cap-drop=ALL"]
    options += [f"--env=UVICORN_{key}={value}" for key, value in variables.items()]
    if command:
        options.append(f"--entrypoint={command[0]}")
    started = run("docker", "run", *options, name, *command[1:], f"shop.{app}_app:app").strip()

    def answers() -> bool:
        return get(port, "/nowhere").status == 404

    try:
        wait_until(answers, START_SECONDS, f"{app} answering")
        yield Running(port, management_port, started)
    finally:
        run("docker", "rm", "--force", started)


def plainly(name: str, app: str) -> AbstractContextManager[Running]:
    """The control: the same packages under plain uvicorn."""
    return serving(name, app, ["/opt/venv/bin/python", "-m", "uvicorn"])


def ask(port: int, request: Ask, coding: str | None) -> Reply:
    connection = http.client.HTTPConnection(HOST, port, timeout=30)
    headers = request.headers | ({"accept-encoding": coding} if coding else {})
    try:
        connection.request(request.method, request.path, request.body, headers)
        answer = connection.getresponse()
        lines = [(name.lower(), value) for name, value in answer.getheaders()]
        return Reply(answer.status, lines, answer.read())
    finally:
        connection.close()


def masked(data: bytes) -> bytes:
    return DRAWN.sub(rb"\1\2\3\4\5drawn", data)


def kept_lines(reply: Reply, port: int) -> list[tuple[str, str]]:
    """The header lines that both servers must send alike."""
    lines = [pair for pair in reply.headers if pair[0] not in CODED | OF_THE_SERVER]
    return sorted(
        (name, masked(value.encode()).decode().replace(str(port), "PORT")) for name, value in lines
    )


def faults(ours: Reply, theirs: Reply, ports: tuple[int, int]) -> list[str]:
    """What is wrong with our answer, next to that of plain uvicorn."""
    pairs: list[tuple[str, object, object]] = [
        ("status", ours.status, theirs.status),
        ("body", comparable(ours, ports[0]), comparable(theirs, ports[1])),
        ("headers", kept_lines(ours, ports[0]), kept_lines(theirs, ports[1])),
        ("etag", etags(ours), etags(theirs)),
    ]
    found = [
        f"{what} {mine!r:.500}, plain {its!r:.500}" for what, mine, its in pairs if mine != its
    ]
    once = ("content-length", "content-encoding", "transfer-encoding", "etag")
    found += [f"{name} twice: {ours.all(name)}" for name in once if len(ours.all(name)) > 1]
    if ours.all("content-length") and ours.all("transfer-encoding"):
        found.append("both content-length and transfer-encoding")
    vary = ",".join(ours.all("vary")).lower()
    if ours.all("content-encoding") and "accept-encoding" not in vary:
        found.append(f"coded without Vary: {ours.headers}")
    return found


def comparable(reply: Reply, port: int) -> bytes:
    return masked(reply.decoded()).replace(str(port).encode(), b"PORT")


def etags(reply: Reply) -> list[str]:
    return [tag.removeprefix("W/") for tag in reply.all("etag")]


def samples(port: int) -> dict[str, list[tuple[dict[str, str], float]]]:
    text = get(port, "/metrics").body.decode()
    found: dict[str, list[tuple[dict[str, str], float]]] = {}
    for family in text_string_to_metric_families(text):
        for one in family.samples:
            found.setdefault(one.name, []).append((one.labels, one.value))
    return found


@pytest.mark.parametrize("app", APPS)
def test_app_answers_byte_for_byte_as_under_plain_uvicorn(built: str, app: str) -> None:
    wrong: list[str] = []
    codings: set[str] = set()
    with serving(built, app, [], GZIP="true") as pod, plainly(built, app) as plain:
        before = sum(value for _, value in samples(pod.management_port)["uvicorn_requests_total"])
        for request in APPS[app]:
            for coding in (None, "gzip", BROWSER):
                ours, theirs = ask(pod.port, request, coding), ask(plain.port, request, coding)
                codings |= set(ours.all("content-encoding"))
                place = f"{request.method} {request.path} ({coding})"
                found_here = faults(ours, theirs, (pod.port, plain.port))
                wrong += [f"{place}: {fault}" for fault in found_here]
        asked = len(APPS[app]) * 3

        def counted() -> float:
            found = samples(pod.management_port)
            return sum(value for _, value in found["uvicorn_requests_total"]) - before

        wait_until(lambda: counted() == asked, 10, f"{app}: {asked} requests being counted")
        found = samples(pod.management_port)
    assert not wrong, f"{app}: " + "\n".join(wrong)
    assert codings >= {"gzip", "zstd"}, f"{app}: only {codings} were sent"
    (in_flight,) = found["uvicorn_requests_in_flight"]
    assert in_flight[1] == 0, f"{app}: {in_flight[1]} requests in flight after the last answer"
    routes = {labels["route"] for labels, _ in found["uvicorn_requests_total"]}
    assert ROUTES.get(app, "unmatched") in routes, f"{app}: routes {routes}"
    if any(request.path == "/events" for request in APPS[app]):
        streams = sum(value for _, value in found["uvicorn_stream_duration_seconds_count"])
        assert streams == 3, f"{app}: {streams} event streams counted, 3 sent"


def has_answered(tally: Tally) -> bool:
    return tally.answered > 20


def tallies_at_sigterm(servers: dict[str, Running]) -> dict[str, Tally]:
    """Ends servers under load. Their clients hear of it LATE_SECONDS later, as behind a Service."""
    with ExitStack() as stack:
        tallies = {
            app: stack.enter_context(probing(server.port, STEADY[app], kept=3, fresh=3))
            for app, server in servers.items()
        }
        for app, tally in tallies.items():
            wait_until(partial(has_answered, tally), 30, f"{app} answering its clients")
        for server in servers.values():
            run("docker", "kill", "--signal=TERM", server.container)
        time.sleep(LATE_SECONDS)
    return tallies


def test_sigterm_under_load_loses_nothing(built: str) -> None:
    with ExitStack() as stack:
        servers = {
            app: stack.enter_context(serving(built, app, [], GZIP="true", DRAIN_SECONDS=4))
            for app in APPS
        }
        tallies = tallies_at_sigterm(servers)
        codes = {app: run("docker", "wait", one.container).strip() for app, one in servers.items()}
    for app, tally in tallies.items():
        assert not tally.lost, f"{app}: {tally}"
        assert tally.told_to_close, f"{app}: no connection was told to close: {tally}"
    assert set(codes.values()) <= {"0", "143"}, f"exit codes {codes}"


def test_the_control_plain_uvicorn_loses_requests_at_sigterm(built: str) -> None:
    with plainly(built, "litestar") as server:
        tally = tallies_at_sigterm({"litestar": server})["litestar"]
    assert tally.lost, f"plain uvicorn lost nothing, so nothing is proven: {tally}"
