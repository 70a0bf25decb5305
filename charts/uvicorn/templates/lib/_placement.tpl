{{/* The topology spread constraints. One without a labelSelector gets the release's, counted per revision. */}}
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

{{/*
The user's affinity. By default, pods prefer a zone without another pod of the release. This is not a spread constraint, because nodes
without a zone label would disable that one (see values.yaml).
*/}}
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

{{- define "uvicorn.podClasses" -}}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- with .Values.runtimeClassName }}
runtimeClassName: {{ . | quote }}
{{- end }}
{{- end }}

{{- define "uvicorn.nodes" -}}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
