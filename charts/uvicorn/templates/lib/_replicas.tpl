{{/*
The number of pods to render, or nothing.

Without the HPA this is replicaCount, and an annotation records that the release has set a number. Nothing is rendered with the HPA, or
if replicaCount is null because something else scales the Deployment.

The exception is a live Deployment with that annotation. Removing `replicas` from a release sets it to 1: Helm 3 removes what the last
release had, and Helm 4 removes what it alone owned. The current number is therefore rendered on every later upgrade. Helm 4 reports no
conflict, because the value equals the HPA's. `helm template` sees no cluster, so it renders nothing (see docs/chart.md).

The other exception is an upgrade from KEDA, which has scaled to zero, to the HPA: an HPA does not act on a Deployment without pods.
*/}}
{{- define "uvicorn.replicas" -}}
{{- if not (or .Values.autoscaling.enabled (kindIs "invalid" .Values.replicaCount)) -}}
{{ int .Values.replicaCount }}
{{- else -}}
{{- $live := lookup "apps/v1" "Deployment" .Release.Namespace (include "uvicorn.fullname" .) | default dict -}}
{{- $count := dig "spec" "replicas" 1 $live | int -}}
{{- $isLeftByKeda := and (eq $count 0) (eq (include "uvicorn.scaler" .) "hpa") (include "uvicorn.hasScaledObject" .) -}}
{{- if or $isLeftByKeda (hasKey (dig "metadata" "annotations" dict $live) (include "uvicorn.replicasAnnotation" .)) -}}
{{- /* Another scaler than the HPA, such as KEDA, may have scaled to zero on purpose. */ -}}
{{ ternary (default .Values.autoscaling.minReplicas $count) $count .Values.autoscaling.enabled | int }}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "uvicorn.replicasAnnotation" -}}
uvicorn-pod/replicas
{{- end }}
