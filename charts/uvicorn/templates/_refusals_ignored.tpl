{{/* What protects or identifies the pods, and would be ignored. */}}
{{- define "uvicorn.refuse.ignored" -}}
{{- if not .Values.networkPolicy.enabled -}}
{{- range $name := list "from" "monitoring" "restrictEgress" -}}
{{- if index $.Values.networkPolicy $name -}}
{{- fail (printf "networkPolicy.%s would be ignored, because networkPolicy.enabled is false: set it to true, or remove networkPolicy.%s." $name $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and .Values.serviceAccount.annotations (not .Values.serviceAccount.create) -}}
{{- fail "serviceAccount.annotations would be ignored, because the account is not the chart's: annotate it yourself, or set serviceAccount.create to true." -}}
{{- end -}}
{{- range $name := list "checksum/config" "kubectl.kubernetes.io/default-container" -}}
{{- if hasKey (default dict $.Values.podAnnotations) $name -}}
{{- fail (printf "podAnnotations holds %s, which the chart sets itself: remove it." $name) -}}
{{- end -}}
{{- end -}}
{{- if hasKey (default dict .Values.deploymentAnnotations) (include "uvicorn.replicasAnnotation" .) -}}
{{- fail (printf "deploymentAnnotations holds %s, which the chart sets itself: remove it." (include "uvicorn.replicasAnnotation" .)) -}}
{{- end -}}
{{- end }}
