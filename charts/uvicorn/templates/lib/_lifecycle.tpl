{{/* The user's postStart. If the runtime does not drain, a sleep before SIGTERM does it. */}}
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
