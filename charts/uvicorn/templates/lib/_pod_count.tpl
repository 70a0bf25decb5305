{{/* Whether a number of pods, or a percentage of them, is zero. */}}
{{- define "uvicorn.isZeroPods" -}}
{{- if regexMatch "^0+%?$" (toString .) -}}true{{- end -}}
{{- end }}
