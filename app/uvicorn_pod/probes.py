"""Decides the answers to `/startupz`, `/readyz` and `/livez`; management_server.py sends them."""

from dataclasses import dataclass

from uvicorn_pod.app_readiness import AppReadiness
from uvicorn_pod.loop_heartbeat import Heartbeat


@dataclass
class Probes:
    """The server writes the flags; the threads of the management port call the methods.

    Each method returns None if the probe succeeds, otherwise the reason why it fails, as one line.
    """

    heartbeat: Heartbeat
    readiness: AppReadiness
    liveness_seconds: float
    is_started: bool = False
    is_stopped: bool = False
    is_retiring: bool = False

    def why_not_started(self) -> str | None:
        """`/startupz`: succeeds once the app's lifespan startup is done and the port is open."""
        return None if self.is_started else "starting"

    def why_not_ready(self) -> str | None:
        """`/readyz`: succeeds while the server accepts connections and the app says it is ready.

        A draining server stays ready. Kubernetes itself removes a terminating pod from the
        endpoints, and kube-proxy's fallback to terminating pods requires them to be ready.
        """
        if self.is_stopped:
            return "stopping"
        if self.is_retiring:
            return "retiring"
        return self.why_not_started() or self.readiness.why_not()

    def why_not_alive(self) -> str | None:
        """`/livez`: succeeds if the event loop ran less than `liveness_seconds` ago.

        It also succeeds before the loop has started, while the app is imported.
        """
        age, limit = self.heartbeat.age_seconds(), self.liveness_seconds
        if age < limit:
            return None
        return f"the event loop last ran {age:.1f} s ago, the limit is {limit:g} s"
