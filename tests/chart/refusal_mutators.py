"""Every refusal of the templates as a named mutator: it makes any valid set wrong in that one way.

`test_refusals.py` checks each sentence once on the defaults; these are for sets of every kind, so
each sets all that its fault needs.
"""

from dataclasses import dataclass
from typing import Any

from tests.chart.trees import Tree, merged, tree

DIGEST = "sha256:" + "f" * 64
NO_PATHS: dict[str, Any] = {
    "probes.host": "",
    **{f"probes.{probe}.path": "" for probe in ("startup", "readiness", "liveness")},
}
POD: dict[str, Any] = {"runtime": "uvicorn-pod", **NO_PATHS}
PLAIN: dict[str, Any] = {
    "runtime": "uvicorn",
    "probes.startup.path": "/",
    "probes.readiness.path": "/",
    **{
        f"metrics.{part}.enabled": False
        for part in ("podMonitor", "service", "serviceMonitor", "prometheusRule", "dashboard")
    },
    "networkPolicy.monitoring": [],
}
OWN: dict[str, Any] = {
    "image.repository": "shop/api",
    "image.tag": "1.0",
    "image.digest": "",
}
CRON = {"name": "tidy", "schedule": "@daily", "command": ["x"]}
HPA: dict[str, Any] = {"autoscaling.enabled": True}


@dataclass(frozen=True)
class Refusal:
    """Merges `flat` over a set; the refusal must hold `said`."""

    name: str
    flat: dict[str, Any]
    said: str

    def __call__(self, values: Tree) -> Tree:
        return merged(values, tree(self.flat))


def hpa(cpu: object, percent: int) -> dict[str, Any]:
    target = "autoscaling.targetCPUUtilizationPercentage"
    return HPA | {"resources.requests.cpu": cpu, target: percent}


SCALING = [
    Refusal("an HPA that never fires", hpa("500m", 200), "resources.requests.cpu (500m)"),
    Refusal(
        "an HPA within its tolerance",
        hpa("455m", 200) | {"resources.limits.cpu": ""},
        "the HPA acts only above 1001m",
    ),
    Refusal(
        "an HPA above the CPU limit",
        hpa("250m", 200) | {"resources.limits.cpu": "500m"},
        "uses at most 500m",
    ),
    Refusal(
        "a request above its limit",
        {"resources.requests.memory": "1Gi", "resources.limits.memory": "1023Mi"},
        "resources.requests.memory (1Gi) is above resources.limits.memory (1023Mi)",
    ),
    Refusal(
        "a /tmp as large as the limit",
        {"resources.limits.ephemeral-storage": "256Mi", "tmp.sizeLimit": 268435456}
        | {"resources.requests.ephemeral-storage": "64Mi"},
        "is not below resources.limits.ephemeral-storage (256Mi)",
    ),
    Refusal("an HPA without a request", hpa("", 60), "resources.requests.cpu is empty or 0"),
    Refusal("an HPA of no request", hpa(0, 60), "resources.requests.cpu is empty or 0"),
    Refusal(
        "minimum above maximum",
        HPA | {"autoscaling.minReplicas": 9, "autoscaling.maxReplicas": 8},
        "autoscaling.minReplicas (9) is above autoscaling.maxReplicas (8)",
    ),
    Refusal(
        "an update that cannot start",
        {"rollingUpdate.maxSurge": 0, "rollingUpdate.maxUnavailable": "0%"},
        "rollingUpdate.maxSurge and rollingUpdate.maxUnavailable are both 0",
    ),
    Refusal(
        "a budget that blocks every drain",
        {"podDisruptionBudget.enabled": True, "podDisruptionBudget.maxUnavailable": "0%"},
        "podDisruptionBudget.maxUnavailable (0%) would block",
    ),
]
NETWORK = [
    Refusal(
        "keep-alive at the proxy's",
        {"uvicorn.timeoutKeepAlive": 60, "proxy.keepAliveSeconds": 60},
        "uvicorn.timeoutKeepAlive (60) is not above proxy.keepAliveSeconds (60)",
    ),
    Refusal(
        "every client a proxy",
        {"uvicorn.forwardedAllowIps": "10.0.0.1,*", "uvicorn.trustEveryProxy": False},
        "uvicorn.forwardedAllowIps (10.0.0.1,*)",
    ),
    Refusal(
        "a proxy that nobody is",
        {"uvicorn.forwardedAllowIps": "10.0.0.0/8 192.168.0.0/16"},
        'holds "10.0.0.0/8 192.168.0.0/16", which is no address',
    ),
    Refusal("a host out of reach", {"uvicorn.host": "::1"}, "uvicorn.host (::1) is loopback"),
    Refusal(
        "two servers on a port",
        POD | {"uvicorn.port": 8123, "management.port": 8123},
        "uvicorn.port and management.port are both 8123",
    ),
    Refusal(
        "a node port without its Service",
        {"service.type": "ClusterIP", "service.nodePort": 30080}
        | {"service.externalTrafficPolicy": ""},
        "service.nodePort (30080)",
    ),
    Refusal(
        "a traffic policy without its Service",
        {"service.type": "ClusterIP", "service.nodePort": 0}
        | {"service.externalTrafficPolicy": "Local"},
        "service.externalTrafficPolicy (Local)",
    ),
    Refusal(
        "a headless Service with an address",
        {"service.type": "LoadBalancer", "service.headless": True},
        "service.headless is true, but service.type LoadBalancer",
    ),
    Refusal(
        "two families of one stack",
        {"service.ipFamilies": ["IPv6", "IPv4"], "service.ipFamilyPolicy": ""},
        "service.ipFamilies names two families",
    ),
    Refusal(
        "a policy that is off",
        {"networkPolicy.enabled": False, "networkPolicy.restrictEgress": True},
        "networkPolicy.restrictEgress would be ignored",
    ),
    Refusal(
        "an ingress for no host",
        {"ingress.enabled": True, "ingress.hosts": []},
        "ingress.hosts is empty",
    ),
    Refusal(
        "a route of no gateway",
        {"httpRoute.enabled": True, "httpRoute.parentRefs": []},
        "httpRoute.parentRefs is empty",
    ),
    Refusal(
        "egress rules without effect",
        {"networkPolicy.restrictEgress": False, "networkPolicy.egress": [{}]},
        "networkPolicy.egress would be ignored",
    ),
    Refusal(
        "a monitor of nothing",
        PLAIN | {"metrics.podMonitor.enabled": True},
        "metrics.podMonitor.enabled is true, but runtime uvicorn",
    ),
    Refusal(
        "alerts on nothing",
        PLAIN | {"metrics.prometheusRule.enabled": True},
        "metrics.prometheusRule.enabled is true, but runtime uvicorn",
    ),
    Refusal(
        "an alert that never fires",
        POD | {"metrics.prometheusRule.enabled": True, "metrics.prometheusRule.latencyPercent": 90},
        "metrics.prometheusRule.latencyPercent (90) leaves so large",
    ),
    Refusal(
        "every pod counted twice",
        POD | {"metrics.podMonitor.enabled": True, "metrics.serviceMonitor.enabled": True},
        "metrics.podMonitor.enabled and metrics.serviceMonitor.enabled are both true",
    ),
    Refusal(
        "monitoring peers of nothing",
        PLAIN | {"networkPolicy.monitoring": [{}]},
        "networkPolicy.monitoring would be ignored",
    ),
]
POD_AND_PROBES = [
    Refusal(
        "a path for the runtime's probe",
        POD | {"probes.liveness.path": "/health"},
        "probes.liveness.path (/health) would be ignored",
    ),
    Refusal(
        "a host for the runtime's probes",
        POD | {"probes.host": "shop.example"},
        "probes.host (shop.example) would be ignored",
    ),
    Refusal(
        "no path to probe",
        PLAIN | {"probes.readiness.path": ""},
        "probes.readiness.path is empty, but runtime uvicorn",
    ),
    Refusal(
        "too little time to start",
        {"probes.startup.periodSeconds": 2, "probes.startup.failureThreshold": 5}
        | {"lifespanSeconds": 10},
        "(10 s) is not above lifespanSeconds (10)",
    ),
    Refusal(
        "a hook beside the drain",
        {"lifecycle": {"preStop": {"exec": {"command": ["x"]}}}},
        "lifecycle.preStop would take its time",
    ),
    Refusal(
        "migrations of nothing",
        {"migrations.enabled": True, "migrations.command": []},
        "migrations.command is empty",
    ),
    Refusal(
        "a CronJob of too long a name",
        {"cronJobs": [CRON | {"name": "c" * 45}], "fullnameOverride": "somebody"},
        f"cronJobs[0].name ({'c' * 45}) makes the name somebody-{'c' * 45}, which is longer",
    ),
    Refusal(
        "two CronJobs of one name",
        {"cronJobs": [CRON, CRON], "fullnameOverride": "shop"},
        "cronJobs[1].name (tidy) is the name of another",
    ),
    Refusal(
        "a name that is a number",
        {"fullnameOverride": "123"},
        "The object name 123 begins with a digit",
    ),
    Refusal(
        "a port of the app's in a sidecar",
        {"sidecars": [{"name": "proxy", "image": "x", "ports": [{"name": "http"}]}]},
        "sidecars[0] has a port called http",
    ),
    Refusal(
        "a variable twice in the list",
        {"env": {}, "extraEnv": [{"name": "SHOP_TWICE"}, {"name": "SHOP_TWICE"}]},
        "extraEnv[1] (SHOP_TWICE) is in extraEnv twice",
    ),
    Refusal(
        "a mount over /tmp",
        {"volumeMounts": [{"name": "x", "mountPath": "/tmp/"}]},  # noqa: S108 - the pod's
        "volumeMounts[0].mountPath (/tmp/) is mounted already",
    ),
    Refusal(
        "an annotation of the chart's",
        {"podAnnotations": {"checksum/config": "x"}},
        "podAnnotations holds checksum/config",
    ),
    Refusal(
        "annotations of no account",
        {"serviceAccount.create": False, "serviceAccount.annotations": {"role": "x"}},
        "serviceAccount.annotations would be ignored",
    ),
    Refusal(
        "a tag that is a number",
        {"image.tag": 1.1, "image.digest": ""},
        "image.tag (1.1) is a number",
    ),
    Refusal(
        "an annotation that remembers replicas",
        {"deploymentAnnotations": {"uvicorn-pod/replicas": "x"}},
        "deploymentAnnotations holds uvicorn-pod/replicas",
    ),
    Refusal("a volume of the chart's", {"volumes": [{"name": "tmp"}]}, "volumes[0] is called tmp"),
    Refusal(
        "a sidecar called app",
        {"sidecars": [{"name": "app", "image": "x"}]},
        "sidecars[0] is called app",
    ),
    Refusal(
        "tag and digest",
        {"image.tag": "1.0", "image.digest": DIGEST},
        "image.tag (1.0) and image.digest are both set",
    ),
    Refusal(
        "tag and digest of the test",
        {"tests.image.tag": "1.0", "tests.image.digest": DIGEST},
        "tests.image.tag (1.0) and tests.image.digest are both set",
    ),
    Refusal(
        "an own image of no version",
        {"image.repository": "shop/api", "image.tag": "", "image.digest": ""},
        "image.repository (shop/api) has neither a tag nor a digest",
    ),
    Refusal(
        "a test's image of no version",
        {"tests.image.repository": "shop/api", "tests.image.tag": "", "tests.image.digest": ""},
        "tests.image.repository (shop/api) has neither a tag nor a digest",
    ),
    Refusal(
        "an own image with the reference service",
        POD | OWN | {"app": "reference.main:app"},
        "app (reference.main:app) is the reference service",
    ),
    Refusal(
        "a label of the selector",
        {"podLabels": {"app.kubernetes.io/instance": "x"}},
        "podLabels holds app.kubernetes.io/instance",
    ),
    Refusal(
        "a common label of the chart's",
        {"commonLabels": {"helm.sh/chart": "x"}},
        "commonLabels holds helm.sh/chart",
    ),
    Refusal(
        "a monitor's label of the chart's",
        {"metrics.podMonitor.labels": {"helm.sh/chart": "x"}, "commonLabels": {"a": "b"}},
        "metrics.podMonitor.labels holds helm.sh/chart",
    ),
    Refusal(
        "a variable given twice",
        {"env": {"SHOP": "a"}, "extraEnv": [{"name": "SHOP"}]},
        "extraEnv[0] (SHOP) is in env as well",
    ),
]


def owned_variables(names: list[str]) -> list[Refusal]:
    """Every variable of the chart's, in the user's env."""
    return [
        Refusal(f"{name} in env", {"env": {name: "x"}}, f"env.{name} cannot be set")
        for name in names
    ] + [
        Refusal(
            f"{name} in extraEnv",
            {"extraEnv": [{"name": name, "value": "x"}]},
            f"extraEnv[0] ({name}) cannot be set",
        )
        for name in names
    ]
