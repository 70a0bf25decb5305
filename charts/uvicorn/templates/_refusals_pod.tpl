{{/* Refusals about probes and about names within the pod. */}}
{{- define "uvicorn.refuse.probes" -}}
{{- $probes := .Values.probes -}}
{{- $runtime := .Values.runtime -}}
{{- if eq $runtime "uvicorn-pod" -}}
{{- range $name := list "startup" "readiness" "liveness" -}}
{{- with (index $probes $name).path -}}
{{- fail (printf "probes.%s.path (%s) would be ignored, because runtime uvicorn-pod answers its probes itself: set it to \"\", or choose runtime uvicorn or image." $name .) -}}
{{- end -}}
{{- end -}}
{{- with $probes.host -}}
{{- fail (printf "probes.host (%s) would be ignored, because the probes of runtime uvicorn-pod do not reach the app: set it to \"\"." .) -}}
{{- end -}}
{{- else -}}
{{- range $name := list "startup" "readiness" -}}
{{- if not (index $probes $name).path -}}
{{- fail (printf "probes.%s.path is empty, but runtime %s has no probe of its own: name a path of the app that answers 2xx or 3xx when it is up." $name $runtime) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $budget := mul $probes.startup.periodSeconds $probes.startup.failureThreshold -}}
{{- if le $budget (int64 .Values.lifespanSeconds) -}}
{{- fail (printf "probes.startup.periodSeconds × failureThreshold (%d s) is not above lifespanSeconds (%d), so an app may be restarted while it still starts: raise probes.startup.failureThreshold." $budget (int .Values.lifespanSeconds)) -}}
{{- end -}}
{{- end }}

{{/* Names that the pod has already. */}}
{{- define "uvicorn.refuse.pod" -}}
{{- range $index, $volume := .Values.volumes -}}
{{- if has $volume.name (list "tmp" "config") -}}
{{- fail (printf "volumes[%d] is called %s, a name of the chart's own: choose another." $index $volume.name) -}}
{{- end -}}
{{- end -}}
{{- $names := list "app" -}}
{{- range $kind := list "sidecars" "initContainers" -}}
{{- range $index, $container := index $.Values $kind -}}
{{- if has $container.name $names -}}
{{- fail (printf "%s[%d] is called %s, the name of another container: choose another." $kind $index $container.name) -}}
{{- end -}}
{{- $names = append $names $container.name -}}
{{- range $container.ports -}}
{{- if has .name (list "http" "management") -}}
{{- fail (printf "%s[%d] has a port called %s, the name by which the Service and the probes find the app: choose another." $kind $index .name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}
