{{- define "uvicorn.refusals.scaling" -}}
{{- if .Values.autoscaling.enabled }}
{{- include "uvicorn.refusals.hpa" . }}
{{- include (printf "uvicorn.refusals.engine.%s" .Values.autoscaling.engine) . }}
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
{{- else if not (or $autoscaling.metrics (eq $autoscaling.engine "keda")) }}
- {{ "autoscaling.targetCPUUtilizationPercentage is 0 and autoscaling.metrics is empty, so the HPA would have nothing to measure: set one of them, or set autoscaling.enabled to false." | toJson }}
{{- end }}
{{- end }}

{{- define "uvicorn.refusals.engine.hpa" -}}
{{- if not .Values.autoscaling.minReplicas }}
- {{ "autoscaling.minReplicas is 0, but an HPA cannot add a first pod: set it to 1 or more, or set autoscaling.engine to keda." | toJson }}
{{- end }}
{{- if .Values.autoscaling.triggers }}
- {{ "autoscaling.triggers has no effect with autoscaling.engine hpa: set the engine to keda, or use autoscaling.metrics." | toJson }}
{{- end }}
{{- end }}

{{- define "uvicorn.refusals.engine.keda" -}}
{{- /* Only a live cluster has this API; `helm template` knows it if it is told. */}}
{{- if and (.Capabilities.APIVersions.Has "apiregistration.k8s.io/v1") (not (.Capabilities.APIVersions.Has "keda.sh/v1alpha1")) }}
- {{ "autoscaling.engine is keda, but the cluster has no KEDA: install it, or set the engine to hpa." | toJson }}
{{- end }}
{{- /* Helm deletes the HPA only after it has created the ScaledObject, and does not update it before. */}}
{{- with lookup "autoscaling/v2" "HorizontalPodAutoscaler" .Release.Namespace (include "uvicorn.fullname" .) }}
{{- if ne (dig "metadata" "annotations" "validations.keda.sh/hpa-ownership" "" .) "false" }}
- {{ printf "autoscaling.engine is keda, but the HPA %s in the cluster has no annotation validations.keda.sh/hpa-ownership, without which KEDA may refuse to take over: upgrade once with engine hpa before." .metadata.name | toJson }}
{{- end }}
{{- end }}
{{- if ne .Values.runtime "uvicorn-pod" }}
- {{ printf "autoscaling.engine is keda, but runtime %s does not count its requests in flight: set the engine to hpa, or choose runtime uvicorn-pod." .Values.runtime | toJson }}
{{- else if and .Values.networkPolicy.enabled (not .Values.networkPolicy.monitoring) }}
- {{ "autoscaling.engine is keda, but networkPolicy.monitoring is empty, so KEDA could not ask the pods for their requests in flight: add the namespace of KEDA to it." | toJson }}
{{- end }}
{{- $limit := int .Values.uvicorn.limitConcurrency }}
{{- if and $limit (le $limit (int .Values.autoscaling.requestsPerPod)) }}
- {{ printf "uvicorn.limitConcurrency (%d) is not above autoscaling.requestsPerPod (%d), so pods would refuse requests before KEDA adds a pod: raise the limit, or lower the requests per pod." $limit (int .Values.autoscaling.requestsPerPod) | toJson }}
{{- end }}
{{- if not (or .Values.autoscaling.minReplicas .Values.autoscaling.triggers) }}
- {{ "autoscaling.minReplicas is 0 and autoscaling.triggers is empty, so nothing would ever add the first pod: set the minimum to 1 or more, or add a trigger." | toJson }}
{{- end }}
{{- if .Values.autoscaling.metrics }}
- {{ "autoscaling.metrics has no effect with autoscaling.engine keda: use autoscaling.triggers." | toJson }}
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
