"""Where things are kept: one state directory per user, shared by every checkout."""

import os
from pathlib import Path

CLUSTER = Path(__file__).resolve().parents[1]
"""This package, with the files that belong to it."""
OFFLINE = CLUSTER / "offline"
TEST_TOOLS = CLUSTER / "tools" / "test_tools"

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
