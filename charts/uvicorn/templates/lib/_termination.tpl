{{/* Seconds from SIGTERM to SIGKILL: the drain, the graceful shutdown, the lifespan, and 5 s of margin. */}}
{{- define "uvicorn.terminationGracePeriodSeconds" -}}
{{- add .Values.drainSeconds .Values.uvicorn.timeoutGracefulShutdown .Values.lifespanSeconds 5 }}
{{- end }}
