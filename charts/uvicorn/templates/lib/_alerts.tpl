{{/*
Alerts on the burn rate of an error budget, from {root, name, what, ratio, budget}. `ratio` is a query for the share of bad requests,
with WINDOW in place of the time window.

Each alert looks at a long window, which shows that the problem matters, and a short one, which shows that it continues (Google SRE
Workbook, chapter 5, "Multiwindow, Multi-Burn-Rate Alerts").
*/}}
{{- define "uvicorn.burnAlerts" -}}
{{- $windows := list
  (dict "long" "1h" "short" "5m" "burn" 14.4 "for" "2m" "severity" "critical")
  (dict "long" "6h" "short" "30m" "burn" 6.0 "for" "15m" "severity" "critical")
  (dict "long" "1d" "short" "2h" "burn" 3.0 "for" "1h" "severity" "warning")
  (dict "long" "3d" "short" "6h" "burn" 1.0 "for" "3h" "severity" "warning") -}}
{{- range $windows }}
- alert: {{ $.name }}
  expr: |-
    {{ replace "WINDOW" .long $.ratio }}
      > {{ mulf .burn $.budget | printf "%.6g" }}
    and
    {{ replace "WINDOW" .short $.ratio }}
      > {{ mulf .burn $.budget | printf "%.6g" }}
  for: {{ .for }}
  labels:
    severity: {{ .severity }}
    window: {{ .long }}
    {{- include "uvicorn.alertLabels" $.root | nindent 4 }}
  annotations:
    summary: {{ printf "%s uses up its error budget at more than %v times the sustainable rate: %s." (include "uvicorn.fullname" $.root) .burn $.what | quote }}
    description: {{ printf "In the last %s, that was {{ $value | humanizePercentage }} of the requests." .long | quote }}
    {{- with include "uvicorn.runbookUrl" $ }}
    runbook_url: {{ quote . }}
    {{- end }}
{{- end }}
{{- end }}

{{/* One alert from {root, name, expr, for, summary}. */}}
{{- define "uvicorn.alert" -}}
- alert: {{ .name }}
  expr: {{ .expr | quote }}
  for: {{ .for }}
  labels:
    severity: warning
    {{- include "uvicorn.alertLabels" .root | nindent 4 }}
  annotations:
    summary: {{ printf "%s: %s" (include "uvicorn.fullname" .root) .summary | quote }}
    {{- with include "uvicorn.runbookUrl" . }}
    runbook_url: {{ quote . }}
    {{- end }}
{{- end }}

{{/* The address of an alert's runbook from {root, name}; nothing if there is none. */}}
{{- define "uvicorn.runbookUrl" -}}
{{- with .root.Values.metrics.prometheusRule.runbookUrl -}}
{{ . }}{{ lower $.name }}
{{- end -}}
{{- end }}

{{- define "uvicorn.alertLabels" -}}
namespace: {{ .Release.Namespace | quote }}
release: {{ .Release.Name | quote }}
{{- end }}
