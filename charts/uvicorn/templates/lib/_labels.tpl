{{/* The selector is name and instance only, because a selector cannot change in a live release. */}}
{{- define "uvicorn.selectorLabels" -}}
app.kubernetes.io/name: {{ include "uvicorn.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{/* Labels of objects. Pods carry only the selector's labels, because a new chart version would otherwise restart them. */}}
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

{{/* Labels that select the pod of `helm test`. Its name differs, so that the Service and the HPA do not count it as a pod of the app. */}}
{{- define "uvicorn.testSelectorLabels" -}}
app.kubernetes.io/name: {{ include "uvicorn.name" . }}-test
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{- define "uvicorn.testLabels" -}}
{{ include "uvicorn.testSelectorLabels" . }}
{{ include "uvicorn.releaseLabels" . }}
{{- end }}

{{/* Labels of the pods of Jobs. Their name differs, so that the Service, the HPA and the PDB do not count them as pods of the app. */}}
{{- define "uvicorn.jobLabels" -}}
app.kubernetes.io/name: {{ include "uvicorn.name" . }}-job
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{ include "uvicorn.releaseLabels" . }}
{{- end }}

{{/* Labels of a hook's objects that are not pods: those of a Job, and the user's labels for every object. */}}
{{- define "uvicorn.hookLabels" -}}
{{ include "uvicorn.jobLabels" . }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Whether the chart may set this label on an object. */}}
{{- define "uvicorn.isChartLabel" -}}
{{- if regexMatch "^(app[.]kubernetes[.]io/(name|instance|version|managed-by|component)|helm[.]sh/chart)$" . -}}true{{- end -}}
{{- end }}
