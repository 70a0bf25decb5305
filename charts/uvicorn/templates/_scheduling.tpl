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

{{/* Where and how every pod of the chart runs, whatever is in it: the app's, a Job's or the test's. */}}
{{- define "uvicorn.podSettings" -}}
{{- /* A Service called uvicorn would inject UVICORN_PORT=tcp://… */ -}}
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
securityContext: {{- toYaml .Values.podSecurityContext | nindent 2 }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- with .Values.runtimeClassName }}
runtimeClassName: {{ . | quote }}
{{- end }}
{{- with .Values.hostAliases }}
hostAliases: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.dnsConfig }}
dnsConfig: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
