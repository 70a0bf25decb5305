{{- define "uvicorn.refusals.observability" -}}
{{- $metrics := .Values.metrics }}
{{- if and $metrics.podMonitor.enabled $metrics.serviceMonitor.enabled }}
- {{ "metrics.podMonitor.enabled and metrics.serviceMonitor.enabled are both true, so every pod would be scraped and counted twice: keep one of them." | toJson }}
{{- end }}
{{- if ne .Values.runtime "uvicorn-pod" }}
{{- range $part := list "podMonitor" "service" "serviceMonitor" "prometheusRule" "dashboard" }}
{{- if (index $metrics $part).enabled }}
- {{ printf "metrics.%s.enabled is true, but runtime %s has no management port to scrape: set it to false, or choose runtime uvicorn-pod." $part $.Values.runtime | toJson }}
{{- end }}
{{- end }}
{{- end }}
{{- /* An alert compares a share of the requests with a multiple of the error budget. From 100 % up it could never fire. */}}
{{- if $metrics.prometheusRule.enabled }}
{{- range $name := list "availabilityPercent" "latencyPercent" }}
{{- $percent := index $metrics.prometheusRule $name }}
{{- $bound := mulf 14.4 (subf 100 $percent) }}
{{- if ge $bound 100.0 }}
- {{ printf "metrics.prometheusRule.%s (%v) leaves such a large error budget that its first alert would need %.0f %% of bad responses, and could never fire: set it to 93.1 or more." $name $percent $bound | toJson }}
{{- end }}
{{- end }}
{{- end }}
{{- range $part := list "podMonitor" "serviceMonitor" "prometheusRule" "dashboard" }}
{{- range $label, $_ := (index $metrics $part).labels }}
{{- if or (include "uvicorn.isChartLabel" $label) (hasKey $.Values.commonLabels $label) }}
- {{ printf "metrics.%s.labels holds %s, which the object already has: remove it." $part $label | toJson }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
