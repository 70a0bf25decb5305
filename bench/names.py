"""The benches of `make bench` in their order. Each is a module with a function `measure`."""

NAMES = (
    "stack",
    "servers",
    "rollout",
    "workers",
    "overload",
    "compression",
    "json_encoding",
    "cost",
    "start",
    "memory",
    "cpu_limits",
    "scale_out",
)
