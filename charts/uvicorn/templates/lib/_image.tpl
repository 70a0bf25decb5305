{{/* An image reference from {root, image}. It has the digest if one is set, otherwise the tag, otherwise the chart's appVersion. */}}
{{- define "uvicorn.image" -}}
{{- if .image.digest -}}
{{ include "uvicorn.repository" . }}@{{ .image.digest }}
{{- else -}}
{{ include "uvicorn.repository" . }}:{{ default .root.Chart.AppVersion .image.tag }}
{{- end }}
{{- end }}

{{/*
The repository from {root, image}, on global.imageRegistry if that is set. As for Docker, the first part of a repository is a registry if
it has a dot or a port, or is localhost.
*/}}
{{- define "uvicorn.repository" -}}
{{- $repository := .image.repository -}}
{{- with (default dict .root.Values.global).imageRegistry -}}
{{ trimSuffix "/" . }}/{{ regexReplaceAll "^(localhost|[^/]*[.:][^/]*)/" $repository "" }}
{{- else -}}
{{ $repository }}
{{- end }}
{{- end }}

{{/* Whether an image is the reference service or a mirror of it, judged by the last part of its name. */}}
{{- define "uvicorn.isReferenceImage" -}}
{{- if eq (base .repository) "reference" -}}true{{- end -}}
{{- end }}

{{/* The Secrets of this chart and of a parent chart, which may list only their names. */}}
{{- define "uvicorn.imagePullSecrets" -}}
{{- $secrets := list -}}
{{- range concat (default list .Values.imagePullSecrets) (default list (default dict .Values.global).imagePullSecrets) -}}
{{- $secrets = append $secrets (ternary (dict "name" .) . (kindIs "string" .)) -}}
{{- end -}}
{{- with uniq $secrets -}}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
