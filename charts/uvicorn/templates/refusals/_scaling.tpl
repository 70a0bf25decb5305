{{- define "uvicorn.refusals.scaling" -}}
{{- if .Values.autoscaling.enabled }}
{{- include "uvicorn.refusals.hpa" . }}
{{- end }}
{{- range $direction, $rules := .Values.autoscaling.behavior }}
{{- if and (hasKey $rules "tolerance") (include "uvicorn.isKubernetesBefore" (dict "root" $ "minor" "1.35")) }}
- {{ printf "autoscaling.behavior.%s.tolerance needs Kubernetes 1.35, this is %s: remove it." $direction $.Capabilities.KubeVersion.Version | toJson }}
{{- end }}
{{- end }}
{{- end }}

{{- define "uvicorn.refusals.hpa" -}}
{{- $autoscaling := .Values.autoscaling }}
{{- if gt (int $autoscaling.minReplicas) (int $autoscaling.maxReplicas) }}
- {{ printf "autoscaling.minReplicas (%d) is above autoscaling.maxReplicas (%d): raise the maximum or lower the minimum." (int $autoscaling.minReplicas) (int $autoscaling.maxReplicas) | toJson }}
{{- end }}
{{- if eq (dig "behavior" "scaleUp" "selectPolicy" "" $autoscaling) "Disabled" }}
- {{ "autoscaling.behavior.scaleUp.selectPolicy is Disabled, so the HPA could never add a pod: set it to Max or Min, or set autoscaling.enabled to false." | toJson }}
{{- end }}
{{- if $autoscaling.targetCPUUtilizationPercentage }}
{{- include "uvicorn.refusals.cpuTarget" . }}
{{- else if not $autoscaling.metrics }}
- {{ "autoscaling.targetCPUUtilizationPercentage is 0 and autoscaling.metrics is empty, so the HPA would have nothing to measure: set one of them, or set autoscaling.enabled to false." | toJson }}
{{- end }}
{{- end }}

{{- define "uvicorn.refusals.cpuTarget" -}}
{{- $autoscaling := .Values.autoscaling }}
{{- $request := .Values.resources.requests.cpu }}
{{- $cores := include "uvicorn.quantity" (default 0 $request) | float64 }}
{{- $percent := int $autoscaling.targetCPUUtilizationPercentage }}
{{- $target := mulf $cores $percent 10 }}
{{- /* The HPA ignores a ratio within its tolerance, which is 0.1 unless the user sets it. */}}
{{- $tolerance := dig "behavior" "scaleUp" "tolerance" "0.1" $autoscaling | include "uvicorn.quantity" | float64 }}
{{- $threshold := mulf $target (addf 1 $tolerance) }}
{{- $usable := int $autoscaling.usableCores }}
{{- $most := mulf (include "uvicorn.quantity" (default $usable .Values.resources.limits.cpu)) 1000 | min (mul 1000 $usable) }}
{{- if eq $cores 0.0 }}
- {{ "resources.requests.cpu is empty or 0, but the HPA's target is a percentage of it: set it, or set autoscaling.enabled to false." | toJson }}
{{- else if ge $threshold (float64 $most) }}
- {{ printf "resources.requests.cpu (%v) × autoscaling.targetCPUUtilizationPercentage (%d %%) is %.0fm, and the HPA acts only above %.0fm (its tolerance), but the Python process in this container uses at most %dm (autoscaling.usableCores, or resources.limits.cpu), so the HPA could never scale up: lower the request or the target, or raise autoscaling.usableCores if native threads use more." $request $percent $target $threshold $most | toJson }}
{{- end }}
{{- end }}
