"""The limit of a request's body, --max-body-bytes: answers 413 in the app's place."""

from uvicorn_pod.asgi import App, Message, Receive, Scope
from uvicorn_pod.http_request import HTTPRequest


async def call_with_limit(
    app: App, max_body_bytes: int, scope: Scope, receive: Receive, request: HTTPRequest
) -> None:
    """Calls the app; answers 413 once the body is known to be larger than `max_body_bytes`."""
    left = max_body_bytes
    if any(name == b"content-length" and int(value) > left for name, value in scope["headers"]):
        await request.refuse(413, receive)
        return

    async def receive_limited() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            await request.refuse(413, receive)
            return {"type": "http.disconnect"}
        return message

    try:
        await app(scope, receive_limited, request.send)
    except Exception:
        if not request.is_refused:
            raise
