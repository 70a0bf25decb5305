{{- define "uvicorn.refusals.resources" -}}
{{- $limits := .Values.resources.limits }}
{{- range $name, $request := .Values.resources.requests }}
{{- with index $limits $name }}
{{- if and $request (gt (include "uvicorn.quantity" $request | float64) (include "uvicorn.quantity" . | float64)) }}
- {{ printf "resources.requests.%s (%v) is above resources.limits.%s (%v): lower the request or raise the limit." $name $request $name . | toJson }}
{{- end }}
{{- end }}
{{- end }}
{{- include "uvicorn.refusals.memory" . }}
{{- include "uvicorn.refusals.emptyDirs" . }}
{{- with index $limits "ephemeral-storage" }}
{{- if and (not (include "uvicorn.hasOwnTmp" $)) (ge (include "uvicorn.quantity" $.Values.tmp.sizeLimit | float64) (include "uvicorn.quantity" . | float64)) }}
- {{ printf "tmp.sizeLimit (%v) is not below resources.limits.ephemeral-storage (%v), which counts /tmp and the logs: lower it, or raise the limit." $.Values.tmp.sizeLimit . | toJson }}
{{- end }}
{{- end }}
{{- if and .Values.resizePolicy (include "uvicorn.isKubernetesBefore" (dict "root" . "minor" "1.33")) }}
- {{ printf "resizePolicy needs Kubernetes 1.33, this is %s: remove it." .Capabilities.KubeVersion.Version | toJson }}
{{- end }}
{{- end }}

{{/* An image's own command may be small, but no process runs in less than a mebibyte: there, a unit is missing. */}}
{{- define "uvicorn.refusals.memory" -}}
{{- $least := ternary "1Mi" "32Mi" (eq .Values.runtime "image") }}
{{- range $kind := list "requests" "limits" }}
{{- with (index $.Values.resources $kind).memory }}
{{- if lt (include "uvicorn.quantity" . | float64) (include "uvicorn.quantity" $least | float64) }}
- {{ printf "resources.%s.memory (%v) is less than the %s that the process needs to start: raise it, with a unit as in 128Mi (without a unit it counts bytes)." $kind . $least | toJson }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* The kubelet compares a pod's disk use with the sum of its containers' limits. */}}
{{- define "uvicorn.refusals.emptyDirs" -}}
{{- $own := index .Values.resources.limits "ephemeral-storage" }}
{{- if $own }}
{{- $limit := include "uvicorn.quantity" $own | float64 }}
{{- range .Values.sidecars }}
{{- $limits := default dict (default dict .resources).limits }}
{{- $limit = addf $limit (index $limits "ephemeral-storage" | default 0 | include "uvicorn.quantity" | float64) }}
{{- end }}
{{- range $index, $volume := .Values.volumes }}
{{- $directory := default dict $volume.emptyDir }}
{{- if and $directory.sizeLimit (ne (default "" $directory.medium) "Memory") (ge (include "uvicorn.quantity" $directory.sizeLimit | float64) $limit) }}
- {{ printf "volumes[%d].emptyDir.sizeLimit (%v) is not below resources.limits.ephemeral-storage (%v), so a pod that fills the volume is evicted: lower it, or raise the limit." $index $directory.sizeLimit $own | toJson }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
