{{/* An alert compares a share of the requests with a multiple of the error budget: from 1 up it could never fire. */}}
{{- define "uvicorn.refuse.alerts" -}}
{{- with .Values.metrics.prometheusRule -}}
{{- range $name, $percent := dict "availabilityPercent" .availabilityPercent "latencyPercent" .latencyPercent -}}
{{- $bound := mulf 14.4 (subf 100 $percent) -}}
{{- if and $.Values.metrics.prometheusRule.enabled (ge $bound 100.0) -}}
{{- fail (printf "metrics.prometheusRule.%s (%v) leaves so large an error budget that its first alert would wait for %.0f %% of bad answers, and could never fire: set it to 93.1 or more." $name $percent $bound) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}
