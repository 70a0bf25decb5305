{{/* A CPU quantity as a number of thousandths of a core. */}}
{{- define "uvicorn.millicores" -}}
{{- $quantity := toString . -}}
{{- if hasSuffix "m" $quantity }}{{ trimSuffix "m" $quantity | float64 }}{{ else }}{{ mulf (float64 $quantity) 1000 }}{{ end -}}
{{- end }}

{{- define "uvicorn.refuse.scaling" -}}
{{- with .Values.autoscaling -}}
{{- if .enabled -}}
{{- if gt (int .minReplicas) (int .maxReplicas) -}}
{{- fail (printf "autoscaling.minReplicas (%d) is above autoscaling.maxReplicas (%d): raise the maximum or lower the minimum." (int .minReplicas) (int .maxReplicas)) -}}
{{- end -}}
{{- $cpu := $.Values.resources.requests.cpu -}}
{{- $millicores := include "uvicorn.millicores" (default 0 $cpu) | float64 -}}
{{- if eq $millicores 0.0 -}}
{{- fail "resources.requests.cpu is empty or 0, but the HPA's target is a percentage of it: set it, or set autoscaling.enabled to false." -}}
{{- end -}}
{{- $target := divf (mulf $millicores .targetCPUUtilizationPercentage) 100 -}}
{{- if ge $target 1000.0 -}}
{{- fail (printf "resources.requests.cpu (%v) × autoscaling.targetCPUUtilizationPercentage (%d %%) is %.0fm, but one Python process uses at most one core (1000m), so the HPA could never scale up: lower the request or the target." $cpu (int .targetCPUUtilizationPercentage) $target) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and (has (toString .Values.rollingUpdate.maxSurge) (list "0" "0%")) (has (toString .Values.rollingUpdate.maxUnavailable) (list "0" "0%")) -}}
{{- fail "rollingUpdate.maxSurge and rollingUpdate.maxUnavailable are both 0, so an update could never replace a pod: raise one of them." -}}
{{- end -}}
{{- end }}

{{- define "uvicorn.refuse.disruption" -}}
{{- with .Values.podDisruptionBudget -}}
{{- if and .enabled (regexMatch "^0+%?$" (toString .maxUnavailable)) -}}
{{- fail (printf "podDisruptionBudget.maxUnavailable (%v) would block every node drain: set it to 1 or more, or set podDisruptionBudget.enabled to false." .maxUnavailable) -}}
{{- end -}}
{{- end -}}
{{- end }}
