{{/* The extra ports that the app's container names: numbers among the targets, each once. A sidecar names its ports itself. */}}
{{- define "uvicorn.extraContainerPorts" -}}
{{- $seen := list (printf "%d/TCP" (int .Values.uvicorn.port)) -}}
{{- range .Values.service.extraPorts -}}
{{- $protocol := default "TCP" .protocol -}}
{{- $key := printf "%v/%s" .targetPort $protocol -}}
{{- if not (or (kindIs "string" .targetPort) (has $key $seen)) }}
- name: {{ .name }}
  containerPort: {{ int .targetPort }}
  protocol: {{ $protocol }}
{{- $seen = append $seen $key -}}
{{- end }}
{{- end }}
{{- end }}

{{/* The extra ports of the Service. */}}
{{- define "uvicorn.extraServicePorts" -}}
{{- range .Values.service.extraPorts }}
- name: {{ .name }}
  port: {{ int .port }}
  targetPort: {{ .targetPort }}
  protocol: {{ default "TCP" .protocol }}
  {{- with .appProtocol }}
  appProtocol: {{ . }}
  {{- end }}
  {{- with .nodePort }}
  nodePort: {{ int . }}
  {{- end }}
{{- end }}
{{- end }}
