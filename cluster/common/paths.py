"""Where files are: in this package, and in one state directory per user for all checkouts."""

import os
from pathlib import Path

CLUSTER = Path(__file__).resolve().parents[1]
"""This package."""
NODE_FILES = CLUSTER / "offline" / "node"
KUBERNETES_MODULE = CLUSTER / "programs" / "kubernetes"
"""Folder of the go.mod that pins Kubernetes and the tools that talk to it."""
TESTING_MODULE = CLUSTER / "programs" / "testing"
"""Folder of the go.mod that pins the programs that only the tests run."""
KEDA_MODULE = CLUSTER / "programs" / "keda"
"""Folder of the go.mod that pins KEDA."""
PROMETHEUS_OPERATOR_MODULE = CLUSTER / "programs" / "prometheus_operator"
"""Folder of the go.mod that pins the Prometheus Operator."""
TRAEFIK_MODULE = CLUSTER / "programs" / "traefik"
"""Folder of the go.mod that pins Traefik."""
KWOK_MODULE = CLUSTER / "programs" / "kwok"
"""Folder of the go.mod that pins kwok, which simulates nodes."""

CLUSTER_NAME = "uvicorn"

STATE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "uvicorn-pod"
KUBECONFIG = STATE / "kubeconfig"
LINKS = STATE / "bin"
"""Links to the tools in use. `make env` puts this directory on PATH."""
LOGS = STATE / "logs"
BUILDS = STATE / "offline"
"""Compiled programs and build contexts."""
GO_ROOT = STATE / "go"
LOCK = STATE / "lock"
ENGINE_LOG = STATE / "dockerd.log"
ENGINE_PID = STATE / "dockerd.pid"
