"""What the three probes of a pod are told."""

from dataclasses import dataclass

from uvicorn_pod.app_readiness import Readiness
from uvicorn_pod.loop_heartbeat import Heartbeat


@dataclass
class Health:
    """Written by the server, read by the management thread.

    A method returns None if all is well, else the reason, in words.
    """

    heartbeat: Heartbeat
    readiness: Readiness
    liveness_seconds: float
    is_started: bool = False
    is_stopped: bool = False

    def why_not_started(self) -> str | None:
        """The app is imported, its lifespan startup is done and the port is open."""
        return None if self.is_started else "starting"

    def why_not_ready(self) -> str | None:
        """Started, still accepting connections, and in the app's own eyes ready.

        A draining server is ready: Kubernetes takes a terminating pod out of the endpoints by
        itself, and kube-proxy's fallback to terminating pods wants them ready.
        """
        if self.is_stopped:
            return "stopping"
        return self.why_not_started() or self.readiness.why_not()

    def why_not_alive(self) -> str | None:
        """The event loop ran less than `liveness_seconds` ago, or has not begun to run."""
        age, limit = self.heartbeat.age_seconds(), self.liveness_seconds
        if age < limit:
            return None
        return f"the event loop last ran {age:.1f} s ago, the limit is {limit:g} s"
