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
{{- $runsNextToApp := or (eq $kind "sidecars") (eq (default "" $container.restartPolicy) "Always") }}
{{- range $container.ports }}
{{- $port := index (include "uvicorn.refusals.portsOfApp" $ | fromYaml) (toString .containerPort) }}
{{- if and $port $runsNextToApp (eq (default "TCP" .protocol) "TCP") }}
- {{ printf "%s[%d] listens on port %d, which is %s, and all containers of a pod share their ports: change one of them." $kind $index (int .containerPort) $port | toJson }}
{{- end }}
{{- if has .name (list "http" "management") }}
- {{ printf "%s[%d] has a port called %s, the name by which the Service and the probes find the app: choose another." $kind $index .name | toJson }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* The ports on which the app's container listens, port → value. */}}
{{- define "uvicorn.refusals.portsOfApp" -}}
"{{ int .Values.uvicorn.port }}": uvicorn.port
{{- if eq .Values.runtime "uvicorn-pod" }}
"{{ int .Values.management.port }}": management.port
{{- end }}
{{- end }}

{{- define "uvicorn.refusals.volumes" -}}
{{- range $index, $volume := .Values.volumes }}
{{- if has $volume.name (ternary (list "tmp" "config") (list "config") (empty (include "uvicorn.hasOwnTmp" $))) }}
- {{ printf "volumes[%d] is called %s, which is the name of a volume of the chart: choose another." $index $volume.name | toJson }}
{{- end }}
{{- end }}
{{- $mounted := ternary (list "/tmp") list (empty (include "uvicorn.hasOwnTmp" .)) }}
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
