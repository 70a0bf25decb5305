{{/* PromQL label matchers of this release's pods. They fit the PodMonitor and the ServiceMonitor. */}}
{{- define "uvicorn.podMatchers" -}}
namespace="{{ .Release.Namespace }}",pod=~"{{ include "uvicorn.fullname" . }}{{ include "uvicorn.podSuffix" . }}"
{{- end }}

{{/*
A pattern for the suffix that Kubernetes adds to the object name: `-<hash of up to 10 characters>-`, cut to 58 characters together with
the name, and then 5 random characters.
*/}}
{{- define "uvicorn.podSuffix" -}}
{{- $length := len (include "uvicorn.fullname" .) -}}
{{- if lt $length 47 -}}
-[a-z0-9]+-[a-z0-9]+
{{- else if lt $length 58 -}}
-([a-z0-9]+-[a-z0-9]{5}|[a-z0-9]{{ printf "{%d}" (sub 62 $length) }})
{{- else -}}
[a-z0-9]{5}
{{- end -}}
{{- end }}
