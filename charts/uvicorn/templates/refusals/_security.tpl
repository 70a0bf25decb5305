{{- define "uvicorn.refusals.security" -}}
{{- if and .Values.serviceAccount.annotations (not .Values.serviceAccount.create) }}
- {{ "serviceAccount.annotations would be ignored, because the chart does not create the account: annotate it yourself, or set serviceAccount.create to true." | toJson }}
{{- end }}
{{- if and .Values.serviceAccount.create (eq (default "" .Values.serviceAccount.name) "default") }}
- {{ "serviceAccount.name is default, an account that Kubernetes creates in every namespace, so Helm cannot: choose another name, or set serviceAccount.create to false." | toJson }}
{{- end }}
{{- end }}
