"""Where things are kept: one state directory per user, shared by every checkout."""

import os
from pathlib import Path

HERE = Path(__file__).resolve().parent
OFFLINE = HERE / "offline"
TESTING = HERE / "testing"

CLUSTER_NAME = "uvicorn"

STATE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "uvicorn-pod"
KUBECONFIG = STATE / "kubeconfig"
LINKS = STATE / "bin"
"""The tools in use, as links: what `make env` puts on PATH."""
LOGS = STATE / "logs"
BUILDS = STATE / "offline"
GO_ROOT = STATE / "go"
LOCK = STATE / "lock"
ENGINE_LOG = STATE / "dockerd.log"
ENGINE_PID = STATE / "dockerd.pid"
