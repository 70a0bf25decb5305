{{/* Seconds from SIGTERM to SIGKILL: the sum of what may happen in between, and five to spare. */}}
{{- define "uvicorn.gracePeriodSeconds" -}}
{{- add .Values.drainSeconds .Values.uvicorn.timeoutGracefulShutdown .Values.lifespanSeconds 5 }}
{{- end }}

{{/* The user's postStart; and a sleep before SIGTERM where the runtime does not drain by itself. */}}
{{- define "uvicorn.lifecycle" -}}
{{- with .Values.lifecycle }}
{{- toYaml . | nindent 0 }}
{{- end }}
{{- if and (ne .Values.runtime "uvicorn-pod") .Values.drainSeconds }}
preStop:
  sleep:
    seconds: {{ int .Values.drainSeconds }}
{{- end }}
{{- end }}
