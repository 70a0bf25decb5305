{{- define "uvicorn.refusals.disruptionBudget" -}}
{{- with .Values.podDisruptionBudget }}
{{- if and .enabled (include "uvicorn.isZeroPods" .maxUnavailable) }}
- {{ printf "podDisruptionBudget.maxUnavailable (%v) would block every node drain: set it to 1 or more, or set podDisruptionBudget.enabled to false." .maxUnavailable | toJson }}
{{- end }}
{{- if and .enabled .minAvailable }}
{{- $count := $.Values.replicaCount }}
{{- $name := "replicaCount" }}
{{- if $.Values.autoscaling.enabled }}
{{- $count = $.Values.autoscaling.minReplicas }}
{{- $name = "autoscaling.minReplicas" }}
{{- end }}
{{- if not (include "uvicorn.isUnset" .maxUnavailable) }}
- {{ printf "podDisruptionBudget.minAvailable (%v) and podDisruptionBudget.maxUnavailable (%v) are both set, but Kubernetes takes only one: set one of them to \"\"." .minAvailable .maxUnavailable | toJson }}
{{- else if regexMatch "^0*100%$" (toString .minAvailable) }}
- {{ printf "podDisruptionBudget.minAvailable (%v) is every pod, so it would block every node drain: lower it, or set podDisruptionBudget.enabled to false." .minAvailable | toJson }}
{{- else if and $.Values.autoscaling.enabled (not $count) }}
- {{ printf "podDisruptionBudget.minAvailable (%v) would block every node drain while one pod runs, because autoscaling.minReplicas is 0: use podDisruptionBudget.maxUnavailable, or set podDisruptionBudget.enabled to false." .minAvailable | toJson }}
{{- else if and $count (le (int $count) (include "uvicorn.podsOf" (dict "share" .minAvailable "count" $count) | int)) }}
- {{ printf "podDisruptionBudget.minAvailable (%v) is all of %s (%d), so it would block every node drain: lower it, raise %s, or set podDisruptionBudget.enabled to false." .minAvailable $name (int $count) $name | toJson }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
