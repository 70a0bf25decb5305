{{/* The resources without their empty entries. The memory limit is the memory request unless it is set. */}}
{{- define "uvicorn.resources" -}}
{{- $filled := dict "requests" dict "limits" dict -}}
{{- range $kind := list "requests" "limits" -}}
{{- range $name, $quantity := index $.Values.resources $kind -}}
{{- if $quantity -}}
{{- $_ := set (index $filled $kind) $name (toString $quantity) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- with $filled.requests.memory -}}
{{- $_ := set $filled.limits "memory" (default . $filled.limits.memory) -}}
{{- end -}}
{{ toYaml $filled }}
{{- end }}
