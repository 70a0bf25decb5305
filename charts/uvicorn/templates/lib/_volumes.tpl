{{/* The mounts of each container that runs the app's image. */}}
{{- define "uvicorn.volumeMounts" -}}
- name: tmp
  mountPath: /tmp
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
- name: tmp
  emptyDir:
    sizeLimit: {{ .root.Values.tmp.sizeLimit }}
{{- if .root.Values.config.files }}
- name: config
  configMap:
    name: {{ .config }}
{{- end }}
{{- with .root.Values.volumes }}
{{ include "uvicorn.tpl" (dict "root" $.root "value" .) }}
{{- end }}
{{- end }}
