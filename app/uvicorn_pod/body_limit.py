"""The limit of a request's body, --max-body-bytes: answers 413 in the app's place."""

from typing import TYPE_CHECKING

from uvicorn_pod.asgi import App, Message

if TYPE_CHECKING:
    from uvicorn_pod.http_request import HTTPRequest


async def call_with_limit(app: App, max_body_bytes: int, request: "HTTPRequest") -> object:
    """Calls the app and returns what it returns, which should be None.

    Answers 413 once the body is known to be larger than `max_body_bytes`.
    """
    left = max_body_bytes
    fields = request.scope["headers"]
    if any(name == b"content-length" and int(value) > left for name, value in fields):
        request.refuse(413)
        return None

    async def receive_limited() -> Message:
        nonlocal left
        message = await request.receive()
        left -= len(message.get("body", b""))
        if left < 0:
            request.refuse(413)
            return {"type": "http.disconnect"}
        return message

    try:
        return await app(request.scope, receive_limited, request.send)  # type: ignore[func-returns-value]
    except Exception:
        if request.refused_status is None:
            raise
        return None
