{{- define "uvicorn.refusals.containersAndVolumes" -}}
{{- include "uvicorn.refusals.containers" . }}
{{- include "uvicorn.refusals.volumes" . }}
{{- end }}

{{- define "uvicorn.refusals.containers" -}}
{{- $names := list "app" }}
{{- range $kind := list "sidecars" "initContainers" }}
{{- range $index, $container := index $.Values $kind }}
{{- if has $container.name $names }}
- {{ printf "%s[%d] is called %s, which is the name of another container: choose another." $kind $index $container.name | toJson }}
{{- end }}
{{- $names = append $names $container.name }}
{{- range $container.ports }}
{{- if has .name (list "http" "management") }}
- {{ printf "%s[%d] has a port called %s, the name by which the Service and the probes find the app: choose another." $kind $index .name | toJson }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "uvicorn.refusals.volumes" -}}
{{- range $index, $volume := .Values.volumes }}
{{- if has $volume.name (list "tmp" "config") }}
- {{ printf "volumes[%d] is called %s, which is the name of a volume of the chart: choose another." $index $volume.name | toJson }}
{{- end }}
{{- end }}
{{- $mounted := list "/tmp" }}
{{- if .Values.config.files }}
{{- $mounted = append $mounted (trimSuffix "/" .Values.config.mountPath) }}
{{- end }}
{{- range $index, $mount := .Values.volumeMounts }}
{{- $path := trimSuffix "/" $mount.mountPath }}
{{- if has $path $mounted }}
- {{ printf "volumeMounts[%d].mountPath (%s) is already mounted: choose another." $index $mount.mountPath | toJson }}
{{- end }}
{{- $mounted = append $mounted $path }}
{{- end }}
{{- end }}
