{{- define "uvicorn.podSecurityContext" -}}
{{- $context := deepCopy .Values.podSecurityContext }}
{{- /* Linux keeps ports below 1024 for root unless a sysctl says otherwise. "restricted" allows this one. */}}
{{- if lt (int .Values.uvicorn.port) 1024 }}
{{- $name := "net.ipv4.ip_unprivileged_port_start" }}
{{- $sysctls := default list $context.sysctls }}
{{- if not (contains (printf "%q" $name) (toJson $sysctls)) }}
{{- $_ := dict "name" $name "value" (int .Values.uvicorn.port | toString) | append $sysctls | set $context "sysctls" }}
{{- end }}
{{- end -}}
securityContext: {{- toYaml $context | nindent 2 }}
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
