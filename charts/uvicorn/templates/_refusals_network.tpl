{{/* Refusals about what reaches the pods and what they believe. */}}
{{- define "uvicorn.refuse.network" -}}
{{- $keepAlive := int .Values.uvicorn.timeoutKeepAlive -}}
{{- $proxy := int .Values.proxy.keepAliveSeconds -}}
{{- if le $keepAlive $proxy -}}
{{- fail (printf "uvicorn.timeoutKeepAlive (%d) is not above proxy.keepAliveSeconds (%d), so the proxy would send requests into connections that are being closed (502): raise uvicorn.timeoutKeepAlive, or lower proxy.keepAliveSeconds here and in the proxy." $keepAlive $proxy) -}}
{{- end -}}
{{- if has .Values.uvicorn.host (list "127.0.0.1" "::1" "localhost") -}}
{{- fail (printf "uvicorn.host (%s) is loopback, where neither the Service nor the probes can reach it: use 0.0.0.0, or :: for IPv6." .Values.uvicorn.host) -}}
{{- end -}}
{{- if and (eq .Values.runtime "uvicorn-pod") (eq (int .Values.uvicorn.port) (int .Values.management.port)) -}}
{{- fail (printf "uvicorn.port and management.port are both %d, and two servers cannot share a port: change one of them." (int .Values.uvicorn.port)) -}}
{{- end -}}
{{- if and .Values.service.externalTrafficPolicy (eq .Values.service.type "ClusterIP") -}}
{{- fail (printf "service.externalTrafficPolicy (%s) has no meaning for service.type ClusterIP: set it to \"\", or service.type to NodePort or LoadBalancer." .Values.service.externalTrafficPolicy) -}}
{{- end -}}
{{- if and .Values.service.nodePort (eq .Values.service.type "ClusterIP") -}}
{{- fail (printf "service.nodePort (%d) has no meaning for service.type ClusterIP: set service.type to NodePort or LoadBalancer, or service.nodePort to 0." (int .Values.service.nodePort)) -}}
{{- end -}}
{{- if and .Values.service.headless (ne .Values.service.type "ClusterIP") -}}
{{- fail (printf "service.headless is true, but service.type %s needs an address of its own: set service.type to ClusterIP, or service.headless to false." .Values.service.type) -}}
{{- end -}}
{{- if and (gt (len (default list .Values.service.ipFamilies)) 1) (not (hasSuffix "DualStack" (default "" .Values.service.ipFamilyPolicy))) -}}
{{- fail "service.ipFamilies names two families, but service.ipFamilyPolicy does not: set it to PreferDualStack or RequireDualStack, or name one family." -}}
{{- end -}}
{{- end }}

{{- define "uvicorn.refuse.routes" -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.hosts) -}}
{{- fail "ingress.hosts is empty, but ingress.enabled is true: name a host, or set ingress.enabled to false." -}}
{{- end -}}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) -}}
{{- fail "httpRoute.parentRefs is empty, but httpRoute.enabled is true: name a gateway, or set httpRoute.enabled to false." -}}
{{- end -}}
{{- if and .Values.networkPolicy.egress (not .Values.networkPolicy.restrictEgress) -}}
{{- fail "networkPolicy.egress would be ignored, because networkPolicy.restrictEgress is false and every connection is allowed: set it to true, or networkPolicy.egress to []." -}}
{{- end -}}
{{- if and .Values.metrics.podMonitor.enabled .Values.metrics.serviceMonitor.enabled -}}
{{- fail "metrics.podMonitor.enabled and metrics.serviceMonitor.enabled are both true, so every pod would be scraped and counted twice: keep one of them." -}}
{{- end -}}
{{- if ne .Values.runtime "uvicorn-pod" -}}
{{- range $part := list "podMonitor" "service" "serviceMonitor" "prometheusRule" "dashboard" -}}
{{- if (index $.Values.metrics $part).enabled -}}
{{- fail (printf "metrics.%s.enabled is true, but runtime %s has no management port to scrape: set it to false, or choose runtime uvicorn-pod." $part $.Values.runtime) -}}
{{- end -}}
{{- end -}}
{{- if .Values.networkPolicy.monitoring -}}
{{- fail (printf "networkPolicy.monitoring would be ignored, because runtime %s has no management port: set it to [], or choose runtime uvicorn-pod." .Values.runtime) -}}
{{- end -}}
{{- end -}}
{{- end }}
