{{- define "uvicorn.refusals.uvicornOptions" -}}
{{- include "uvicorn.refusals.listening" . }}
{{- include "uvicorn.refusals.trustedProxies" . }}
{{- end }}

{{- define "uvicorn.refusals.listening" -}}
{{- $keepAlive := int .Values.uvicorn.timeoutKeepAlive }}
{{- $proxy := int .Values.proxy.keepAliveSeconds }}
{{- if le $keepAlive $proxy }}
- {{ printf "uvicorn.timeoutKeepAlive (%d) is not above proxy.keepAliveSeconds (%d), so the proxy would send requests into connections that are being closed (502): raise uvicorn.timeoutKeepAlive, or lower proxy.keepAliveSeconds here and in the proxy." $keepAlive $proxy | toJson }}
{{- end }}
{{- if has .Values.uvicorn.host (list "127.0.0.1" "::1" "localhost") }}
- {{ printf "uvicorn.host (%s) is a loopback address, which neither the Service nor the probes can reach: use 0.0.0.0, or :: for IPv6." .Values.uvicorn.host | toJson }}
{{- end }}
{{- if and (eq .Values.runtime "uvicorn-pod") (eq (int .Values.uvicorn.port) (int .Values.management.port)) }}
- {{ printf "uvicorn.port and management.port are both %d, and two servers cannot share a port: change one of them." (int .Values.uvicorn.port) | toJson }}
{{- end }}
{{- end }}

{{/* uvicorn takes an entry that is neither an address nor a network for a host name, which no client ever has. */}}
{{- define "uvicorn.refusals.trustedProxies" -}}
{{- $trusted := .Values.uvicorn.forwardedAllowIps }}
{{- if and (regexMatch "(^|[\\s,])(\\*|0\\.0\\.0\\.0/0|::/0)($|[\\s,])" $trusted) (not .Values.uvicorn.trustEveryProxy) }}
- {{ printf "uvicorn.forwardedAllowIps (%s) lets anyone who reaches a pod forge a client's address: list the proxy's addresses or networks, or set uvicorn.trustEveryProxy to true if only the proxy can reach the pods." $trusted | toJson }}
{{- end }}
{{- range $entry := splitList "," $trusted }}
{{- if not (include "uvicorn.isAddressOrNetwork" (trim $entry)) }}
- {{ printf "uvicorn.forwardedAllowIps (%s) holds %q, which is neither an address nor a network (such as 10.0.0.0/8 or fd00::/8), so no proxy would match it: correct it, and separate several entries with commas." $trusted (trim $entry) | toJson }}
{{- end }}
{{- end }}
{{- end }}
