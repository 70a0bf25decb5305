{{/* One probe from {root, name, path}: `path` on the management port for uvicorn-pod, else the app's own path on its port. */}}
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

{{/* The three probes; the runtimes without a management port have no liveness probe unless its path is named. */}}
{{- define "uvicorn.probes" -}}
startupProbe: {{- include "uvicorn.probe" (dict "root" . "name" "startup" "path" "/startupz") | nindent 2 }}
readinessProbe: {{- include "uvicorn.probe" (dict "root" . "name" "readiness" "path" "/readyz") | nindent 2 }}
{{- if or (eq .Values.runtime "uvicorn-pod") .Values.probes.liveness.path }}
livenessProbe: {{- include "uvicorn.probe" (dict "root" . "name" "liveness" "path" "/livez") | nindent 2 }}
{{- end }}
{{- end }}

{{/* Seconds in which a new pod must get ready: what the startup probe and minReadySeconds grant, and a minute to spare. */}}
{{- define "uvicorn.progressDeadlineSeconds" -}}
{{- with .Values.probes.startup -}}
{{- mul .periodSeconds .failureThreshold | add $.Values.minReadySeconds 60 | max 600 -}}
{{- end -}}
{{- end }}
