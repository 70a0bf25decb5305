{{/* Settings that all pods of the chart share: those of the app, of Jobs and of `helm test`. */}}
{{- define "uvicorn.podSettings" -}}
{{- /* A Service called uvicorn would inject UVICORN_PORT=tcp://… */ -}}
enableServiceLinks: false
{{- with include "uvicorn.imagePullSecrets" . }}
{{ . }}
{{- end }}
{{ include "uvicorn.podSecurityContext" . }}
{{- include "uvicorn.podClasses" . }}
{{- with .Values.hostAliases }}
hostAliases: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.dnsConfig }}
dnsConfig: {{- toYaml . | nindent 2 }}
{{- end }}
{{- include "uvicorn.nodes" . }}
{{- end }}
