{{- define "uvicorn.refusals.jobPods" -}}
{{- if .Values.migrations.enabled }}
{{- include "uvicorn.refusals.jobPod" (dict "root" . "name" "migrations" "container" "migrations" "job" .Values.migrations) }}
{{- end }}
{{- range $index, $job := .Values.cronJobs }}
{{- include "uvicorn.refusals.jobPod" (dict "root" $ "name" (printf "cronJobs[%d]" $index) "container" .name "job" .) }}
{{- end }}
{{- include "uvicorn.refusals.jobLabels" (dict "root" . "name" "tests" "labels" .Values.tests.labels) }}
{{- range $annotation, $_ := .Values.tests.annotations }}
{{- if hasPrefix "helm.sh/" $annotation }}
- {{ printf "tests.annotations holds %s, which the chart sets itself: remove it." $annotation | toJson }}
{{- end }}
{{- end }}
{{- end }}

{{/* One Job from {root, name, container, job}. */}}
{{- define "uvicorn.refusals.jobPod" -}}
{{- include "uvicorn.refusals.jobLabels" (dict "root" .root "name" .name "labels" .job.labels) }}
{{- if include "uvicorn.hasSidecars" .job }}
{{- range $index, $sidecar := .root.Values.sidecars }}
{{- if eq $sidecar.name $.container }}
- {{ printf "sidecars[%d] is called %s, which is the name of the container in %s: choose another, or set %s.sidecars to false." $index $sidecar.name $.name $.name | toJson }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* The labels of one Job's pod, from {root, name, labels}. */}}
{{- define "uvicorn.refusals.jobLabels" -}}
{{- range $label := keys (include "uvicorn.selectorLabels" .root | fromYaml) | sortAlpha }}
{{- if hasKey (default dict $.labels) $label }}
- {{ printf "%s.labels holds %s, which is a label of the selector, so that the Service could take this pod for the app: remove it." $.name $label | toJson }}
{{- end }}
{{- end }}
{{- end }}
