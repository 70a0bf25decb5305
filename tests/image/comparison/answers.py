"""Sends each request to both servers, and keeps both answers."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from tests.image.comparison.requests import APPS, CLIENTS, SITE, Ask
from tests.image.comparison.servers import Server
from tests.support.strict_client import Reply, StrictClient


@dataclass(frozen=True)
class Compared:
    """The answers to a request. `before` is our last whole answer to this client for the path."""

    app: str
    ask: Ask
    client: str
    ours: Reply
    theirs: Reply
    before: Reply | None

    def __str__(self) -> str:
        return describe(self.app, self.ask, self.client)

    @property
    def is_coded_by_us(self) -> bool:
        """Whether the server has compressed what the app sent plain."""
        return self.ours.all("content-encoding") != self.theirs.all("content-encoding")

    def whole(self) -> Reply:
        """The answer to the GET before, of which this one has the headers or a part."""
        assert self.before is not None, f"{self} needs a GET of the path before it"
        return self.before


def describe(app: str, ask: Ask, client: str) -> str:
    """The request, in a message."""
    details = " ".join([ask.request, *ask.headers, ask.tagged]).strip()
    return f"{app}: {details} (client {client})"


def all_answers(app: str, pod: Server, plain: Server) -> Iterator[Compared]:
    """Sends each request by each client, which keeps its connection to each server."""
    with ExitStack() as stack:
        connections = {
            (server, client): stack.enter_context(StrictClient(server.port))
            for server in (pod, plain)
            for client in CLIENTS
        }
        whole: dict[tuple[str, str], Reply] = {}
        for ask in APPS[app]:
            for client in CLIENTS:
                before = whole.get((ask.path, client))
                headers = _headers(ask, client, before)
                try:
                    ours, theirs = (
                        connections[server, client].ask(ask.path, ask.method, ask.body, headers)
                        for server in (pod, plain)
                    )
                except Exception as error:
                    error.add_note(describe(app, ask, client))
                    raise
                yield Compared(app, ask, client, ours, theirs, before)
                if ask.method == "GET" and ours.status == 200:
                    whole[ask.path, client] = ours


def _headers(ask: Ask, client: str, before: Reply | None) -> dict[str, str]:
    """The headers to send. Both servers get the ETag that ours has given."""
    coding = {"accept-encoding": CLIENTS[client]} if CLIENTS[client] else {}
    tag = {ask.tagged: before.all("etag")[0]} if ask.tagged and before else {}
    return {"host": SITE, **ask.headers, **coding, **tag}
