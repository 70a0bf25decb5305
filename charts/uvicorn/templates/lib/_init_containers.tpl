{{/* The user's sidecars, which are init containers that keep running, and then the user's init containers. */}}
{{- define "uvicorn.initContainers" -}}
{{- include "uvicorn.userContainers" (dict "root" . "kinds" (list "sidecars" "initContainers")) -}}
{{- end }}

{{/* The user's containers of some kinds, from {root, kinds}. */}}
{{- define "uvicorn.userContainers" -}}
{{- range $kind := .kinds }}
{{- range index $.root.Values $kind }}
{{- $container := deepCopy . -}}
{{- if eq $kind "sidecars" -}}
{{- $_ := set $container "restartPolicy" "Always" -}}
{{- end -}}
{{- $_ := include "uvicorn.userContainerSecurityContext" (dict "root" $.root "container" .) | fromYaml | set $container "securityContext" }}
- {{- toYaml $container | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}
