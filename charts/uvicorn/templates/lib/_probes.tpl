{{/* One probe from {root, name, path}. uvicorn-pod answers `path` on the management port. Other runtimes use the user's path of the app. */}}
{{- define "uvicorn.probe" -}}
{{- $probe := index .root.Values.probes .name -}}
httpGet:
  {{- if eq .root.Values.runtime "uvicorn-pod" }}
  path: {{ .path }}
  port: management
  {{- else }}
  path: {{ $probe.path }}
  port: http
  {{- with .root.Values.probes.host }}
  httpHeaders:
    - name: Host
      value: {{ . | quote }}
  {{- end }}
  {{- end }}
periodSeconds: {{ int $probe.periodSeconds }}
timeoutSeconds: {{ int $probe.timeoutSeconds }}
failureThreshold: {{ int $probe.failureThreshold }}
{{- end }}

{{/* The three probes. Runtimes without a management port have a liveness probe only if the user sets its path. */}}
{{- define "uvicorn.probes" -}}
startupProbe: {{- include "uvicorn.probe" (dict "root" . "name" "startup" "path" "/startupz") | nindent 2 }}
readinessProbe: {{- include "uvicorn.probe" (dict "root" . "name" "readiness" "path" "/readyz") | nindent 2 }}
{{- if or (eq .Values.runtime "uvicorn-pod") .Values.probes.liveness.path }}
livenessProbe: {{- include "uvicorn.probe" (dict "root" . "name" "liveness" "path" "/livez") | nindent 2 }}
{{- end }}
{{- end }}
