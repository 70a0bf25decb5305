{{/* The URLs under which the Ingress and the HTTPRoute serve the app, one a line. */}}
{{- define "uvicorn.urls" -}}
{{- if .Values.ingress.enabled }}
{{- include "uvicorn.ingressUrls" . }}
{{- end }}
{{- if .Values.httpRoute.enabled }}
{{- include "uvicorn.routeUrls" . }}
{{- end }}
{{- end }}

{{- define "uvicorn.ingressUrls" -}}
{{- $withTls := list }}
{{- range .Values.ingress.tls }}
{{- range .hosts }}
{{- $withTls = append $withTls (include "uvicorn.tpl" (dict "root" $ "value" .)) }}
{{- end }}
{{- end }}
{{- range .Values.ingress.hosts }}
{{- $host := include "uvicorn.tpl" (dict "root" $ "value" (default "" .host)) }}
{{- range default (list (dict "path" "/")) .paths }}
{{- if $host }}
{{ ternary "https" "http" (has $host $withTls) }}://{{ $host }}{{ .path }}
{{- else }}
{{ .path }} at the address from `kubectl -n {{ $.Release.Namespace }} get ingress {{ include "uvicorn.fullname" $ }}`
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* The chart does not see the gateway: a parent reference to a listener called https…, or to port 443, means TLS. */}}
{{- define "uvicorn.routeUrls" -}}
{{- $scheme := "http" }}
{{- range .Values.httpRoute.parentRefs }}
{{- if or (hasPrefix "https" (default "" .sectionName)) (eq (default 0 .port | int) 443) }}
{{- $scheme = "https" }}
{{- end }}
{{- end }}
{{- $match := default (list dict) (first .Values.httpRoute.rules).matches | first }}
{{- $path := default "/" (default dict $match.path).value }}
{{- range .Values.httpRoute.hostnames }}
{{ $scheme }}://{{ include "uvicorn.tpl" (dict "root" $ "value" .) }}{{ $path }}
{{- else }}
{{- $parent := include "uvicorn.tpl" (dict "root" . "value" (first .Values.httpRoute.parentRefs)) | fromYaml }}
{{ $path }} at the address from `kubectl -n {{ default .Release.Namespace $parent.namespace }} get gateway {{ $parent.name }}`
{{- end }}
{{- end }}
