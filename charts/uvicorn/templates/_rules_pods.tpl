{{/* Label matchers of this release's pods, whichever monitor scrapes them. */}}
{{- define "uvicorn.podMatchers" -}}
namespace="{{ .Release.Namespace }}",pod=~"{{ include "uvicorn.fullname" . }}{{ include "uvicorn.podSuffix" . }}"
{{- end }}

{{/* What Kubernetes puts behind the object name: `-<up to 10 of hash>-`, cut to 58 characters with the name, and 5 of chance. */}}
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
