{{/* Spread constraints; those without a labelSelector get the release's, counted per revision. */}}
{{- define "uvicorn.topologySpreadConstraints" -}}
{{- range .Values.topologySpreadConstraints }}
- {{- toYaml . | nindent 2 }}
  {{- if not (hasKey . "labelSelector") }}
  labelSelector:
    matchLabels: {{- include "uvicorn.selectorLabels" $ | nindent 6 }}
  {{- if not (hasKey . "matchLabelKeys") }}
  matchLabelKeys:
    - pod-template-hash
  {{- end }}
  {{- end }}
{{- end }}
{{- end }}

{{/* The user's affinity; else a wish for another zone. Not a spread constraint, which unlabelled nodes would turn off (values.yaml). */}}
{{- define "uvicorn.affinity" -}}
{{- if .Values.affinity -}}
{{ toYaml .Values.affinity }}
{{- else -}}
podAntiAffinity:
  preferredDuringSchedulingIgnoredDuringExecution:
    - weight: 100
      podAffinityTerm:
        topologyKey: topology.kubernetes.io/zone
        labelSelector:
          matchLabels: {{- include "uvicorn.selectorLabels" . | nindent 12 }}
{{- end -}}
{{- end }}
