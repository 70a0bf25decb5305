{{/*
The number of pods to render, or nothing.

Without the HPA it is replicaCount, and an annotation remembers that the release has said a number. With it, or where replicaCount
is null because something else scales the Deployment, nothing is rendered, but for a live Deployment with that annotation: taking `replicas` out of a release sets it to 1 (Helm 3 removes what the last
release had, Helm 4 what it alone owned), so the number that runs is rendered instead, on every upgrade from then on. Helm 4 meets
no conflict, because the value is the HPA's. `helm template` sees no cluster, so it renders nothing (docs/chart.md says what to do).
*/}}
{{- define "uvicorn.replicas" -}}
{{- if not (or .Values.autoscaling.enabled (kindIs "invalid" .Values.replicaCount)) -}}
{{ int .Values.replicaCount }}
{{- else -}}
{{- $live := lookup "apps/v1" "Deployment" .Release.Namespace (include "uvicorn.fullname" .) | default dict -}}
{{- if hasKey (dig "metadata" "annotations" dict $live) (include "uvicorn.replicasAnnotation" .) -}}
{{ default .Values.autoscaling.minReplicas (dig "spec" "replicas" 0 $live) | int }}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "uvicorn.replicasAnnotation" -}}
uvicorn-pod/replicas
{{- end }}
