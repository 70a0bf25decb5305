"""`helm test`: sends requests to the Service as a user would.

It uses only the standard library, because the image is the user's.
"""

import http.client
import os
import sys
import time
import zlib

READY_SECONDS = 60
MAX_BODY_BYTES = 8 * 1024 * 1024

path = os.environ["SERVICE_PATH"]
runtime = os.environ["RUNTIME"]
gzip_expected = runtime == "uvicorn-pod" and os.environ["GZIP_ENABLED"] == "true"
minimum_size = int(os.environ["GZIP_MINIMUM_SIZE"])


def get(accept_encoding: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    connection = http.client.HTTPConnection(
        os.environ["SERVICE_HOST"], int(os.environ["SERVICE_PORT"]), timeout=10
    )
    try:
        connection.request("GET", path, headers={"Accept-Encoding": accept_encoding})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read(MAX_BODY_BYTES)
    finally:
        connection.close()


def get_when_ready() -> tuple[int, http.client.HTTPMessage, bytes]:
    """The first response. After an install, the Service may have no endpoint for a while."""
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            return get("identity")
        except (OSError, http.client.HTTPException) as error:
            if time.monotonic() > deadline:
                sys.exit(f"GET {path}: no response for {READY_SECONDS} s, last {error!r}")
        time.sleep(1)


def check_gzip(plain: bytes) -> None:
    if len(plain) < minimum_size:
        print(f"gzip not checked: {len(plain)} bytes are below gzip.minimumSize {minimum_size}")
        return
    _, headers, body = get("gzip")
    if headers["Content-Encoding"] != "gzip":
        sys.exit(
            f"GET {path}: {len(plain)} bytes are not compressed although gzip.enabled is true: "
            "set tests.path to one whose response may be compressed, or set gzip.enabled to false"
        )
    unpacked = zlib.decompressobj(wbits=zlib.MAX_WBITS + 16).decompress(body)
    print(f"gzip: {len(plain)} -> {len(body)} bytes, {len(unpacked)} unpacked")


status, headers, plain = get_when_ready()
print(f"GET {path}: status {status}, {len(plain)} bytes")
if status >= 500:
    sys.exit(f"GET {path}: status {status}, wanted a status below 500")
if headers["Content-Encoding"] not in (None, "identity"):
    used = headers["Content-Encoding"]
    sys.exit(f"GET {path}: encoded as {used} although the client does not accept it")
if runtime != "image" and headers["Server"] == "uvicorn":
    sys.exit(f"GET {path}: sends the server header that UVICORN_SERVER_HEADER=false forbids")
if gzip_expected:
    check_gzip(plain)
