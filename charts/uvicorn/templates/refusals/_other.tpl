{{- define "uvicorn.refusals.other" -}}
{{- include "uvicorn.refusals.names" . }}
{{- include "uvicorn.refusals.labels" . }}
{{- include "uvicorn.refusals.annotations" . }}
{{- include "uvicorn.refusals.containers" . }}
{{- include "uvicorn.refusals.volumes" . }}
{{- include "uvicorn.refusals.image" (dict "name" "tests.image" "image" .Values.tests.image) }}
{{- end }}

{{- define "uvicorn.refusals.names" -}}
{{- range $name := list "nameOverride" "fullnameOverride" }}
{{- with index $.Values $name }}
{{- if gt (len .) 58 }}
- {{ printf "%s (%s) has %d characters, but the chart adds suffixes and can use only 58: shorten it." $name . (len .) | toJson }}
{{- end }}
{{- end }}
{{- end }}
{{- $fullname := include "uvicorn.fullname" . }}
{{- if regexMatch "^[0-9]" $fullname }}
- {{ printf "The object name %s begins with a digit, but a Service's name must begin with a letter: set fullnameOverride." $fullname | toJson }}
{{- end }}
{{- end }}

{{- define "uvicorn.refusals.labels" -}}
{{- range $label := keys (include "uvicorn.selectorLabels" . | fromYaml) | sortAlpha }}
{{- if hasKey (default dict $.Values.podLabels) $label }}
- {{ printf "podLabels holds %s, which is a label of the selector: remove it, or set nameOverride before the first install." $label | toJson }}
{{- end }}
{{- end }}
{{- range $label, $_ := .Values.commonLabels }}
{{- if include "uvicorn.isChartLabel" $label }}
- {{ printf "commonLabels holds %s, which the chart sets itself: remove it." $label | toJson }}
{{- end }}
{{- end }}
{{- end }}

{{- define "uvicorn.refusals.annotations" -}}
{{- range $name := list "checksum/config" "kubectl.kubernetes.io/default-container" }}
{{- if hasKey (default dict $.Values.podAnnotations) $name }}
- {{ printf "podAnnotations holds %s, which the chart sets itself: remove it." $name | toJson }}
{{- end }}
{{- end }}
{{- $replicas := include "uvicorn.replicasAnnotation" . }}
{{- if hasKey (default dict .Values.deploymentAnnotations) $replicas }}
- {{ printf "deploymentAnnotations holds %s, which the chart sets itself: remove it." $replicas | toJson }}
{{- end }}
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
