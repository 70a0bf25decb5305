{{/* Names, labels, selectors. The selector is name + instance and nothing else: it can never change in a live release. */}}

{{- define "uvicorn.name" -}}
{{- default (include "uvicorn.chartName" .) .Values.nameOverride | trunc 58 | trimSuffix "-" }}
{{- end }}

{{/* The chart's name, or its alias in a parent chart, as object names take it. */}}
{{- define "uvicorn.chartName" -}}
{{- lower .Chart.Name | replace "_" "-" }}
{{- end }}

{{/* A release called like the chart, or ending so, does not repeat the name. 58, so that a suffix of five characters fits in a name of 63. */}}
{{- define "uvicorn.fullname" -}}
{{- $name := default (include "uvicorn.chartName" .) .Values.nameOverride -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (hasSuffix (printf "-%s" $name) (printf "-%s" .Release.Name)) -}}
{{- default $full .Values.fullnameOverride | trunc 58 | trimSuffix "-" }}
{{- end }}

{{- define "uvicorn.selectorLabels" -}}
app.kubernetes.io/name: {{ include "uvicorn.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{/* Labels of objects; pods carry the selector's alone, or a new chart version would restart them. */}}
{{- define "uvicorn.labels" -}}
{{ include "uvicorn.selectorLabels" . }}
{{ include "uvicorn.releaseLabels" . }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "uvicorn.releaseLabels" -}}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* Labels of the test pods: another name than the selector's, or the Service and the HPA would count them as app pods. */}}
{{- define "uvicorn.testSelectorLabels" -}}
app.kubernetes.io/name: {{ include "uvicorn.name" . }}-test
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{- define "uvicorn.testLabels" -}}
{{ include "uvicorn.testSelectorLabels" . }}
{{ include "uvicorn.releaseLabels" . }}
{{- end }}

{{- define "uvicorn.serviceAccountName" -}}
{{- default (ternary (include "uvicorn.fullname" .) "default" .Values.serviceAccount.create) .Values.serviceAccount.name }}
{{- end }}

{{/* Labels of a hook's objects, which are no pods: a Job's, and the user's for every object. */}}
{{- define "uvicorn.hookLabels" -}}
{{ include "uvicorn.jobLabels" . }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}
