{{- define "uvicorn.podSecurityContext" -}}
securityContext: {{- toYaml .Values.podSecurityContext | nindent 2 }}
{{- end }}

{{- define "uvicorn.containerSecurityContext" -}}
securityContext: {{- toYaml .Values.securityContext | nindent 2 }}
{{- end }}

{{/* The security context of one of the user's containers: the chart's, except for the keys that the container sets. */}}
{{- define "uvicorn.userContainerSecurityContext" -}}
{{- /* Set key by key, because sprig's merge takes false for "not set". */}}
{{- $context := deepCopy .root.Values.securityContext -}}
{{- range $key, $value := .container.securityContext -}}
{{- $_ := set $context $key $value -}}
{{- end -}}
{{ toYaml $context }}
{{- end }}
