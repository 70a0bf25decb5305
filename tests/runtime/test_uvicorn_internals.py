"""Details of uvicorn that the runtime relies on; a test that fails here names what has changed."""

import asyncio
import inspect
import math
import re
from typing import Any, cast

import pytest
import uvicorn
from uvicorn.lifespan.off import LifespanOff
from uvicorn.lifespan.on import LifespanOn
from uvicorn.protocols.http import httptools_impl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import Server, ServerState
from uvicorn_pod.head_limits import HeadLimits, limited_protocol
from uvicorn_pod.limited_lifespan import LimitedLifespan

from tests.support.recording_transport import RecordingTransport


async def _app(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
    while (await receive()).get("more_body"):
        pass
    body = b" ".join(name for name, _ in scope["headers"])
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _serve(data: bytes, *later: bytes) -> tuple[Any, RecordingTransport]:
    """Gives the bytes to the protocol on one connection, and runs the app between them."""
    config = uvicorn.Config(_app, log_config=None, lifespan="off")
    config.load()
    transport = RecordingTransport()
    protocol: Any = limited_protocol(HeadLimits(10, 65_536, 100))(config, ServerState(), {})
    protocol.connection_made(cast("asyncio.Transport", transport))
    for piece in (data, *later):
        protocol.data_received(piece)
        for _ in range(5):
            await asyncio.sleep(0)
    return protocol, transport


CHUNKED = b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"


def test_the_idle_timeout_is_the_timer_that_the_runtime_replaces() -> None:
    protocol, _ = asyncio.run(_serve(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"))
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
        protocol, _ = await _serve(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        loop = asyncio.get_running_loop()
        called = asyncio.Event()
        assert isinstance(protocol.loop.call_later(0, called.set), asyncio.TimerHandle)
        await asyncio.wait_for(called.wait(), 5)
        assert protocol.loop.get_debug() == loop.get_debug()

    asyncio.run(check())


def test_trailers_are_appended_to_the_protocols_own_list() -> None:
    _, transport = asyncio.run(_serve(CHUNKED + b"1\r\na\r\n", b"0\r\nx-forged: 1\r\n\r\n"))
    assert b"host transfer-encoding" in transport.written
    assert b"x-forged" not in transport.written, (
        "uvicorn adds trailer fields to the headers in the scope in a new way; "
        "change LimitedProtocol.on_headers_complete"
    )


def test_a_cycle_has_the_state_by_which_a_refusal_is_decided() -> None:
    async def check() -> None:
        protocol, _ = await _serve(CHUNKED)
        cycle = protocol.cycle
        flags = ("more_body", "response_started", "response_complete", "disconnected")
        found = {name: getattr(cycle, name, None) for name in flags}
        assert found == dict.fromkeys(flags, False) | {"more_body": True}, (
            "uvicorn's RequestResponseCycle no longer tells in this way that a body is being read; "
            "change LimitedProtocol._refuse"
        )
        assert cycle.scope is protocol.scope, "uvicorn's protocol no longer keeps the cycle's scope"
        assert isinstance(cycle.message_event, asyncio.Event)
        assert not protocol.pipeline

    asyncio.run(check())


def test_a_disconnected_cycle_sends_nothing_and_reports_the_disconnect() -> None:
    async def check() -> tuple[RecordingTransport, Any]:
        protocol, transport = await _serve(CHUNKED)
        cycle: RequestResponseCycle = protocol.cycle
        cycle.disconnected = True
        cycle.message_event.set()
        start: Any = {"type": "http.response.start", "status": 200, "headers": []}
        await cycle.send(start)
        return transport, await cycle.receive()

    transport, message = asyncio.run(check())
    assert transport.written == b"", "uvicorn sends the answer of a refused request"
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
