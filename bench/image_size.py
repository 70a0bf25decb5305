"""How large an image is, unpacked and compressed."""

import subprocess
import zlib

from bench.containers import output

LEVEL = 6


def unpacked_bytes(image: str) -> int:
    """Returns what `docker image inspect` reports."""
    return int(output("docker", "image", "inspect", "--format={{.Size}}", image))


def compressed_bytes(image: str) -> int:
    """Returns the bytes of all layers after deflate; a registry sends about as many.

    Raises RuntimeError if `docker save` fails.
    """
    compressor = zlib.compressobj(LEVEL)
    compressed = 0
    with subprocess.Popen(["docker", "save", image], stdout=subprocess.PIPE) as save:
        while save.stdout is not None and (chunk := save.stdout.read(1 << 20)):
            compressed += len(compressor.compress(chunk))
    if save.returncode:
        raise RuntimeError(f"docker save {image}: exit {save.returncode}")
    return compressed + len(compressor.flush())
