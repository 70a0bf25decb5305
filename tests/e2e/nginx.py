"""Debian's nginx in front of a release, as a proxy that keeps its connections to the pods."""

from dataclasses import replace
from typing import Any

import pykube
from pytest_helm_charts.k8s.deployment import wait_for_deployments_to_run

from tests.e2e.cluster_image import ClusterImage
from tests.e2e.release import FULL_NAME, Release, node_port
from tests.support.repository import ROOT
from tests.support.waiting import wait_until

NAME = "nginx"
IMAGE = ClusterImage(NAME, ROOT / "tests" / "e2e" / "nginx_build" / "Dockerfile")
READY_SECONDS = 120
ANSWER_SECONDS = 30
CONFIGURATION = """\
worker_processes 1;
pid /tmp/nginx.pid;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path /tmp/body;
  proxy_temp_path /tmp/proxy;
  fastcgi_temp_path /tmp/fastcgi;
  uwsgi_temp_path /tmp/uwsgi;
  scgi_temp_path /tmp/scgi;
  map $http_upgrade $connection_upgrade {{
    default upgrade;
    "" "";
  }}
  upstream app {{
    server {service};
    keepalive 64;
    keepalive_timeout 60s;
  }}
  server {{
    listen 8000;
    keepalive_timeout 120s;
    client_max_body_size 20m;
    location / {{
      proxy_pass http://app;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_next_upstream off;
    }}
  }}
}}
"""


def install_nginx(release: Release, port: int) -> None:
    """Puts nginx in front of the release's Service, and waits until it answers on `port`.

    It keeps up to 64 idle connections to the pods, each for 60 seconds, and never sends a request
    twice.
    """
    IMAGE.provide()
    service = f"{FULL_NAME}.{release.namespace}.svc.cluster.local:80"
    configuration = CONFIGURATION.format(service=service)
    for kind, spec in (
        (pykube.ConfigMap, {"data": {"nginx.conf": configuration}}),
        (pykube.Deployment, {"spec": _deployment_spec()}),
        (pykube.Service, {"spec": _service_spec(port)}),
    ):
        metadata = {"name": NAME, "namespace": release.namespace}
        kind(release.client, {"metadata": metadata, **spec}).create()
    wait_for_deployments_to_run(
        release.client, [NAME], release.namespace, READY_SECONDS, missing_ok=False
    )
    what = f"nginx in {release.namespace} answering on {port}"
    wait_until(replace(release, port=port).answers, ANSWER_SECONDS, what)


def _deployment_spec() -> dict[str, Any]:
    labels = {"app": NAME}
    restricted = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    container = {
        "name": NAME,
        "image": IMAGE.reference,
        "ports": [{"containerPort": 8000}],
        "readinessProbe": {"tcpSocket": {"port": 8000}, "periodSeconds": 1},
        "securityContext": restricted,
        "volumeMounts": [
            {"name": "configuration", "mountPath": "/etc/proxy"},
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - in the pod
        ],
    }
    volumes = [
        {"name": "configuration", "configMap": {"name": NAME}},
        {"name": "tmp", "emptyDir": {}},
    ]
    pod = {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "containers": [container],
        "volumes": volumes,
    }
    return {
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": pod},
    }


def _service_spec(port: int) -> dict[str, Any]:
    ports = [{"port": 80, "targetPort": 8000, "nodePort": node_port(port)}]
    return {"type": "NodePort", "selector": {"app": NAME}, "ports": ports}
