"""Five apps that nobody here wrote answer under `uvicorn-pod --gzip` as under plain uvicorn.

Both servers run in the real image, from the same packages, and a strict client asks both. The
answers are the same after decoding, byte for byte, and so are all headers that compression does not
change.
"""

import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from prometheus_client.samples import Sample

from tests.image.comparison.answers import Compared, all_answers
from tests.image.comparison.damages import DAMAGES
from tests.image.comparison.requests import APPS, CLIENTS, PAGE, SITE
from tests.image.comparison.rules import MASKS, decoded, faults, masked
from tests.image.comparison.servers import Server, serving, serving_plainly, values
from tests.support.http_client import HOST
from tests.support.waiting import wait_until

# A busy machine must not end a connection, neither an idle one nor an old one.
KEEP_ALIVE = {"TIMEOUT_KEEP_ALIVE": 60}
KEPT = KEEP_ALIVE | {"MAX_CONNECTION_SECONDS": 0}
WITHOUT = {"datasette": {"_etag"}}  # damages to what an app does not send


@dataclass(frozen=True)
class Run:
    """Both servers, all their answers, and the metrics after the last one."""

    app: str
    pod: Server
    plain: Server
    answers: list[Compared]
    samples: list[Sample]


@pytest.fixture(scope="module", params=APPS)
def run(request: pytest.FixtureRequest, five_apps_image: str) -> Iterator[Run]:
    """Asks everything once, before the first test of an app."""
    app: str = request.param
    with (
        serving(five_apps_image, app, **KEPT) as pod,
        serving_plainly(five_apps_image, app, **KEEP_ALIVE) as plain,
    ):
        answers = list(all_answers(app, pod, plain))

        def final_samples() -> list[Sample]:
            samples = pod.samples()
            counted = sum(one.value for one in samples if one.name == "uvicorn_requests_total")
            assert counted >= len(answers), f"{counted:g} of {len(answers)}"
            return samples

        yield Run(app, pod, plain, answers, wait_until(final_samples, 10, f"{app} counts"))


def test_answers_are_those_of_plain_uvicorn(run: Run) -> None:
    found = [fault for one in run.answers for fault in faults(one).values()]
    assert not found, "\n".join(found)
    codings = Counter(coding for one in run.answers for coding in one.ours.all("content-encoding"))
    assert {"gzip", "zstd"} <= set(codings), f"{run.app} sent only {codings}"


def test_each_mask_is_needed(run: Run) -> None:
    seen = "".join(
        masked(run.app, text)
        for one in run.answers
        for text in (decoded(one.ours).decode("latin-1"), *map(": ".join, one.ours.headers))
    )
    unused = [name for name in MASKS.get(run.app, {}) if f"<{name}>" not in seen]
    assert not unused, f"{run.app}: nothing is masked as {unused}"


def test_the_control_damaged_answers_are_reported(run: Run) -> None:
    damaged: Counter[str] = Counter()
    for one in run.answers:
        for part, damage in DAMAGES:
            reply = damage(one)
            if reply is not None:
                found = faults(replace(one, ours=reply))
                assert part in found, f"{one}: {damage.__name__} gave only {found}"
                damaged[damage.__name__] += 1
    wanted = {damage.__name__ for _, damage in DAMAGES} - WITHOUT.get(run.app, set())
    assert set(damaged) == wanted, f"{run.app}: {damaged}, wanted {wanted}"


def test_metrics_count_each_request_by_method_route_and_status(run: Run) -> None:
    asked = Counter((ask.method, ask.route, f"{ask.status // 100}xx") for ask in APPS[run.app])
    wanted = {labels: number * len(CLIENTS) for labels, number in asked.items()}
    counted = values(run.samples, "uvicorn_requests_total", "method", "route", "status")
    assert counted == wanted, f"{run.app}: {counted}"


@pytest.mark.parametrize("is_stream", [True, False], ids=["streams", "requests"])
def test_metrics_time_event_streams_as_streams(run: Run, is_stream: bool) -> None:
    asks = [ask for ask in APPS[run.app] if ask.is_event_stream is is_stream]
    wanted = {
        labels: number * len(CLIENTS)
        for labels, number in Counter((ask.method, ask.route) for ask in asks).items()
    }
    kind = "stream" if is_stream else "request"
    counted = values(run.samples, f"uvicorn_{kind}_duration_seconds_count", "method", "route")
    assert counted == wanted, f"{run.app}, {kind}s: {counted}"


def test_metrics_count_the_bytes_before_and_after_compression(run: Run) -> None:
    sent = sum(len(one.ours.body) for one in run.answers)
    before = sum(
        len(decoded(one.ours) if one.is_coded_by_us else one.ours.body) for one in run.answers
    )
    counted = {
        name: values(run.samples, f"uvicorn_{name}_bytes_total")[()]
        for name in ("response", "response_plain")
    }
    assert counted == {"response": sent, "response_plain": before}, f"{run.app}: {counted}"


def test_metrics_have_no_request_in_flight_after_the_last_answer(run: Run) -> None:
    for name in ("uvicorn_requests_in_flight", "uvicorn_requests_cancelled_total"):
        assert values(run.samples, name) == {(): 0}, f"{run.app}: {name}"
    refused = values(run.samples, "uvicorn_requests_refused_total", "status")
    assert set(refused.values()) == {0}, f"{run.app} refused {refused}"


def _curl(port: int, path: str, *options: str) -> tuple[bytes, int]:
    """The body that curl has decoded, and the size of the one that it was sent."""
    command = ["curl", "--silent", "--show-error", "--fail", "--max-time", "30", *options]
    command += ["--write-out", "%{stderr}%{size_download}", f"http://{HOST}:{port}{path}"]
    done = subprocess.run(command, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, f"{command}: exit {done.returncode}, {done.stderr!r}"
    return done.stdout, int(done.stderr)


@pytest.mark.parametrize("accepts", ["what curl can decode", "gzip"])
def test_curl_decodes_the_page_that_plain_uvicorn_sends(run: Run, accepts: str) -> None:
    header = ["--header", "accept-encoding: gzip"] if accepts == "gzip" else []
    options = ["--header", f"host: {SITE}", "--compressed", *header]
    ours, ours_sent = _curl(run.pod.port, PAGE[run.app], *options)
    theirs, theirs_sent = _curl(run.plain.port, PAGE[run.app], *options)
    ours_masked, theirs_masked = (masked(run.app, body.decode()) for body in (ours, theirs))
    assert ours_masked == theirs_masked, f"{run.app}: {ours!r:.500}, plain {theirs!r:.500}"
    assert theirs_sent == len(theirs), f"{run.app}: plain uvicorn compressed {PAGE[run.app]}"
    assert ours_sent < len(ours) / 2, f"{run.app}: {ours_sent} bytes of {len(ours)}"
