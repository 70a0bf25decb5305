{{/*
Names of values that this chart does not have, each with the way out. A renamed value stays here for one major version. `make docs` lets
the names of this table pass the schema, which would otherwise refuse them without the way out.
*/}}
{{- define "uvicorn.refusals.oldNamesTable" -}}
autoscaling.targetMemoryUtilizationPercentage: add a metric to autoscaling.metrics instead
livenessProbe: set probes.liveness instead
readinessProbe: set probes.readiness instead
{{- end }}

{{- define "uvicorn.refusals.oldNames" -}}
{{- range $name, $wayOut := include "uvicorn.refusals.oldNamesTable" . | fromYaml }}
{{- $values := $.Values }}
{{- $isSet := true }}
{{- range $key := splitList "." $name }}
{{- if and $isSet (kindIs "map" $values) (hasKey $values $key) }}
{{- $values = index $values $key }}
{{- else }}
{{- $isSet = false }}
{{- end }}
{{- end }}
{{- if $isSet }}
- {{ printf "%s is not a value of this chart: %s." $name $wayOut | toJson }}
{{- end }}
{{- end }}
{{- end }}
