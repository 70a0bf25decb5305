{{- define "uvicorn.refusals.environment" -}}
{{- include "uvicorn.refusals.env" . }}
{{- include "uvicorn.refusals.listening" . }}
{{- include "uvicorn.refusals.trustedProxies" . }}
{{- end }}

{{- define "uvicorn.refusals.env" -}}
{{- $chartVariables := include "uvicorn.refusals.chartVariables" . | fromYaml }}
{{- range $name, $_ := .Values.env }}
{{- with index $chartVariables $name }}
- {{ printf "env.%s cannot be set, because the chart sets it: %s." $name . | toJson }}
{{- end }}
{{- end }}
{{- $seen := dict }}
{{- range $index, $entry := .Values.extraEnv }}
{{- with index $chartVariables $entry.name }}
- {{ printf "extraEnv[%d] (%s) cannot be set, because the chart sets it: %s." $index $entry.name . | toJson }}
{{- end }}
{{- if hasKey $seen $entry.name }}
- {{ printf "extraEnv[%d] (%s) is in extraEnv twice, and one of the two would be ignored: remove one." $index $entry.name | toJson }}
{{- end }}
{{- $_ := set $seen $entry.name true }}
{{- if hasKey $.Values.env $entry.name }}
- {{ printf "extraEnv[%d] (%s) is also in env, and one of the two would be ignored: remove one." $index $entry.name | toJson }}
{{- end }}
{{- end }}
{{- end }}

{{/* Variables that users cannot set, each with its reason or the value to use instead. */}}
{{- define "uvicorn.refusals.chartVariables" -}}
FORWARDED_ALLOW_IPS: set uvicorn.forwardedAllowIps instead
GZIP_COMPRESSLEVEL: set gzip.level instead
GZIP_ENABLED: set gzip.enabled instead
GZIP_MINIMUM_SIZE: set gzip.minimumSize instead
UVICORN_ACCESS_LOG: set uvicorn.accessLog instead
UVICORN_APP: set app instead
UVICORN_BACKLOG: set uvicorn.backlog instead
UVICORN_DRAIN_SECONDS: set drainSeconds instead
UVICORN_FD: remove it, because the chart's probes and Service need the port of uvicorn.port
UVICORN_FORWARDED_ALLOW_IPS: set uvicorn.forwardedAllowIps instead
UVICORN_GZIP: set gzip.enabled instead
UVICORN_GZIP_COMPRESSLEVEL: set gzip.level instead
UVICORN_GZIP_MINIMUM_SIZE: set gzip.minimumSize instead
UVICORN_HOST: set uvicorn.host instead
UVICORN_HTTP: remove it, because the chart always uses httptools
UVICORN_HTTP2: remove it, because HTTP/2 needs another parser than httptools, which the chart always uses
UVICORN_LIFESPAN_SECONDS: set lifespanSeconds instead
UVICORN_LIMIT_CONCURRENCY: set uvicorn.limitConcurrency instead
UVICORN_LIVENESS_SECONDS: set management.livenessSeconds instead
UVICORN_LOG_LEVEL: set uvicorn.logLevel instead
UVICORN_LOOP: remove it, because the chart always uses uvloop
UVICORN_MANAGEMENT_PORT: set management.port instead
UVICORN_PORT: set uvicorn.port instead
UVICORN_RELOAD: remove it, because a reloader is a second process in the pod
UVICORN_ROOT_PATH: set uvicorn.rootPath instead
UVICORN_SERVER_HEADER: remove it, because the chart never sends a server header
UVICORN_SSL_CERTFILE: remove it and end TLS at the proxy, because the chart's probes and Service speak HTTP
UVICORN_SSL_KEYFILE: remove it and end TLS at the proxy, because the chart's probes and Service speak HTTP
UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN: set uvicorn.timeoutGracefulShutdown instead
UVICORN_TIMEOUT_KEEP_ALIVE: set uvicorn.timeoutKeepAlive instead
UVICORN_UDS: remove it, because the chart's probes and Service need the port of uvicorn.port
UVICORN_WORKERS: remove it and scale by pods (autoscaling.minReplicas, or replicaCount), because the HPA and the probes measure one process
WEB_CONCURRENCY: remove it and scale by pods (autoscaling.minReplicas, or replicaCount), because the HPA and the probes measure one process
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
