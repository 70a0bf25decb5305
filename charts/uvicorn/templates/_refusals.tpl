{{/* What cannot work is refused at render: one sentence that names the value and the way out. */}}
{{- define "uvicorn.refusals" -}}
{{- include "uvicorn.refuse.image" (dict "name" "image" "image" .Values.image) -}}
{{- include "uvicorn.refuse.image" (dict "name" "tests.image" "image" .Values.tests.image) -}}
{{- include "uvicorn.refuse.name" . -}}
{{- include "uvicorn.refuse.ownImage" . -}}
{{- include "uvicorn.refuse.env" . -}}
{{- include "uvicorn.refuse.network" . -}}
{{- include "uvicorn.refuse.proxies" . -}}
{{- include "uvicorn.refuse.routes" . -}}
{{- include "uvicorn.refuse.alerts" . -}}
{{- include "uvicorn.refuse.pod" . -}}
{{- include "uvicorn.refuse.mounts" . -}}
{{- include "uvicorn.refuse.probes" . -}}
{{- include "uvicorn.refuse.jobs" . -}}
{{- include "uvicorn.refuse.scaling" . -}}
{{- include "uvicorn.refuse.resources" . -}}
{{- include "uvicorn.refuse.disruption" . -}}
{{- include "uvicorn.refuse.ignored" . -}}
{{- include "uvicorn.refuse.kubernetes" . -}}
{{- include "uvicorn.refuse.labels" . -}}
{{- end }}

{{- define "uvicorn.refuse.image" -}}
{{- if and .image.tag (not (kindIs "string" .image.tag)) -}}
{{- fail (printf "%s.tag (%v) is a number, and may not be what you wrote (1.10 becomes 1.1): quote it, or use --set-string %s.tag=…." .name .image.tag .name) -}}
{{- end -}}
{{- if and .image.tag .image.digest -}}
{{- fail (printf "%s.tag (%s) and %s.digest are both set, and the tag would be ignored: keep one of them and set the other to \"\"." .name .image.tag .name) -}}
{{- end -}}
{{- end }}

{{- define "uvicorn.refuse.name" -}}
{{- if regexMatch "^[0-9]" (include "uvicorn.fullname" .) -}}
{{- fail (printf "The object name %s begins with a digit, which a Service's name may not: set fullnameOverride." (include "uvicorn.fullname" .)) -}}
{{- end -}}
{{- end }}

{{- define "uvicorn.refuse.labels" -}}
{{- range $label := keys (include "uvicorn.selectorLabels" . | fromYaml) | sortAlpha -}}
{{- if hasKey $.Values.podLabels $label -}}
{{- fail (printf "podLabels holds %s, a label of the selector: remove it, or set nameOverride before the first install." $label) -}}
{{- end -}}
{{- end -}}
{{- range $label, $_ := .Values.commonLabels -}}
{{- if or (hasPrefix "app.kubernetes.io/" $label) (eq "helm.sh/chart" $label) -}}
{{- fail (printf "commonLabels holds %s, which the chart may set itself: choose a name outside app.kubernetes.io/ and helm.sh/." $label) -}}
{{- end -}}
{{- end -}}
{{- range $part := list "podMonitor" "serviceMonitor" "prometheusRule" "dashboard" -}}
{{- range $label, $_ := (index $.Values.metrics $part).labels -}}
{{- if or (hasPrefix "app.kubernetes.io/" $label) (eq "helm.sh/chart" $label) (hasKey $.Values.commonLabels $label) -}}
{{- fail (printf "metrics.%s.labels holds %s, which the object has already: remove it." $part $label) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}
