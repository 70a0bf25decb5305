{{/* An image reference from {root, image}. It has the digest if one is set, otherwise the tag, otherwise the chart's appVersion. */}}
{{- define "uvicorn.image" -}}
{{- if .image.digest -}}
{{ .image.repository }}@{{ .image.digest }}
{{- else -}}
{{ .image.repository }}:{{ default .root.Chart.AppVersion .image.tag }}
{{- end }}
{{- end }}

{{/* Whether an image is the reference service or a mirror of it, judged by the last part of its name. */}}
{{- define "uvicorn.isReferenceImage" -}}
{{- if eq (base .repository) "reference" -}}true{{- end -}}
{{- end }}

{{- define "uvicorn.imagePullSecrets" -}}
{{- with .Values.imagePullSecrets -}}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
