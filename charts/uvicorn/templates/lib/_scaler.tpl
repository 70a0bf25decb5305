{{/* What sets the number of pods: "hpa", "keda", or nothing. */}}
{{- define "uvicorn.scaler" -}}
{{- if .Values.autoscaling.enabled -}}
{{ .Values.autoscaling.engine }}
{{- end -}}
{{- end }}

{{/*
The name of the HPA. KEDA's has another name, so that an upgrade from one to the other finds no HPA that belongs to somebody else.
*/}}
{{- define "uvicorn.hpaName" -}}
{{- if eq (include "uvicorn.scaler" .) "keda" }}keda-hpa-{{ end }}{{ include "uvicorn.fullname" . }}
{{- end }}
