"""Mistakes in the place of the config files."""

from tests.chart.refusals.refusal import Refusal


def hiding(path: str, hidden: str) -> Refusal:
    return Refusal(
        f"files mounted over {path}",
        {"config": {"files": {"a.toml": "x = 1"}, "mountPath": path}},
        f"config.mountPath ({path}) would hide {hidden}, which the app needs",
        "such as /etc/app",
    )


REFUSALS = [
    hiding("/.", "/app"),
    hiding("/tmp", "/tmp"),  # noqa: S108 - the pod's
    hiding("/app/", "/app"),
    hiding("/etc", "/etc/ssl/certs"),
    hiding("/etc/app/..", "/etc/ssl/certs"),
    hiding("/opt/venv", "/opt/venv/bin"),
    hiding("/opt", "/opt/venv/bin"),
    hiding("//usr", "/usr/bin"),
]
