"""What each file of `recipes.PAGES` promises, as a check of its objects."""

from collections.abc import Callable

from tests.chart import recipes
from tests.chart.manifests import (
    Manifest,
    app_of,
    env_of,
    of_kind,
    one,
    pod_of,
    pod_templates,
    render,
)

Promise = Callable[[list[Manifest]], None]
PROMISES: dict[str, Promise] = {}
IMAGE = "registry.example/my-app:1.0.0"


def promise(*names: str) -> Callable[[Promise], Promise]:
    """Registers the check of these files."""

    def register(check: Promise) -> Promise:
        if twice := PROMISES.keys() & set(names):
            raise ValueError(f"{sorted(twice)}: two promises for the same file")
        PROMISES.update(dict.fromkeys(names, check))
        return check

    return register


def ports(manifests: list[Manifest]) -> dict[str, int]:
    return {port["name"]: port["containerPort"] for port in app_of(manifests)["ports"]}


def annotations(manifests: list[Manifest], kind: str) -> dict[str, str]:
    found: dict[str, str] = one(manifests, kind)["metadata"]["annotations"]
    return found


def both_pods(manifests: list[Manifest]) -> dict[str, Manifest]:
    """The pods of the app and of `helm test`, by their owner."""
    pods = dict(pod_templates(manifests))
    assert len(pods) == 2, f"wanted the pods of app and test, rendered {list(pods)}"
    return pods


@promise("secret.yaml")
def secret_becomes_variables_and_files(manifests: list[Manifest]) -> None:
    app = app_of(manifests)
    assert app["envFrom"] == [{"secretRef": {"name": "my-app-v1"}}], f"envFrom {app['envFrom']}"
    found = env_of(manifests)["PAYMENT_KEY"]
    assert found == {"secretKeyRef": {"name": "payment", "key": "key"}}, f"PAYMENT_KEY {found}"
    volumes = {volume["name"]: volume for volume in pod_of(manifests)["spec"]["volumes"]}
    mounts = {mount["mountPath"]: mount for mount in app["volumeMounts"]}
    mount = mounts["/etc/certificates"]
    secret = volumes[mount["name"]]["secret"]["secretName"]
    assert (secret, mount["readOnly"]) == ("my-app-certificates", True), f"{secret}, {mount}"


@promise("tls.yaml")
def each_host_has_its_own_certificate(manifests: list[Manifest]) -> None:
    issuer = annotations(manifests, "Ingress")["cert-manager.io/cluster-issuer"]
    assert issuer == "letsencrypt", f"Ingress: issuer {issuer}"
    spec = one(manifests, "Ingress")["spec"]
    hosts = [rule["host"] for rule in spec["rules"]]
    secrets = {host: entry["secretName"] for entry in spec["tls"] for host in entry["hosts"]}
    assert list(secrets) == hosts, f"Ingress: hosts {hosts}, certificates of {list(secrets)}"
    assert len(set(secrets.values())) == len(hosts) == 2, f"Ingress: certificates {secrets}"
    trusted = env_of(manifests)["UVICORN_FORWARDED_ALLOW_IPS"]
    assert trusted == "10.244.0.0/16", f"forwardedAllowIps {trusted}"


@promise("migrations.yaml")
def job_runs_before_the_upgrade_as_the_owner(manifests: list[Manifest]) -> None:
    (job,) = of_kind(manifests, "Job")
    hook = job["metadata"]["annotations"]["helm.sh/hook"]
    assert hook == "pre-install,pre-upgrade", f"Job: hook {hook}"
    assert job["spec"]["activeDeadlineSeconds"] == 600, f"Job: {job['spec']}"
    (container,) = job["spec"]["template"]["spec"]["containers"]
    assert container["command"] == ["alembic", "upgrade", "head"], f"Job: {container['command']}"
    assert {"name": "DATABASE_USER", "value": "owner"} in container["env"], "Job: no owner"
    assert "DATABASE_USER" not in env_of(manifests), "Deployment: DATABASE_USER of the Job"


@promise("argo-cd.yaml", "flux.yaml")
def your_app_runs_and_replicas_are_the_hpas(manifests: list[Manifest]) -> None:
    app = app_of(manifests)
    found = app["image"], app["args"]
    assert found == (IMAGE, ["my_app.main:app"]), f"Deployment: {found}"
    assert "replicas" not in one(manifests, "Deployment")["spec"], "Deployment: sets replicas"


def assert_in_mesh(manifests: list[Manifest], place: str, injects: dict[str, str]) -> None:
    for owner, pod in both_pods(manifests).items():
        found = pod["metadata"][place]
        assert injects.items() <= found.items(), f"{owner}: {place} {found}"


def assert_port_is_excluded(manifests: list[Manifest], annotation: str) -> None:
    found = pod_of(manifests)["metadata"]["annotations"][annotation]
    assert found == str(ports(manifests)["management"]), f"Deployment: {annotation} {found}"


@promise("istio.yaml")
def istio_injects_native_sidecars(manifests: list[Manifest]) -> None:
    assert_in_mesh(manifests, "labels", {"sidecar.istio.io/inject": "true"})
    assert_in_mesh(manifests, "annotations", {"sidecar.istio.io/nativeSidecar": "true"})
    assert_port_is_excluded(manifests, "traffic.sidecar.istio.io/excludeInboundPorts")


@promise("linkerd.yaml")
def linkerd_injects_native_sidecars(manifests: list[Manifest]) -> None:
    native = {"config.beta.linkerd.io/proxy-enable-native-sidecar": "true"}
    assert_in_mesh(manifests, "annotations", {"linkerd.io/inject": "enabled"} | native)
    assert_port_is_excluded(manifests, "config.linkerd.io/skip-inbound-ports")


@promise("sidecars.yaml")
def model_is_fetched_before_the_app_starts(manifests: list[Manifest]) -> None:
    started = pod_of(manifests)["spec"]["initContainers"]
    found = [(container["name"], container.get("restartPolicy")) for container in started]
    assert found == [("log-shipper", "Always"), ("fetch-model", None)], f"Deployment: {found}"
    for container in (started[1], app_of(manifests)):
        mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
        assert mounts["/models"] == "models", f"{container['name']}: mounts {mounts}"


@promise("spot.yaml")
def pods_prefer_spot_nodes_and_end_in_time(manifests: list[Manifest]) -> None:
    seconds = [
        pod_of(objects)["spec"]["terminationGracePeriodSeconds"]
        for objects in (manifests, render())
    ]
    assert seconds == [15, 41], f"Deployment: grace periods {seconds}, the page says 15 and 41"
    spec = pod_of(manifests)["spec"]
    (toleration,) = spec["tolerations"]
    rules = spec["affinity"]["nodeAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]
    (label,) = rules[0]["preference"]["matchExpressions"]
    found = {toleration["key"], label["key"]}, {toleration["value"], *label["values"]}
    assert found == ({"cloud.google.com/gke-spot"}, {"true"}), f"Deployment: {found}"
    spread = [entry["topologyKey"] for entry in spec["topologySpreadConstraints"]]
    assert spread == ["kubernetes.io/hostname", "topology.kubernetes.io/zone"], f"spread {spread}"
    budget = one(manifests, "PodDisruptionBudget")["spec"]["maxUnavailable"]
    assert budget == "25%", f"PodDisruptionBudget: maxUnavailable {budget}"


@promise("grpc.yaml")
def service_has_a_second_port(manifests: list[Manifest]) -> None:
    spec = one(manifests, "Service")["spec"]
    grpc = spec["ports"][1]
    assert spec["clusterIP"] == "None", f"Service: clusterIP {spec['clusterIP']}"
    assert grpc["targetPort"] == ports(manifests)["grpc"] == 50051, f"Service: {grpc}"


@promise("websockets.yaml")
def websockets_have_a_limit_and_a_longer_drain(manifests: list[Manifest]) -> None:
    env = env_of(manifests)
    found = env["UVICORN_WS_MAX_SIZE"], env["UVICORN_DRAIN_SECONDS"]
    assert found == ("65536", "30"), f"Deployment: {found}"


def assert_asks_as_the_kubelet(manifests: list[Manifest], path: str, port: int | str) -> None:
    probe = app_of(manifests)["readinessProbe"]["httpGet"]
    wanted = probe["path"], str(ports(manifests)[probe["port"]])
    assert (path, str(port)) == wanted, f"health check {path} on {port}, the kubelet's is {wanted}"
    drain = env_of(manifests)["UVICORN_DRAIN_SECONDS"]
    assert drain == "30", f"Deployment: drains {drain} s"


@promise("gke.yaml")
def google_asks_the_management_port(manifests: list[Manifest]) -> None:
    config = one(manifests, "BackendConfig")
    check = config["spec"]["healthCheck"]
    assert_asks_as_the_kubelet(manifests, check["requestPath"], check["port"])
    named = annotations(manifests, "Service")["cloud.google.com/backend-config"]
    assert named == f'{{"default": "{config["metadata"]["name"]}"}}', f"Service: {named}"
    assert "ingressClassName" not in one(manifests, "Ingress")["spec"], "Ingress: two classes"
    keep_alive = env_of(manifests)["UVICORN_TIMEOUT_KEEP_ALIVE"]
    assert int(keep_alive) > 600, f"Deployment: keeps connections {keep_alive} s"


@promise("aws.yaml")
def aws_asks_the_management_port(manifests: list[Manifest]) -> None:
    check = annotations(manifests, "Ingress")
    path, port = (check[f"alb.ingress.kubernetes.io/healthcheck-{key}"] for key in ("path", "port"))
    assert_asks_as_the_kubelet(manifests, path, port)
    assert check["alb.ingress.kubernetes.io/target-type"] == "ip", f"Ingress: {check}"
    trusted = env_of(manifests)["UVICORN_FORWARDED_ALLOW_IPS"]
    assert trusted == "10.0.0.0/20,10.0.16.0/20", f"forwardedAllowIps {trusted}"


@promise("nightly.yaml")
def job_runs_at_night_as_the_app(manifests: list[Manifest]) -> None:
    cron_job = one(manifests, "CronJob")
    assert cron_job["metadata"]["name"].endswith("-uvicorn-cleanup"), cron_job["metadata"]
    spec = cron_job["spec"]
    found = spec["schedule"], spec["timeZone"], spec["concurrencyPolicy"]
    assert found == ("0 3 * * *", "Europe/Berlin", "Forbid"), f"CronJob: {found}"
    job = spec["jobTemplate"]["spec"]
    (container,) = job["template"]["spec"]["containers"]
    assert container["command"] == ["python", "-m", "my_app.cleanup"], f"CronJob: {container}"
    assert container["image"] == app_of(manifests)["image"], f"CronJob: {container['image']}"
    ends = job["backoffLimit"], job["activeDeadlineSeconds"]
    assert ends == (0, 3600), f"CronJob: retries and seconds {ends}"


@promise("cache.yaml")
def caches_stay_in_a_volume_below_the_disk_limit(manifests: list[Manifest]) -> None:
    app = app_of(manifests)
    (volume,) = (each for each in pod_of(manifests)["spec"]["volumes"] if each["name"] == "cache")
    assert {"name": "cache", "mountPath": "/cache"} in app["volumeMounts"], app["volumeMounts"]
    sizes = volume["emptyDir"]["sizeLimit"], app["resources"]["limits"]["ephemeral-storage"]
    assert sizes == ("1Gi", "2Gi"), f"Deployment: volume and limit of the disk {sizes}"
    assert env_of(manifests)["HOME"] == "/cache", f"HOME {env_of(manifests)['HOME']}"


@promise("network.yaml")
def policy_allows_only_what_is_named(manifests: list[Manifest]) -> None:
    spec = one(manifests, "NetworkPolicy")["spec"]
    assert set(spec["policyTypes"]) == {"Ingress", "Egress"}, f"NetworkPolicy: {spec}"

    def of(*names: str) -> list[Manifest]:
        label = "kubernetes.io/metadata.name"
        return [{"namespaceSelector": {"matchLabels": {label: name}}} for name in names]

    callers = {port["port"]: rule["from"] for rule in spec["ingress"] for port in rule["ports"]}
    *of_app, test = callers["http"]
    assert of_app == of("ingress-nginx"), f"NetworkPolicy: {of_app} may call the app"
    test_labels = test["podSelector"]["matchLabels"]
    assert test_labels["app.kubernetes.io/name"] == "uvicorn-test", f"NetworkPolicy: {test}"
    of_management = callers["management"]
    assert of_management == of("monitoring", "keda"), f"NetworkPolicy: {of_management} may scrape"
    dns, *rest = spec["egress"]
    assert {port["port"] for port in dns["ports"]} == {53}, f"NetworkPolicy: egress {dns}"
    database = {"podSelector": {"matchLabels": {"app.kubernetes.io/name": "postgresql"}}}
    assert rest == [{"to": [database], "ports": [{"port": 5432}]}], f"NetworkPolicy: egress {rest}"


@promise("datasette.yaml", "datasette-image.yaml")
def probes_ask_an_existing_path(manifests: list[Manifest]) -> None:
    app = app_of(manifests)
    assert app["image"] == "registry.example/datasette:0.65.5", f"image {app['image']}"
    for probe in ("startupProbe", "readinessProbe"):
        path = app[probe]["httpGet"]["path"]
        assert path == "/-/versions.json", f"Deployment: {probe} asks {path}"


@promise("gunicorn.yaml")
def gunicorn_gets_the_timeouts_of_the_chart(manifests: list[Manifest]) -> None:
    app, env = app_of(manifests), env_of(manifests)
    assert app["command"] == ["gunicorn", "my_app.main:app"], f"command {app['command']}"
    options = dict(argument.removeprefix("--").split("=") for argument in app["args"])
    assert options["bind"] == f"0.0.0.0:{ports(manifests)['http']}", f"gunicorn: {options}"
    assert options["keep-alive"] == env["UVICORN_TIMEOUT_KEEP_ALIVE"], f"gunicorn: {options}"
    wanted = env["UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN"]
    assert options["graceful-timeout"] == wanted, f"gunicorn: {options}, the chart {wanted}"


@promise(*recipes.PARENT)
def alias_names_the_objects(manifests: list[Manifest]) -> None:
    name = one(manifests, "Deployment")["metadata"]["name"]
    found = name, app_of(manifests)["image"]
    assert found == ("demo-api", "mirror.example/my-app:1.0.0"), f"Deployment: {found}"


@promise("base.yaml")
def base_logs_sql(manifests: list[Manifest]) -> None:
    assert env_of(manifests)["LOG_SQL"] == "true", "Deployment: LOG_SQL is not set"


@promise("prod.yaml")
def prod_removes_a_variable_and_a_default(manifests: list[Manifest]) -> None:
    env = env_of(manifests)
    assert ("LOG_SQL" in env, env["PAGE_SIZE"]) == (False, "50"), f"Deployment: {env}"
    context = one(manifests, "Deployment")["spec"]["template"]["spec"]["securityContext"]
    assert context, "Deployment: no securityContext"
    assert "fsGroup" not in context, f"Deployment: securityContext {context}"
    least = one(manifests, "HorizontalPodAutoscaler")["spec"]["minReplicas"]
    assert least == 3, f"HorizontalPodAutoscaler: {least} pods, environments/prod.yaml has 3"


@promise("one-architecture.yaml")
def pods_run_on_nodes_of_the_architecture(manifests: list[Manifest]) -> None:
    for owner, pod in both_pods(manifests).items():
        found = pod["spec"].get("nodeSelector")
        assert found == {"kubernetes.io/arch": "arm64"}, f"{owner}: nodeSelector {found}"


@promise("private-registry.yaml")
def every_pod_pulls_with_the_secret(manifests: list[Manifest]) -> None:
    for owner, pod in both_pods(manifests).items():
        image = pod["spec"]["containers"][0]["image"]
        found = image, pod["spec"].get("imagePullSecrets")
        assert found == (IMAGE, [{"name": "registry-credentials"}]), f"{owner}: {found}"


@promise("private-ca.yaml")
def bundle_is_mounted_where_the_variables_name_it(manifests: list[Manifest]) -> None:
    app = app_of(manifests)
    assert app["securityContext"]["readOnlyRootFilesystem"], "Deployment: root can be written"
    (mount,) = (mount for mount in app["volumeMounts"] if mount["name"] == "private-ca")
    volumes = {volume["name"]: volume for volume in pod_of(manifests)["spec"]["volumes"]}
    source = volumes["private-ca"]["configMap"]["name"]
    assert (source, mount["readOnly"]) == ("private-ca", True), f"{source}, {mount}"
    env = env_of(manifests)
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        assert env[name] == f"{mount['mountPath']}/ca.crt", f"Deployment: {name} {env[name]}"
