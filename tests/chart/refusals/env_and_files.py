"""Mistakes in the values of the user's variables, and in the place of the files."""

from tests.chart.refusals.refusal import Refusal


def changed(written: str, read: object, shown: str, kind: str) -> Refusal:
    """A value that YAML reads as something other than what the user wrote."""
    named = f"env.CHANGED ({shown}) is a {kind}"
    return Refusal(
        f"{written} in env",
        {"env": {"CHANGED": read}},
        named,
        "differ from what you wrote",
        "quote it, or use --set-string env.CHANGED=…",
    )


def hiding(path: str, hidden: str) -> Refusal:
    return Refusal(
        f"files mounted over {path}",
        {"config": {"files": {"a.toml": "x = 1"}, "mountPath": path}},
        f"config.mountPath ({path}) would hide {hidden}, which the app needs",
        "such as /etc/app",
    )


SOURCES = {
    "fieldRef": {"fieldPath": "spec.nodeName"},
    "secretKeyRef": {"name": "database", "key": "password"},
}

REFUSALS = [
    changed("off", False, "false", "boolean"),
    changed("yes", True, "true", "boolean"),
    changed("1.10", 1.10, "1.1", "number"),
    changed("a number of 16 digits", 1234567890123456, "1.234567890123456e+15", "number"),
    changed("a number of 17 digits", 12345678901234567, "1.2345678901234568e+16", "number"),
    changed("a number in scientific notation", 1e21, "1e+21", "number"),
    Refusal(
        "a variable with two sources",
        {"env": {"TWO_SOURCES": {"valueFrom": SOURCES}}},
        "env.TWO_SOURCES.valueFrom has 2 sources",
        "set the others to null",
    ),
    Refusal(
        "a variable without a source",
        {"env": {"NO_SOURCE": {"valueFrom": {"fieldRef": None}}}},
        "env.NO_SOURCE.valueFrom has 0 sources",
    ),
    Refusal(
        "two variables that refer to each other",
        {"env": {"HEN": "$(EGG)"}, "extraEnv": [{"name": "EGG", "value": "an egg of $(HEN)"}]},
        "env and extraEnv have variables that refer to each other (HEN, EGG)",
        "remove one of the references",
    ),
    hiding("/.", "/app"),
    hiding("/tmp", "/tmp"),  # noqa: S108 - the pod's
    hiding("/app/", "/app"),
    hiding("/etc", "/etc/ssl/certs"),
    hiding("/etc/app/..", "/etc/ssl/certs"),
    hiding("/opt/venv", "/opt/venv/bin"),
    hiding("/opt", "/opt/venv/bin"),
    hiding("//usr", "/usr/bin"),
]
