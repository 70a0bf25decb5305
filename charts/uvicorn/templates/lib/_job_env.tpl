{{/*
The app's environment for a Job, from {root, env}. A variable in `env` stands in the place of the app's, so that $(NAME) in a later one
finds it. New variables come last.
*/}}
{{- define "uvicorn.jobEnv" -}}
{{- $rest := dict -}}
{{- /* The chart removes the nulls of maps, but not of those inside the list cronJobs. */ -}}
{{- range $name, $value := .env -}}
{{- if not (kindIs "invalid" $value) -}}
{{- $_ := set $rest $name $value -}}
{{- end -}}
{{- end -}}
{{- range include "uvicorn.env" .root | fromYamlArray }}
{{- if hasKey $rest .name }}
- {{ include "uvicorn.variable" (dict "name" .name "value" (index $rest .name)) }}
{{- $rest = omit $rest .name }}
{{- else }}
- {{ toJson . }}
{{- end }}
{{- end }}
{{- range $name, $value := $rest }}
- {{ include "uvicorn.variable" (dict "name" $name "value" $value) }}
{{- end }}
{{- end }}

{{/* One variable from {name, value}: text, or a map with valueFrom. */}}
{{- define "uvicorn.variable" -}}
{{- if kindIs "string" .value -}}
{{ toJson . }}
{{- else -}}
{{ dict "name" .name | merge (deepCopy .value) | toJson }}
{{- end -}}
{{- end }}
