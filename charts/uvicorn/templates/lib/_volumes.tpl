{{/* The mounts of each container that runs the app's image. */}}
{{- define "uvicorn.volumeMounts" -}}
{{- if not (include "uvicorn.hasOwnTmp" .) -}}
- name: tmp
  mountPath: /tmp
{{- end }}
{{- if .Values.config.files }}
- name: config
  mountPath: {{ .Values.config.mountPath }}
  readOnly: true
{{- end }}
{{- with .Values.volumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* The volumes of these mounts, from {root, config}. `config` is the name of the ConfigMap with config.files. */}}
{{- define "uvicorn.volumes" -}}
{{- if not (include "uvicorn.hasOwnTmp" .root) -}}
- name: tmp
  emptyDir:
    sizeLimit: {{ .root.Values.tmp.sizeLimit }}
{{- end }}
{{- if .root.Values.config.files }}
- name: config
  configMap:
    name: {{ .config }}
{{- end }}
{{- with .root.Values.volumes }}
{{ include "uvicorn.tpl" (dict "root" $.root "value" .) }}
{{- end }}
{{- end }}

{{/* Whether the user mounts one of `volumes` at /tmp. It then replaces the chart's. */}}
{{- define "uvicorn.hasOwnTmp" -}}
{{- $names := list -}}
{{- range .Values.volumes -}}{{- $names = append $names .name -}}{{- end -}}
{{- range .Values.volumeMounts -}}
{{- if and (eq (trimSuffix "/" .mountPath) "/tmp") (has .name $names) -}}true{{- end -}}
{{- end -}}
{{- end }}
