{{/* A place can be mounted once. */}}
{{- define "uvicorn.refuse.mounts" -}}
{{- $places := list "/tmp" -}}
{{- if .Values.config.files -}}
{{- $places = append $places (trimSuffix "/" .Values.config.mountPath) -}}
{{- end -}}
{{- range $index, $mount := .Values.volumeMounts -}}
{{- $place := trimSuffix "/" $mount.mountPath -}}
{{- if has $place $places -}}
{{- fail (printf "volumeMounts[%d].mountPath (%s) is mounted already: choose another." $index $mount.mountPath) -}}
{{- end -}}
{{- $places = append $places $place -}}
{{- end -}}
{{- end }}
