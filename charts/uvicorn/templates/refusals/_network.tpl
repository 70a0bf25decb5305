{{- define "uvicorn.refusals.network" -}}
{{- include "uvicorn.refusals.service" . }}
{{- include "uvicorn.refusals.families" . }}
{{- include "uvicorn.refusals.routes" . }}
{{- include "uvicorn.refusals.networkPolicy" . }}
{{- end }}

{{- define "uvicorn.refusals.service" -}}
{{- with .Values.service }}
{{- if and .externalTrafficPolicy (eq .type "ClusterIP") }}
- {{ printf "service.externalTrafficPolicy (%s) has no effect with service.type ClusterIP: set it to \"\", or set service.type to NodePort or LoadBalancer." .externalTrafficPolicy | toJson }}
{{- end }}
{{- if and .nodePort (eq .type "ClusterIP") }}
- {{ printf "service.nodePort (%d) has no effect with service.type ClusterIP: set service.type to NodePort or LoadBalancer, or set service.nodePort to 0." (int .nodePort) | toJson }}
{{- end }}
{{- if and .headless (ne .type "ClusterIP") }}
- {{ printf "service.headless is true, but service.type %s needs a cluster IP: set service.type to ClusterIP, or set service.headless to false." .type | toJson }}
{{- end }}
{{- if and (gt (len (default list .ipFamilies)) 1) (not (hasSuffix "DualStack" (default "" .ipFamilyPolicy))) }}
- {{ "service.ipFamilies names two families, but service.ipFamilyPolicy allows only one: set it to PreferDualStack or RequireDualStack, or name one family." | toJson }}
{{- end }}
{{- with .trafficDistribution }}
{{- $minor := ternary "1.31" "1.34" (eq . "PreferClose") }}
{{- if include "uvicorn.isKubernetesBefore" (dict "root" $ "minor" $minor) }}
- {{ printf "service.trafficDistribution (%s) needs Kubernetes %s, this is %s: remove it." . $minor $.Capabilities.KubeVersion.Version | toJson }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/*
The Service needs an app that listens on each of its families. With PreferDualStack the cluster decides whether there are two, so NOTES.txt
only warns. An image's own command listens where it wants.
*/}}
{{- define "uvicorn.refusals.families" -}}
{{- $host := .Values.uvicorn.host }}
{{- $isDual := eq (default "" .Values.service.ipFamilyPolicy) "RequireDualStack" }}
{{- if and $host (ne .Values.runtime "image") }}
{{- $own := ternary "IPv6" "IPv4" (contains ":" $host) }}
{{- $other := ternary "IPv4" "IPv6" (contains ":" $host) }}
{{- if or $isDual (has $other (default list .Values.service.ipFamilies)) }}
- {{ printf "uvicorn.host (%s) listens only on %s, but the Service also sends requests to %s: set uvicorn.host to \"\", which listens on both, or leave %s out of service.ipFamilies and service.ipFamilyPolicy." $host $own $other $other | toJson }}
{{- end }}
{{- end }}
{{- end }}

{{- define "uvicorn.refusals.routes" -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.hosts) }}
- {{ "ingress.hosts is empty, but ingress.enabled is true: name a host, or set ingress.enabled to false." | toJson }}
{{- end }}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) }}
- {{ "httpRoute.parentRefs is empty, but httpRoute.enabled is true: name a gateway, or set httpRoute.enabled to false." | toJson }}
{{- end }}
{{- end }}

{{- define "uvicorn.refusals.networkPolicy" -}}
{{- /* Without the policy its values are not checked: a base file may hold them for overlays that turn it on. */}}
{{- $policy := .Values.networkPolicy }}
{{- if $policy.enabled }}
{{- if and $policy.egress (not $policy.restrictEgress) }}
- {{ "networkPolicy.egress would be ignored, because networkPolicy.restrictEgress is false and every connection is allowed: set it to true, or set networkPolicy.egress to []." | toJson }}
{{- end }}
{{- if and $policy.monitoring (ne .Values.runtime "uvicorn-pod") }}
- {{ printf "networkPolicy.monitoring would be ignored, because runtime %s has no management port: set it to [], or choose runtime uvicorn-pod." .Values.runtime | toJson }}
{{- end }}
{{- if and (eq .Values.runtime "uvicorn-pod") (not $policy.monitoring) }}
{{- range $scraper := list "podMonitor" "serviceMonitor" "service" }}
{{- if (index $.Values.metrics $scraper).enabled }}
- {{ printf "networkPolicy.monitoring is empty, so the policy blocks every scrape that metrics.%s.enabled asks for: name the peers that scrape, or set metrics.%s.enabled to false." $scraper $scraper | toJson }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
