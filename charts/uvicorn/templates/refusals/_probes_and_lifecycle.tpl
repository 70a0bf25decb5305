{{- define "uvicorn.refusals.probesAndLifecycle" -}}
{{- $probes := .Values.probes }}
{{- $runtime := .Values.runtime }}
{{- if eq $runtime "uvicorn-pod" }}
{{- range $name := list "startup" "readiness" "liveness" }}
{{- with (index $probes $name).path }}
- {{ printf "probes.%s.path (%s) would be ignored, because runtime uvicorn-pod answers its probes itself: set it to \"\" and put your own check into the app's lifespan state (docs/runtime.md), or choose runtime uvicorn or image." $name . | toJson }}
{{- end }}
{{- end }}
{{- with $probes.host }}
- {{ printf "probes.host (%s) would be ignored, because the probes of runtime uvicorn-pod do not reach the app: set it to \"\"." . | toJson }}
{{- end }}
{{- else }}
{{- range $name := list "startup" "readiness" }}
{{- if not (index $probes $name).path }}
- {{ printf "probes.%s.path is empty, but runtime %s does not answer probes itself: name a path of the app that answers 2xx or 3xx once it is up." $name $runtime | toJson }}
{{- end }}
{{- end }}
{{- end }}
{{- if ne $runtime "uvicorn-pod" }}
{{- range $name, $value := dict "threadTokens" .Values.threadTokens "uvicorn.requestSeconds" .Values.uvicorn.requestSeconds "uvicorn.bodySeconds" .Values.uvicorn.bodySeconds "retire.memoryPercent" .Values.retire.memoryPercent }}
{{- if $value }}
- {{ printf "%s (%v) would be ignored, because only runtime uvicorn-pod has it: set it to 0, or choose that runtime." $name $value | toJson }}
{{- end }}
{{- end }}
{{- end }}
{{- $blocked := float64 .Values.blockedSeconds }}
{{- if and (gt $blocked 0.0) (lt $blocked 0.2) }}
- {{ printf "blockedSeconds (%v) is too short, because the event loop is measured ten times a second: raise it to at least 0.2, or set it to 0." .Values.blockedSeconds | toJson }}
{{- end }}
{{- if ge $blocked (float64 .Values.management.livenessSeconds) }}
- {{ printf "blockedSeconds (%v) is not less than management.livenessSeconds (%v), so the pod would be restarted before the line is logged: lower blockedSeconds." .Values.blockedSeconds .Values.management.livenessSeconds | toJson }}
{{- end }}
{{- if hasKey .Values.lifecycle "preStop" }}
- {{ "lifecycle.preStop would use up part of the grace period, which the chart computes without it: remove it, and set drainSeconds for the time before the port closes." | toJson }}
{{- end }}
{{- if and (eq .Values.strategy "RollingUpdate") (include "uvicorn.isZeroPods" .Values.rollingUpdate.maxSurge) (include "uvicorn.isZeroPods" .Values.rollingUpdate.maxUnavailable) }}
- {{ "rollingUpdate.maxSurge and rollingUpdate.maxUnavailable are both 0, so an update could never replace a pod: raise one of them." | toJson }}
{{- end }}
{{- end }}
