{{/* Amounts that no API server takes, or that evict the pod. */}}
{{- define "uvicorn.refuse.resources" -}}
{{- $limits := .Values.resources.limits -}}
{{- range $name, $request := .Values.resources.requests -}}
{{- with index $limits $name -}}
{{- if and $request (gt (include "uvicorn.amount" $request | float64) (include "uvicorn.amount" . | float64)) -}}
{{- fail (printf "resources.requests.%s (%v) is above resources.limits.%s (%v): lower the request or raise the limit." $name $request $name .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- with index $limits "ephemeral-storage" -}}
{{- if ge (include "uvicorn.amount" $.Values.tmp.sizeLimit | float64) (include "uvicorn.amount" . | float64) -}}
{{- fail (printf "tmp.sizeLimit (%v) is not below resources.limits.ephemeral-storage (%v), which counts /tmp and the logs: lower it, or raise the limit." $.Values.tmp.sizeLimit .) -}}
{{- end -}}
{{- end -}}
{{- end }}
