"""Digests of build inputs. If the digest has not changed, nothing is built again."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def of(*texts: str, files: Iterable[Path] = (), root: Path | None = None) -> str:
    """Return twelve hex digits over texts, file contents and file names (paths below `root`)."""
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode() + b"\0")
    for file in sorted(files):
        name = file.relative_to(root) if root else file.name
        digest.update(str(name).encode() + b"\0")
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:12]
