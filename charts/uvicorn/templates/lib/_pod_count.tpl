{{/* Whether a value is empty or null, for values in which 0 counts. */}}
{{- define "uvicorn.isUnset" -}}
{{- if or (kindIs "invalid" .) (eq "" (toString .)) -}}true{{- end -}}
{{- end }}

{{/* The number of pods in {share, count}: a number, or a percentage of the count, which Kubernetes rounds up. */}}
{{- define "uvicorn.podsOf" -}}
{{- if kindIs "string" .share -}}
{{ div (regexFind "[1-9][0-9]*" .share | int | mul .count | add 99) 100 }}
{{- else -}}
{{ int .share }}
{{- end -}}
{{- end }}

{{/* Whether a number of pods, or a percentage of them, is zero. */}}
{{- define "uvicorn.isZeroPods" -}}
{{- if regexMatch "^0+%?$" (toString .) -}}true{{- end -}}
{{- end }}
