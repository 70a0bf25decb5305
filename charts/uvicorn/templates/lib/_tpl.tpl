{{/* A value from {root, value} as text or YAML, with its templates rendered. */}}
{{- define "uvicorn.tpl" -}}
{{- $text := ternary .value (toYaml .value) (kindIs "string" .value) -}}
{{- if contains "{{" $text -}}
{{ tpl $text .root }}
{{- else -}}
{{ $text }}
{{- end -}}
{{- end }}
