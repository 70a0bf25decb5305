{{- define "uvicorn.refusals.resources" -}}
{{- $limits := .Values.resources.limits }}
{{- range $name, $request := .Values.resources.requests }}
{{- with index $limits $name }}
{{- if and $request (gt (include "uvicorn.quantity" $request | float64) (include "uvicorn.quantity" . | float64)) }}
- {{ printf "resources.requests.%s (%v) is above resources.limits.%s (%v): lower the request or raise the limit." $name $request $name . | toJson }}
{{- end }}
{{- end }}
{{- end }}
{{- with index $limits "ephemeral-storage" }}
{{- if and (not (include "uvicorn.hasOwnTmp" $)) (ge (include "uvicorn.quantity" $.Values.tmp.sizeLimit | float64) (include "uvicorn.quantity" . | float64)) }}
- {{ printf "tmp.sizeLimit (%v) is not below resources.limits.ephemeral-storage (%v), which counts /tmp and the logs: lower it, or raise the limit." $.Values.tmp.sizeLimit . | toJson }}
{{- end }}
{{- end }}
{{- if and .Values.resizePolicy (include "uvicorn.isKubernetesBefore" (dict "root" . "minor" "1.33")) }}
- {{ printf "resizePolicy needs Kubernetes 1.33, this is %s: remove it." .Capabilities.KubeVersion.Version | toJson }}
{{- end }}
{{- end }}
