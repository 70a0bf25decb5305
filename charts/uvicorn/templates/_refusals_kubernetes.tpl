{{/* Values that an API server too old for them drops in silence, or takes only with a feature gate that is off by default. */}}
{{- define "uvicorn.refuse.kubernetes" -}}
{{- $needs := dict -}}
{{- range $direction, $rules := .Values.autoscaling.behavior -}}
{{- if hasKey $rules "tolerance" -}}
{{- $_ := set $needs (printf "autoscaling.behavior.%s.tolerance" $direction) "1.35" -}}
{{- end -}}
{{- end -}}
{{- with .Values.service.trafficDistribution -}}
{{- $_ := set $needs (printf "service.trafficDistribution (%s)" .) (ternary "1.31" "1.34" (eq . "PreferClose")) -}}
{{- end -}}
{{- if .Values.resizePolicy -}}
{{- $_ := set $needs "resizePolicy" "1.33" -}}
{{- end -}}
{{- range $value, $minor := $needs -}}
{{- if semverCompare (printf "<%s.0-0" $minor) $.Capabilities.KubeVersion.Version -}}
{{- fail (printf "%s needs Kubernetes %s, this is %s: remove it." $value $minor $.Capabilities.KubeVersion.Version) -}}
{{- end -}}
{{- end -}}
{{- end }}
