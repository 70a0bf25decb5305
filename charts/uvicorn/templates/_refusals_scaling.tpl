{{/* A quantity of Kubernetes (250m, 1.5, 128Mi) as a number; one that YAML took for a number may read 1e+09. */}}
{{- define "uvicorn.amount" -}}
{{- $number := regexFind "^[0-9.]+(e[+][0-9]+)?" (toString .) -}}
{{- $factor := 1 -}}
{{- range $power, $unit := list "k" "M" "G" "T" "P" "E" -}}
{{- range $base, $suffix := dict "1000" $unit "1024" (printf "%si" (title $unit)) -}}
{{- if eq $suffix (trimPrefix $number (toString $)) -}}
{{- range until (add1 $power | int) -}}{{- $factor = mul $factor (int64 $base) -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- divf (mulf (float64 $number) $factor) (ternary 1000 1 (hasSuffix "m" (toString .))) -}}
{{- end }}

{{- define "uvicorn.refuse.scaling" -}}
{{- with .Values.autoscaling -}}
{{- if .enabled -}}
{{- if gt (int .minReplicas) (int .maxReplicas) -}}
{{- fail (printf "autoscaling.minReplicas (%d) is above autoscaling.maxReplicas (%d): raise the maximum or lower the minimum." (int .minReplicas) (int .maxReplicas)) -}}
{{- end -}}
{{- $cpu := $.Values.resources.requests.cpu -}}
{{- $cores := include "uvicorn.amount" (default 0 $cpu) | float64 -}}
{{- if eq $cores 0.0 -}}
{{- fail "resources.requests.cpu is empty or 0, but the HPA's target is a percentage of it: set it, or set autoscaling.enabled to false." -}}
{{- end -}}
{{- $target := mulf $cores .targetCPUUtilizationPercentage 10 -}}
{{- /* The HPA leaves a ratio within its tolerance alone: 0.1, unless the user says otherwise. */}}
{{- $tolerance := dig "behavior" "scaleUp" "tolerance" "0.1" . | include "uvicorn.amount" | float64 -}}
{{- $most := mulf (include "uvicorn.amount" (default 1 $.Values.resources.limits.cpu)) 1000 | min 1000 -}}
{{- if ge (mulf $target (addf 1 $tolerance)) (float64 $most) -}}
{{- fail (printf "resources.requests.cpu (%v) × autoscaling.targetCPUUtilizationPercentage (%d %%) is %.0fm, and the HPA acts only above %.0fm (its tolerance), but one Python process in this container uses at most %dm (a core, or resources.limits.cpu), so the HPA could never scale up: lower the request or the target." $cpu (int .targetCPUUtilizationPercentage) $target (mulf $target (addf 1 $tolerance)) $most) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and (regexMatch "^0+%?$" (toString .Values.rollingUpdate.maxSurge)) (regexMatch "^0+%?$" (toString .Values.rollingUpdate.maxUnavailable)) -}}
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
