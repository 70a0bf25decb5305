{{/* The name in the selector. It must never change in a live release. */}}
{{- define "uvicorn.name" -}}
{{- default (include "uvicorn.chartName" .) .Values.nameOverride | include "uvicorn.shortName" }}
{{- end }}

{{/* The chart's name, or its alias in a parent chart, in the form that object names allow. */}}
{{- define "uvicorn.chartName" -}}
{{- lower .Chart.Name | replace "_" "-" }}
{{- end }}

{{/*
The name of the objects. A release whose name is the chart's name, or ends with it, does not repeat it.
*/}}
{{- define "uvicorn.fullname" -}}
{{- $name := default (include "uvicorn.chartName" .) .Values.nameOverride -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (hasSuffix (printf "-%s" $name) (printf "-%s" .Release.Name)) -}}
{{- default $full .Values.fullnameOverride | include "uvicorn.shortName" }}
{{- end }}

{{/*
A name of at most 58 characters, so that a suffix of five characters still fits into the 63 of a Kubernetes name. A longer name ends in a
hash of all its characters: otherwise two names with the same beginning would become one.
*/}}
{{- define "uvicorn.shortName" -}}
{{- if gt (len .) 58 -}}
{{ trunc 49 . | trimSuffix "-" }}-{{ sha256sum . | trunc 8 }}
{{- else -}}
{{ trimSuffix "-" . }}
{{- end -}}
{{- end }}

{{- define "uvicorn.serviceAccountName" -}}
{{- $name := include "uvicorn.tpl" (dict "root" . "value" (default "" .Values.serviceAccount.name)) -}}
{{- default (ternary (include "uvicorn.fullname" .) "default" .Values.serviceAccount.create) $name }}
{{- end }}
