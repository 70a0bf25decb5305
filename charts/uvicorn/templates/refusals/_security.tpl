{{- define "uvicorn.refusals.security" -}}
{{- if and .Values.serviceAccount.annotations (not .Values.serviceAccount.create) }}
- {{ "serviceAccount.annotations would be ignored, because the chart does not create the account: annotate it yourself, or set serviceAccount.create to true." | toJson }}
{{- end }}
{{- end }}
