"""What cannot work is refused at render, with a sentence that names the value and the way out."""

from typing import Any

import pytest

from tests.chart.manifests import RefusedError, env_of, render
from tests.chart.trees import merged

DIGEST = "sha256:" + "c" * 64
OTHER = {"startup": {"path": "/"}, "readiness": {"path": "/"}}


def cpu(request: object, target: int) -> dict[str, Any]:
    return {
        "resources": {"requests": {"cpu": request}},
        "autoscaling": {"targetCPUUtilizationPercentage": target},
    }


# What is wrong: the values, and the pieces that the sentence must hold.
REFUSALS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "an HPA that could never fire": (
        cpu("1", 100),
        ["resources.requests.cpu (1)", "(100 %) is 1000m", "lower the request or the target"],
    ),
    "an HPA that could fire but for its tolerance": (
        cpu("910m", 100),
        ["(100 %) is 910m, and the HPA acts only above 1001m", "at most 1000m"],
    ),
    "an HPA with a tolerance of the user's": (
        merged(cpu("400m", 200), {"autoscaling": {"behavior": {"scaleUp": {"tolerance": "250m"}}}}),
        ["(200 %) is 800m, and the HPA acts only above 1000m"],
    ),
    "an HPA that the CPU limit holds down": (
        merged(cpu("250m", 182), {"resources": {"limits": {"cpu": "500m"}}}),
        ["resources.requests.cpu (250m)", "at most 500m (a core, or resources.limits.cpu)"],
    ),
    "an HPA that could never fire, in thousandths": (cpu("1250m", 80), ["is 1000m"]),
    "an HPA that could never fire, as a number": (cpu(2.5, 60), ["is 1500m"]),
    "an HPA without a request": (
        {"resources": {"requests": {"cpu": ""}}},
        ["resources.requests.cpu is empty or 0", "or set autoscaling.enabled to false"],
    ),
    "an HPA whose request is nought": (cpu(0, 60), ["resources.requests.cpu is empty or 0"]),
    "an HPA whose request is nought in thousandths": (cpu("0m", 60), ["is empty or 0"]),
    "minimum above maximum": (
        {"autoscaling": {"minReplicas": 11}},
        ["autoscaling.minReplicas (11) is above autoscaling.maxReplicas (10)", "lower the minimum"],
    ),
    "an update that cannot start": (
        {"rollingUpdate": {"maxSurge": "0%"}},
        ["rollingUpdate.maxSurge and rollingUpdate.maxUnavailable are both 0", "raise one"],
    ),
    "a budget that blocks every drain": (
        {"podDisruptionBudget": {"maxUnavailable": 0}},
        ["podDisruptionBudget.maxUnavailable (0) would block every node drain", "set it to 1"],
    ),
    "a budget of nought percent": (
        {"podDisruptionBudget": {"maxUnavailable": "0%"}},
        ["podDisruptionBudget.maxUnavailable (0%)"],
    ),
    "keep-alive below the proxy's": (
        {"proxy": {"keepAliveSeconds": 75}},
        ["uvicorn.timeoutKeepAlive (75) is not above proxy.keepAliveSeconds (75)", "raise"],
    ),
    "every client a proxy": (
        {"uvicorn": {"forwardedAllowIps": "*"}},
        ["uvicorn.forwardedAllowIps (*)", "set uvicorn.trustEveryProxy to true"],
    ),
    "every client a proxy, in a list": (
        {"uvicorn": {"forwardedAllowIps": "10.0.0.1, *"}},
        ["uvicorn.forwardedAllowIps (10.0.0.1, *)"],
    ),
    "every client a proxy, as a network": (
        {"uvicorn": {"forwardedAllowIps": "0.0.0.0/0,::/0"}},
        ["uvicorn.forwardedAllowIps (0.0.0.0/0,::/0)"],
    ),
    "a host that nothing reaches": (
        {"uvicorn": {"host": "127.0.0.1"}},
        ["uvicorn.host (127.0.0.1) is loopback", "use 0.0.0.0"],
    ),
    "two servers on a port": (
        {"management": {"port": 8000}},
        ["uvicorn.port and management.port are both 8000", "change one"],
    ),
    "a node port without a node port Service": (
        {"service": {"nodePort": 30080}},
        ["service.nodePort (30080) has no meaning", "set service.type to NodePort"],
    ),
    "tag and digest": (
        {"image": {"tag": "1.0", "digest": DIGEST}},
        ["image.tag (1.0) and image.digest are both set", "keep one"],
    ),
    "tag and digest of the test's image": (
        {"tests": {"image": {"tag": "1.0", "digest": DIGEST}}},
        ["tests.image.tag (1.0) and tests.image.digest are both set"],
    ),
    "an own image of no version": (
        {"image": {"repository": "shop/api"}, "app": "shop.main:app"},
        ["image.repository (shop/api) has neither a tag nor a digest", "set image.tag or"],
    ),
    "an own image with the reference service": (
        {"image": {"repository": "shop/api", "tag": "1.0"}},
        ["image.repository (shop/api) does not hold", "set app to your own", "runtime to image"],
    ),
    "a label of the selector": (
        {"podLabels": {"app.kubernetes.io/name": "mine"}},
        ["podLabels holds app.kubernetes.io/name", "remove it"],
    ),
    "a path for the runtime's own probe": (
        {"probes": {"liveness": {"path": "/health"}}},
        ["probes.liveness.path (/health) would be ignored", "or choose runtime uvicorn or image"],
    ),
    "a host for the runtime's own probes": (
        {"probes": {"host": "shop.example"}},
        ["probes.host (shop.example) would be ignored", 'set it to ""'],
    ),
    "plain uvicorn without a path for its startup probe": (
        {"runtime": "uvicorn", "probes": {"readiness": {"path": "/"}}},
        ["probes.startup.path is empty, but runtime uvicorn", "name a path"],
    ),
    "the image's command without a path for its readiness probe": (
        {"runtime": "image", "probes": {"startup": {"path": "/"}}},
        ["probes.readiness.path is empty, but runtime image"],
    ),
    "a startup probe that gives up before the app may": (
        {"probes": {"startup": {"failureThreshold": 10}}},
        ["probes.startup.periodSeconds", "failureThreshold (10 s)", "lifespanSeconds (10)"],
    ),
    "more than one worker": (
        {"env": {"WEB_CONCURRENCY": 4}},
        ["env.WEB_CONCURRENCY cannot be set", "scale by pods"],
    ),
    "more than one worker, by uvicorn's variable": (
        {"extraEnv": [{"name": "UVICORN_WORKERS", "value": "4"}]},
        ["extraEnv[0] (UVICORN_WORKERS) cannot be set", "scale by pods"],
    ),
    "a variable given twice": (
        {"env": {"SHOP": "a"}, "extraEnv": [{"name": "SHOP", "value": "b"}]},
        ["extraEnv[0] (SHOP) is in env as well", "remove one"],
    ),
    "an ingress for no host": (
        {"ingress": {"enabled": True}},
        ["ingress.hosts is empty", "set ingress.enabled to false"],
    ),
    "a route of no gateway": (
        {"httpRoute": {"enabled": True}},
        ["httpRoute.parentRefs is empty", "set httpRoute.enabled to false"],
    ),
    "egress rules where everything is allowed": (
        {"networkPolicy": {"enabled": True, "egress": [{"ports": [{"port": 5432}]}]}},
        ["networkPolicy.egress would be ignored", "set it to true"],
    ),
    "a monitor without a management port": (
        {"runtime": "uvicorn", "probes": OTHER, "metrics": {"podMonitor": {"enabled": True}}},
        ["metrics.podMonitor.enabled is true, but runtime uvicorn", "choose runtime uvicorn-pod"],
    ),
    "an alert on more bad answers than there are": (
        {"metrics": {"prometheusRule": {"enabled": True, "availabilityPercent": 93.05}}},
        ["metrics.prometheusRule.availabilityPercent (93.05)", "93.1 or more"],
    ),
    "monitoring peers without a management port": (
        {"runtime": "uvicorn", "probes": OTHER, "networkPolicy": {"monitoring": [{}]}},
        ["networkPolicy.monitoring would be ignored", "choose runtime uvicorn-pod"],
    ),
    "a traffic policy of a Service that is not outside": (
        {"service": {"externalTrafficPolicy": "Local"}},
        ["service.externalTrafficPolicy (Local) has no meaning", 'set it to ""'],
    ),
    "a volume called like the chart's": (
        {"volumes": [{"name": "tmp", "emptyDir": {}}]},
        ["volumes[0] is called tmp", "choose another"],
    ),
    "a sidecar called like the app": (
        {"sidecars": [{"name": "app", "image": "x"}]},
        ["sidecars[0] is called app", "choose another"],
    ),
    "an init container called like a sidecar": (
        {
            "sidecars": [{"name": "proxy", "image": "x"}],
            "initContainers": [{"name": "proxy", "image": "x"}],
        },
        ["initContainers[0] is called proxy"],
    ),
    "a common label of the chart's": (
        {"commonLabels": {"app.kubernetes.io/version": "9"}},
        ["commonLabels holds app.kubernetes.io/version", "choose a name outside"],
    ),
    "a monitor label that is there already": (
        {"commonLabels": {"team": "x"}, "metrics": {"podMonitor": {"labels": {"team": "y"}}}},
        ["metrics.podMonitor.labels holds team", "remove it"],
    ),
    "a request above its limit": (
        {
            "autoscaling": {"enabled": False},
            "resources": {"requests": {"cpu": 2}, "limits": {"cpu": "1999m"}},
        },
        ["resources.requests.cpu (2) is above resources.limits.cpu (1999m)", "raise the limit"],
    ),
    "a /tmp that the limit evicts": (
        {"tmp": {"sizeLimit": "1G"}},
        ["tmp.sizeLimit (1G) is not below resources.limits.ephemeral-storage (512Mi)", "lower it"],
    ),
    "a sidecar with the port of the app": (
        {
            "sidecars": [
                {
                    "name": "proxy",
                    "image": "x",
                    "ports": [{"name": "management", "containerPort": 1}],
                }
            ]
        },
        ["sidecars[0] has a port called management", "choose another"],
    ),
    "an object name that no Service may have": (
        {"fullnameOverride": "1shop"},
        ["The object name 1shop begins with a digit", "set fullnameOverride"],
    ),
    "an update that cannot start, in other words": (
        {"rollingUpdate": {"maxSurge": "00%"}},
        ["rollingUpdate.maxSurge and rollingUpdate.maxUnavailable are both 0"],
    ),
    "more pods away than there are": (
        {"podDisruptionBudget": {"maxUnavailable": "1000%"}},
        ["/podDisruptionBudget/maxUnavailable"],
    ),
    "two families of one stack": (
        {"service": {"ipFamilies": ["IPv4", "IPv6"]}},
        ["service.ipFamilies names two", "PreferDualStack or RequireDualStack"],
    ),
    "two mounts in a place": (
        {
            "volumeMounts": [
                {"name": "a", "mountPath": "/data"},
                {"name": "b", "mountPath": "/data"},
            ]
        },
        ["volumeMounts[1].mountPath (/data) is mounted already", "choose another"],
    ),
    "a mount over the files": (
        {"config": {"files": {"a": "b"}}, "volumeMounts": [{"name": "a", "mountPath": "/etc/app"}]},
        ["volumeMounts[0].mountPath (/etc/app) is mounted already"],
    ),
    "a variable twice in the list": (
        {"extraEnv": [{"name": "SHOP", "value": "a"}, {"name": "SHOP", "value": "b"}]},
        ["extraEnv[1] (SHOP) is in extraEnv twice", "remove one"],
    ),
    "peers of a policy that is off": (
        {"networkPolicy": {"from": [{"podSelector": {}}]}},
        ["networkPolicy.from would be ignored", "set it to true"],
    ),
    "egress restricted by a policy that is off": (
        {"networkPolicy": {"restrictEgress": True}},
        ["networkPolicy.restrictEgress would be ignored", "set it to true"],
    ),
    "an identity for an account that is not made": (
        {"serviceAccount": {"create": False, "annotations": {"role": "x"}}},
        ["serviceAccount.annotations would be ignored", "serviceAccount.create"],
    ),
    "a tag that YAML took for a number": (
        {"image": {"tag": 1.10}},
        ["image.tag (1.1) is a number", "--set-string image.tag=…"],
    ),
    "a level that gzip has not": ({"gzip": {"level": 10}}, ["/gzip/level", "want 9"]),
    "a level that does not compress": ({"gzip": {"level": 0}}, ["/gzip/level", "want 1"]),
}


@pytest.mark.parametrize(
    ("trusted", "wrong"),
    [
        ("10.0.0.0/8 192.168.0.0/16", "10.0.0.0/8 192.168.0.0/16"),
        ("127.0.0.1, 10.0.0.1/8", "10.0.0.1/8"),
        ("10.0.0.128/24", "10.0.0.128/24"),
        ("10.0.0.256", "10.0.0.256"),
        ("10.0.0.0/33", "10.0.0.0/33"),
        ("ingress.example", "ingress.example"),
        ("127.0.0.1,", ""),
        ("fd00::1/64", "fd00::1/64"),
    ],
)
def test_a_proxy_that_would_trust_nobody_is_refused(trusted: str, wrong: str) -> None:
    with pytest.raises(RefusedError, match="no address and no network") as refusal:
        render({"uvicorn": {"forwardedAllowIps": trusted}})
    assert f'holds "{wrong}"' in str(refusal.value).replace("\\", ""), f"said {refusal.value}"


@pytest.mark.parametrize(("values", "said"), REFUSALS.values(), ids=REFUSALS.keys())
def test_impossible_values_are_refused(values: dict[str, Any], said: list[str]) -> None:
    with pytest.raises(RefusedError) as refusal:
        render(values)
    for piece in said:
        assert piece in str(refusal.value), f"said {refusal.value}, wanted {piece!r}"


@pytest.mark.parametrize(
    "values",
    [
        cpu("909m", 100),
        cpu("500m", 181),
        merged(cpu("999m", 100), {"autoscaling": {"behavior": {"scaleUp": {"tolerance": 0}}}}),
        merged(cpu("250m", 181), {"resources": {"limits": {"cpu": "500m"}}}),
        {"autoscaling": {"enabled": False}, "resources": {"requests": {"cpu": "4"}}},
        {"autoscaling": {"minReplicas": 10}},
        {"podDisruptionBudget": {"maxUnavailable": "1%"}},
        {"podDisruptionBudget": {"enabled": False, "maxUnavailable": 0}},
        {"proxy": {"keepAliveSeconds": 74}},
        {"uvicorn": {"forwardedAllowIps": "10.0.0.0/8,::/64"}},
        {"uvicorn": {"forwardedAllowIps": "10.0.0.128/25, 192.0.2.7/32,::1,::ffff:10.0.0.1"}},
        {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}},
        {"probes": {"startup": {"failureThreshold": 11}}},
        {"runtime": "uvicorn", "management": {"port": 8000}, "probes": OTHER},
        {"service": {"type": "NodePort", "nodePort": 30080}},
        {"resources": {"requests": {"memory": "1024Mi"}, "limits": {"memory": "1Gi"}}},
        {"resources": {"requests": {"memory": 1000000000}, "limits": {"memory": "1G"}}},
        {"tmp": {"sizeLimit": "511Mi"}},
        {"metrics": {"prometheusRule": {"enabled": True, "latencyPercent": 93.1}}},
    ],
    ids=str,
)
def test_values_just_inside_the_bounds_render(values: dict[str, Any]) -> None:
    assert render(values), f"{values}: nothing rendered"


def owned_by_the_chart() -> list[str]:
    """Every variable that any render sets, without those of the runtime's absence."""
    optional = {"rootPath": "/x", "logLevel": "info", "limitConcurrency": 9, "backlog": 9}
    return sorted(env_of(render({"uvicorn": optional})))


def test_every_variable_of_the_chart_is_refused_in_the_users_env() -> None:
    names = owned_by_the_chart()
    assert len(names) >= 20, f"the chart sets only {names}"
    for name in names:
        with pytest.raises(RefusedError, match=rf"env\.{name} cannot be set, because the chart"):
            render({"env": {name: "x"}})


@pytest.mark.parametrize(
    "name",
    [
        "UVICORN_APP",
        "UVICORN_FD",
        "UVICORN_RELOAD",
        "UVICORN_UDS",
        "FORWARDED_ALLOW_IPS",
        "UVICORN_SSL_KEYFILE",
        "UVICORN_GZIP_MINIMUM_SIZE",
    ],
)
def test_variables_that_would_break_the_contract_are_refused(name: str) -> None:
    with pytest.raises(RefusedError, match=rf"env\.{name} cannot be set"):
        render({"env": {name: "x"}})
