{{/* Whether the cluster is older than the version in {root, minor}. Such a cluster drops newer fields silently. */}}
{{- define "uvicorn.isKubernetesBefore" -}}
{{- if semverCompare (printf "<%s.0-0" .minor) .root.Capabilities.KubeVersion.Version -}}true{{- end -}}
{{- end }}
