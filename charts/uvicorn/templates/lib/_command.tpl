{{/* What the app's container starts: `command` in place of the runtime, and `args` after the app. Nothing, if the image decides. */}}
{{- define "uvicorn.command" -}}
{{- $command := .Values.command -}}
{{- $args := default list .Values.args -}}
{{- if ne .Values.runtime "image" -}}
{{- $command = default (list .Values.runtime) $command -}}
{{- if not .Values.uvicorn.host -}}
{{- /* The empty host needs an argument, because the command takes an empty variable for none. */ -}}
{{- $args = prepend $args "--host=" -}}
{{- end -}}
{{- $args = prepend $args .Values.app -}}
{{- end -}}
{{- with $command }}
command: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $args }}
args: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
