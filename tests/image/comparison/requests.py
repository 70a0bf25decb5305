"""The requests to the five apps, each with the status and the route that it must get."""

from collections.abc import Mapping
from dataclasses import dataclass, field

CLIENTS = {"plain": "", "gzip": "gzip", "browser": "gzip, deflate, br, zstd"}
"""The values of Accept-Encoding that each request is sent with; the first is not sent at all."""

SITE = "shop.example"
"""The host that both servers are asked for: apps repeat it in links."""

UNMATCHED = "unmatched"
LATER = {"if-modified-since": "Fri, 01 Jan 2100 00:00:00 GMT"}
EARLIER = {"if-modified-since": "Sat, 01 Jan 2000 00:00:00 GMT"}
CLOSE = {"connection": "close"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}
HTML = {"accept": "text/html"}
PART, LAST_PART = {"range": "bytes=10-99"}, {"range": "bytes=-100"}
NO_PART = {"range": "bytes=9000000-"}
CHANGED = {"if-none-match": '"changed"'}
LARGE_FORM = b"a=" + 100_000 * b"1"
GRAPHQL = b'{"query":"{ text }"}'


@dataclass(frozen=True)
class Ask:
    """A request, such as `GET /path`, and what both servers must make of it.

    `route` is the label of the metrics; only FastAPI and Litestar tell it to the runtime.
    `tagged` names a header that is sent with the ETag of the answer to the GET before.
    """

    status: int
    request: str
    route: str = UNMATCHED
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    tagged: str = ""
    is_event_stream: bool = False

    @property
    def method(self) -> str:
        """The method."""
        return self.request.split()[0]

    @property
    def path(self) -> str:
        """The path and the query."""
        return self.request.split()[1]


APPS: dict[str, list[Ask]] = {
    "datasette": [
        Ask(200, "GET /"),
        Ask(200, "HEAD /"),
        Ask(200, "GET /-/versions.json"),
        Ask(200, "GET /-/versions.json", headers=CHANGED),
        Ask(200, "GET /_memory.json?sql=select+1"),
        Ask(200, "GET /_memory.csv?sql=select+1"),
        Ask(200, "GET /_memory.csv?sql=select+1&_stream=on"),
        Ask(200, "GET /_memory?sql=select+hex(zeroblob(40000))"),
        Ask(200, "GET /_memory.json?sql=select+hex(zeroblob(200000))"),
        Ask(200, "GET /-/static/app.css"),
        Ask(200, "HEAD /-/static/app.css"),
        Ask(200, "GET /-/static/app.css", headers=LATER),
        Ask(200, "GET /-/static/app.css", headers=PART),
        Ask(200, "GET /-/static/favicon.png"),
        Ask(301, "GET /:memory:"),
        Ask(302, "POST /-/messages", body=b"message=a", headers=FORM),
        Ask(400, "GET /_memory?sql=insert"),
        Ask(405, "DELETE /-/versions.json"),
        Ask(404, "GET /nowhere"),
        Ask(500, "GET /_memory.json?sql=select+1&_timelimit=x"),
    ],
    "django": [
        Ask(200, "GET /small/"),
        Ask(302, "GET /admin/"),
        Ask(200, "GET /admin/login/"),
        Ask(200, "HEAD /admin/login/"),
        Ask(403, "POST /admin/login/", body=b"username=a&password=b", headers=FORM),
        Ask(200, "GET /static/admin/css/base.css"),
        Ask(200, "HEAD /static/admin/css/base.css"),
        Ask(304, "GET /static/admin/css/base.css", headers=LATER),
        Ask(200, "GET /static/admin/css/base.css", headers=PART),
        Ask(200, "GET /page/"),
        Ask(304, "GET /page/", tagged="if-none-match"),
        Ask(200, "GET /page/", headers=CHANGED),
        Ask(200, "GET /own/"),
        Ask(200, "GET /large/"),
        Ask(204, "GET /empty/"),
        Ask(200, "GET /stream/"),
        Ask(200, "GET /events/", is_event_stream=True),
        Ask(200, "POST /form/", body=b"a=1&b=2", headers=FORM),
        Ask(200, "POST /form/", body=LARGE_FORM, headers=FORM),
        Ask(301, "GET /small"),
        Ask(500, "GET /fail/"),
        Ask(404, "GET /nowhere/"),
    ],
    "litestar": [
        Ask(200, "GET /item/7", "/item/{number}"),
        Ask(405, "HEAD /item/7"),
        Ask(204, "DELETE /item/7", "/item/{number}"),
        Ask(200, "GET /small", "/small"),
        Ask(200, "GET /large", "/large"),
        Ask(201, "POST /echo", "/echo", b'{"a": [1, 2]}', JSON),
        Ask(400, "POST /echo", "/echo", b"{", JSON),
        Ask(201, "POST /form", "/form", b"a=1&b=2", FORM),
        Ask(201, "POST /form", "/form", LARGE_FORM, FORM),
        Ask(200, "GET /file", "/file"),
        Ask(200, "GET /file", "/file", tagged="if-none-match"),
        Ask(200, "GET /file", "/file", headers=PART),
        Ask(200, "GET /static/quart_app.py", "/static/{file_path}"),
        Ask(200, "HEAD /static/quart_app.py", "/static/{file_path}"),
        Ask(200, "GET /stream", "/stream"),
        Ask(200, "GET /events", "/events", is_event_stream=True),
        Ask(302, "GET /redirect", "/redirect"),
        Ask(500, "GET /fail", "/fail"),
        Ask(404, "GET /nowhere"),
    ],
    "quart": [
        Ask(200, "GET /text/7"),
        Ask(200, "HEAD /text/7"),
        Ask(204, "DELETE /text/7"),
        Ask(200, "GET /small"),
        Ask(200, "GET /large"),
        Ask(200, "POST /echo", body=b"a=1&b=2", headers=FORM),
        Ask(200, "POST /echo", body=LARGE_FORM, headers=FORM),
        Ask(200, "GET /file"),
        Ask(200, "HEAD /file"),
        Ask(304, "GET /file", tagged="if-none-match"),
        Ask(200, "GET /file", headers=CHANGED),
        Ask(304, "GET /file", headers=LATER),
        Ask(206, "GET /file", headers=PART),
        Ask(416, "GET /file", headers=NO_PART),
        Ask(200, "GET /stream"),
        Ask(200, "GET /events", is_event_stream=True),
        Ask(302, "GET /redirect"),
        Ask(500, "GET /fail"),
        Ask(405, "POST /small"),
        Ask(404, "GET /nowhere"),
    ],
    "graphql": [
        Ask(200, "GET /item/7", "/item/{number}"),
        Ask(405, "HEAD /item/7", "/item/{number}"),
        Ask(204, "DELETE /item/7", "/item/{number}"),
        Ask(422, "GET /item/seven", "/item/{number}"),
        Ask(200, "GET /small", "/small"),
        Ask(200, "GET /large", "/large"),
        Ask(200, "POST /form", "/form", b"a=1&b=2", FORM),
        Ask(200, "POST /form", "/form", LARGE_FORM + b"&b=2", FORM),
        Ask(200, "GET /file", "/file"),
        Ask(206, "GET /file", "/file", headers=PART),
        Ask(200, "GET /static/quart_app.py"),
        Ask(200, "HEAD /static/quart_app.py"),
        Ask(304, "GET /static/quart_app.py", tagged="if-none-match"),
        Ask(200, "GET /static/quart_app.py", headers=CHANGED),
        Ask(304, "GET /static/quart_app.py", headers=LATER),
        Ask(200, "GET /static/quart_app.py", headers=EARLIER),
        Ask(206, "GET /static/quart_app.py", headers=LAST_PART),
        Ask(416, "GET /static/quart_app.py", headers=NO_PART),
        Ask(200, "GET /stream", "/stream"),
        Ask(200, "GET /events", "/events", is_event_stream=True),
        Ask(307, "GET /redirect", "/redirect"),
        Ask(200, "POST /graphql", "/graphql", GRAPHQL, JSON),
        Ask(200, "GET /graphql", "/graphql", headers=HTML),
        Ask(200, "GET /openapi.json"),
        # Starlette answers, then raises: uvicorn closes the connection without having said so.
        Ask(500, "GET /fail", "/fail", headers=CLOSE),
        Ask(404, "GET /nowhere"),
    ],
}

# A small and a large page of each app; both answer 200.
SMALL = dict.fromkeys(APPS, "/small") | {"datasette": "/-/versions.json", "django": "/small/"}
PAGE = {
    "datasette": "/_memory?sql=select+hex(zeroblob(40000))",
    "django": "/admin/login/",
    "litestar": "/item/7",
    "quart": "/text/7",
    "graphql": "/item/7",
}
