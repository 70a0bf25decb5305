{{/* Names, labels, selectors. The selector is name + instance and nothing else: it can never change in a live release. */}}

{{- define "uvicorn.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 58 | trimSuffix "-" }}
{{- end }}

{{/* A release called like the chart does not repeat the name. 58, so that a suffix of five characters fits in a name of 63. */}}
{{- define "uvicorn.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- default $full .Values.fullnameOverride | trunc 58 | trimSuffix "-" }}
{{- end }}

{{- define "uvicorn.selectorLabels" -}}
app.kubernetes.io/name: {{ include "uvicorn.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
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
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "uvicorn.testLabels" -}}
{{ include "uvicorn.testSelectorLabels" . }}
{{ include "uvicorn.releaseLabels" . }}
{{- end }}

{{- define "uvicorn.serviceAccountName" -}}
{{- default (ternary (include "uvicorn.fullname" .) "default" .Values.serviceAccount.create) .Values.serviceAccount.name }}
{{- end }}
