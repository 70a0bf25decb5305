"""Mistakes in migrations and CronJobs."""

from tests.chart.refusals.refusal import Refusal

TIDY = {"name": "tidy", "schedule": "@daily", "command": ["x"]}

REFUSALS = [
    Refusal(
        "migrations without a command",
        {"migrations.enabled": True, "migrations.command": []},
        "migrations.command is empty",
        "set migrations.enabled to false",
    ),
    Refusal(
        "a CronJob with too long a name",
        {"cronJobs": [TIDY | {"name": "c" * 45}], "fullnameOverride": "somebody"},
        f"cronJobs[0].name ({'c' * 45}) makes the name somebody-{'c' * 45}, which is longer",
        "shorten it",
    ),
    Refusal(
        "two CronJobs with one name",
        {"cronJobs": [TIDY, TIDY], "fullnameOverride": "shop"},
        "cronJobs[1].name (tidy) is already the name of another",
        "choose another",
    ),
]
