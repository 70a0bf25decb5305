"""Details of uvicorn that the runtime relies on; a test that fails here names what has changed."""

import asyncio
import inspect
import math
import re
from typing import Any

import pytest
import uvicorn
from uvicorn.lifespan.off import LifespanOff
from uvicorn.lifespan.on import LifespanOn
from uvicorn.protocols.http import httptools_impl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import Server
from uvicorn_pod.asgi import Message
from uvicorn_pod.http_request import HTTPRequest
from uvicorn_pod.limited_lifespan import LimitedLifespan

from tests.support.exchange import Exchange, request


async def _app(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
    while (await receive()).get("more_body"):
        pass
    body = b" ".join(name for name, _ in scope["headers"])
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _serve(*pieces: bytes) -> Exchange:
    """Gives the bytes to the protocol on one connection, and runs the app between them."""
    connection = Exchange(_app)
    await connection.send(*pieces)
    return connection


GET = request()
CHUNKED = b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"


def test_the_idle_timeout_is_the_timer_that_the_runtime_replaces() -> None:
    protocol = asyncio.run(_serve(GET)).protocol
    timer = protocol.loop
    assert protocol.timeout_keep_alive_task is timer, (
        "uvicorn no longer sets its idle timeout by loop.call_later(timeout_keep_alive_handler) "
        "into timeout_keep_alive_task; change _IdleTimer"
    )
    assert timer.due < math.inf
    protocol.data_received(b"G")
    assert timer.due == math.inf, "uvicorn no longer cancels its idle timeout when bytes arrive"


def test_every_other_use_of_the_loop_reaches_the_loop() -> None:
    async def check() -> None:
        protocol = (await _serve(GET)).protocol
        loop = asyncio.get_running_loop()
        called = asyncio.Event()
        assert isinstance(protocol.loop.call_later(0, called.set), asyncio.TimerHandle)
        await asyncio.wait_for(called.wait(), 5)
        assert protocol.loop.get_debug() == loop.get_debug()

    asyncio.run(check())


@pytest.mark.parametrize("upgrade", [b"", b"connection: upgrade\r\nupgrade: h2c\r\n"])
def test_trailers_are_appended_to_the_protocols_own_list(upgrade: bytes) -> None:
    head = CHUNKED[:-2] + upgrade + b"\r\n"
    connection = asyncio.run(_serve(head + b"1\r\na\r\n", b"0\r\nx-forged: 1\r\n\r\n"))
    written = connection.transport.written
    assert b"host transfer-encoding" in written
    assert b"x-forged" not in written, (
        "uvicorn adds trailer fields to the headers in the scope in a new way; "
        "change PodProtocol.on_headers_complete"
    )


def test_the_protocol_uses_only_members_of_a_request_that_the_runtime_has() -> None:
    used = set(re.findall(r"cycle\.(\w+)", inspect.getsource(HttpToolsProtocol)))
    known = {
        *("body", "disconnected", "keep_alive", "message_event", "more_body", "response_complete"),
        "run_asgi",
    }
    assert used == known, (
        f"uvicorn's protocol uses {used ^ known} of a request in a new way; change HTTPRequest"
    )
    missing = {name for name in used if not hasattr(_request_in_flight(), name)}
    assert not missing, f"HTTPRequest lacks {missing}, which uvicorn's protocol uses"


def _request_in_flight() -> HTTPRequest:
    request: HTTPRequest = asyncio.run(_serve(CHUNKED)).protocol.cycle
    return request


REPLACED = {
    "on_headers_complete": """
        scope parser _should_upgrade url root_path limit_concurrency connections tasks logger app
        cycle transport flow access_logger access_log server_state expect_100_continue
        on_response_complete _start_asgi_task pipeline""",
    "on_body": "parser _should_upgrade cycle flow",
    "on_message_complete": "parser _should_upgrade cycle",
    "_start_asgi_task": "config loop tasks",
}
KEPT = {
    "on_message_begin": [r"self.scope = {", r'"headers": self.headers', r'"http_version": "1.1"'],
    "connection_lost": [
        "self.cycle.disconnected = True",
        "self.cycle.message_event.set()",
        "self.flow.resume_writing()",
    ],
    "on_response_complete": [
        "self.server_state.total_requests += 1",
        "self.flow.resume_reading()",
        "cycle, app = self.pipeline.pop() self._start_asgi_task(cycle, app)",
    ],
    "shutdown": [
        "self.cycle is None or self.cycle.response_complete: self.transport.close()",
        "self.cycle.keep_alive = False",
    ],
}


@pytest.mark.parametrize(("method", "names"), REPLACED.items())
def test_a_method_that_the_runtime_replaces_does_no_more_than_before(
    method: str, names: str
) -> None:
    source = inspect.getsource(getattr(HttpToolsProtocol, method))
    used = set(re.findall(r"self\.(\w+)", source))
    assert used == set(names.split()), (
        f"uvicorn's {method} now uses {used ^ set(names.split())} in another way; compare it with "
        "PodProtocol"
    )


@pytest.mark.parametrize("method", KEPT)
def test_a_method_that_the_runtime_keeps_does_what_it_relies_on(method: str) -> None:
    source = " ".join(inspect.getsource(getattr(HttpToolsProtocol, method)).split())
    missing = [effect for effect in KEPT[method] if effect not in source]
    assert not missing, (
        f"uvicorn's {method} no longer has {missing}; check PodProtocol and HTTPRequest"
    )


def test_a_request_has_the_state_by_which_a_refusal_is_decided() -> None:
    async def check() -> None:
        protocol = (await _serve(CHUNKED)).protocol
        cycle = protocol.cycle
        flags = ("more_body", "response_started", "response_complete", "disconnected")
        found = {name: getattr(cycle, name) for name in flags}
        assert found == dict.fromkeys(flags, False) | {"more_body": True}
        assert cycle.scope is protocol.scope, "uvicorn's protocol no longer keeps the scope"
        assert not protocol.pipeline

    asyncio.run(check())


def test_a_disconnected_request_sends_nothing_and_reports_the_disconnect() -> None:
    async def check() -> tuple[bytes, Message]:
        connection = await _serve(CHUNKED)
        cycle: HTTPRequest = connection.protocol.cycle
        cycle.disconnected = True
        cycle.message_event.set()
        await cycle.send({"type": "http.response.start", "status": 200, "headers": []})
        return bytes(connection.transport.written), await cycle.receive()

    written, message = asyncio.run(check())
    assert written == b"", "the answer of a refused request is sent"
    assert message["type"] == "http.disconnect"


def test_a_parser_error_calls_send_400_response() -> None:
    source = inspect.getsource(HttpToolsProtocol.data_received)
    assert "self.send_400_response(" in source, (
        "uvicorn no longer calls send_400_response on a parser error, so the limits answer nothing"
    )


@pytest.mark.parametrize("lifespan", [LifespanOn, LifespanOff])
def test_the_server_uses_only_members_of_a_lifespan_that_the_runtime_has(
    lifespan: type[LifespanOn | LifespanOff],
) -> None:
    used = set(re.findall(r"self\.lifespan\.(\w+)", inspect.getsource(Server)))
    assert used, "uvicorn's server no longer uses self.lifespan, so its limits have no effect"
    missing = {name for name in used if not hasattr(LimitedLifespan, name)}
    assert not missing, f"uvicorn's server uses lifespan.{missing}; add them to LimitedLifespan"
    theirs = lifespan(uvicorn.Config(_app, log_config=None))
    assert isinstance(theirs.state, dict)
    assert isinstance(theirs.should_exit, bool)


def test_the_server_restores_the_signal_handler_and_raises_the_signal_again() -> None:
    source = inspect.getsource(Server.capture_signals)
    assert "signal.raise_signal(" in source, (
        "uvicorn no longer raises the signal again after its shutdown; change SigtermHandler"
    )
    assert re.search(r"signal\.signal\(sig, self\.handle_exit\)", source), (
        "uvicorn no longer calls Server.handle_exit for a signal; change PodServer.handle_exit"
    )


def test_the_protocol_starts_its_tasks_on_its_loop() -> None:
    used = set(re.findall(r"self\.loop\.(\w+)", inspect.getsource(httptools_impl)))
    assert used == {"create_task", "call_later"}, (
        f"uvicorn's protocol uses {used} of its loop; check that _IdleTimer keeps its meaning"
    )
