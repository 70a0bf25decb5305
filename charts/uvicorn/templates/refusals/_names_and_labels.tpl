{{- define "uvicorn.refusals.namesAndLabels" -}}
{{- include "uvicorn.refusals.names" . }}
{{- include "uvicorn.refusals.labels" . }}
{{- include "uvicorn.refusals.annotations" . }}
{{- end }}

{{- define "uvicorn.refusals.names" -}}
{{- range $name := list "nameOverride" "fullnameOverride" }}
{{- with index $.Values $name }}
{{- if gt (len .) 58 }}
- {{ printf "%s (%s) has %d characters, but the chart adds suffixes and can use only 58: shorten it." $name . (len .) | toJson }}
{{- end }}
{{- end }}
{{- end }}
{{- $fullname := include "uvicorn.fullname" . }}
{{- if regexMatch "^[0-9]" $fullname }}
- {{ printf "The object name %s begins with a digit, but a Service's name must begin with a letter: set fullnameOverride." $fullname | toJson }}
{{- end }}
{{- end }}

{{- define "uvicorn.refusals.labels" -}}
{{- range $label := keys (include "uvicorn.selectorLabels" . | fromYaml) | sortAlpha }}
{{- if hasKey (default dict $.Values.podLabels) $label }}
- {{ printf "podLabels holds %s, which is a label of the selector: remove it, or set nameOverride before the first install." $label | toJson }}
{{- end }}
{{- end }}
{{- range $label, $_ := .Values.commonLabels }}
{{- if include "uvicorn.isChartLabel" $label }}
- {{ printf "commonLabels holds %s, which the chart sets itself: remove it." $label | toJson }}
{{- end }}
{{- end }}
{{- end }}

{{- define "uvicorn.refusals.annotations" -}}
{{- range $name := list "checksum/config" "kubectl.kubernetes.io/default-container" }}
{{- if hasKey (default dict $.Values.podAnnotations) $name }}
- {{ printf "podAnnotations holds %s, which the chart sets itself: remove it." $name | toJson }}
{{- end }}
{{- end }}
{{- $replicas := include "uvicorn.replicasAnnotation" . }}
{{- if hasKey (default dict .Values.deploymentAnnotations) $replicas }}
- {{ printf "deploymentAnnotations holds %s, which the chart sets itself: remove it." $replicas | toJson }}
{{- end }}
{{- end }}
