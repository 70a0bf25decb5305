{{/* The user's sidecars, which are init containers that keep running, and then the user's init containers. */}}
{{- define "uvicorn.initContainers" -}}
{{- range $kind := list "sidecars" "initContainers" }}
{{- range index $.Values $kind }}
{{- $container := deepCopy . -}}
{{- if eq $kind "sidecars" -}}
{{- $_ := set $container "restartPolicy" "Always" -}}
{{- end -}}
{{- $_ := include "uvicorn.userContainerSecurityContext" (dict "root" $ "container" .) | fromYaml | set $container "securityContext" }}
- {{- toYaml $container | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}
