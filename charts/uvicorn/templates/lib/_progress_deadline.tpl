{{/* Seconds in which a new pod must become ready: the startup probe's time, minReadySeconds and a minute, but at least 600. */}}
{{- define "uvicorn.progressDeadlineSeconds" -}}
{{- with .Values.probes.startup -}}
{{- mul .periodSeconds .failureThreshold | add $.Values.minReadySeconds 60 | max 600 -}}
{{- end -}}
{{- end }}
