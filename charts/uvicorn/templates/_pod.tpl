{{/* Pieces of a pod that more than one template needs. */}}

{{/* An image reference from {image, root}: the digest where there is one, else the tag, else the chart's appVersion. */}}
{{- define "uvicorn.image" -}}
{{- if .image.digest -}}
{{ .image.repository }}@{{ .image.digest }}
{{- else -}}
{{ .image.repository }}:{{ default .root.Chart.AppVersion .image.tag }}
{{- end }}
{{- end }}

{{/* Resources without their empty entries; the memory limit is the request unless it is set. */}}
{{- define "uvicorn.resources" -}}
{{- $filled := dict "requests" dict "limits" dict -}}
{{- range $kind := list "requests" "limits" -}}
{{- range $name, $quantity := index $.Values.resources $kind -}}
{{- if $quantity -}}
{{- $_ := set (index $filled $kind) $name (toString $quantity) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- with $filled.requests.memory -}}
{{- $_ := set $filled.limits "memory" (default . $filled.limits.memory) -}}
{{- end -}}
{{ toYaml $filled }}
{{- end }}

{{/* Sidecars (init containers that go on) and init containers; where they say nothing, the chart's securityContext holds. */}}
{{- define "uvicorn.initContainers" -}}
{{- range $kind := list "sidecars" "initContainers" }}
{{- range index $.Values $kind }}
{{- $container := deepCopy . -}}
{{- if eq $kind "sidecars" -}}
{{- $_ := set $container "restartPolicy" "Always" -}}
{{- end -}}
{{- /* Key by key: sprig's merge takes false for "not set". */}}
{{- $context := deepCopy $.Values.securityContext -}}
{{- range $key, $value := .securityContext -}}
{{- $_ := set $context $key $value -}}
{{- end -}}
{{- $_ := set $container "securityContext" $context }}
- {{- toYaml $container | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}
