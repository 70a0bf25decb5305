"""The reference image stays small: what is pulled at every scale-up."""

import subprocess
import zlib

from cluster.release.names import image

MOST_BYTES = 35_000_000


def test_reference_image_is_at_most_35_mb_compressed() -> None:
    compressor = zlib.compressobj(6)
    compressed = 0
    with subprocess.Popen(["docker", "save", image("reference")], stdout=subprocess.PIPE) as save:
        assert save.stdout is not None, "docker save has no output"
        while chunk := save.stdout.read(1 << 20):
            compressed += len(compressor.compress(chunk))
    compressed += len(compressor.flush())
    assert save.returncode == 0, f"docker save {image('reference')}: exit {save.returncode}"
    assert 0 < compressed <= MOST_BYTES, f"{compressed:,} bytes, wanted at most {MOST_BYTES:,}"
