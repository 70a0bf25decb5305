{{- define "uvicorn.refusals.environment" -}}
{{- include "uvicorn.refusals.envNames" . }}
{{- include "uvicorn.refusals.envValues" . }}
{{- include "uvicorn.refusals.circularVariables" . }}
{{- end }}

{{- define "uvicorn.refusals.envNames" -}}
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

{{/* YAML reads more texts as booleans and numbers than users expect, and the chart cannot know what they wrote. */}}
{{- define "uvicorn.refusals.envValues" -}}
{{- range $name, $value := .Values.env }}
{{- if kindIs "map" $value }}
{{- if ne (len $value.valueFrom) 1 }}
- {{ printf "env.%s.valueFrom has %d sources, and Kubernetes needs exactly one: keep one of them and set the others to null." $name (len $value.valueFrom) | toJson }}
{{- end }}
{{- else if kindIs "bool" $value }}
- {{ printf "env.%s (%v) is a boolean, which may differ from what you wrote (off and NO become false): quote it, or use --set-string env.%s=…." $name $value $name | toJson }}
{{- else if not (or (kindIs "string" $value) (regexMatch "^-?[0-9]{1,15}$" (toJson $value))) }}
- {{ printf "env.%s (%v) is a number that may differ from what you wrote (1.10 becomes 1.1, and long numbers lose digits): quote it, or use --set-string env.%s=…." $name $value $name | toJson }}
{{- end }}
{{- end }}
{{- end }}

{{- define "uvicorn.refusals.circularVariables" -}}
{{- $circular := list }}
{{- range (include "uvicorn.userEnv" . | fromJson).circular }}
{{- $circular = append $circular .name }}
{{- end }}
{{- with $circular }}
- {{ printf "env and extraEnv have variables that refer to each other (%s), so Kubernetes could not resolve them: remove one of the references." (join ", " .) | toJson }}
{{- end }}
{{- end }}

{{/* Variables that users cannot set, each with its reason or the value to use instead. */}}
{{- define "uvicorn.refusals.chartVariables" -}}
FORWARDED_ALLOW_IPS: set uvicorn.forwardedAllowIps instead
GZIP_COMPRESSLEVEL: set gzip.level instead
GZIP_MINIMUM_SIZE: set gzip.minimumSize instead
UVICORN_ACCESS_LOG: set uvicorn.accessLog instead
UVICORN_APP: set app instead
UVICORN_BACKLOG: set uvicorn.backlog instead
UVICORN_BLOCKED_SECONDS: set blockedSeconds instead
UVICORN_BODY_SECONDS: set uvicorn.bodySeconds instead
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
UVICORN_MAX_CONNECTION_SECONDS: set uvicorn.maxConnectionSeconds instead
UVICORN_MAX_WAIT_SECONDS: set overload.maxWaitSeconds instead
UVICORN_PORT: set uvicorn.port instead
UVICORN_RELOAD: remove it, because a reloader is a second process in the pod
UVICORN_REQUEST_SECONDS: set uvicorn.requestSeconds instead
UVICORN_RETIRE_MEMORY_PERCENT: set retire.memoryPercent instead
UVICORN_RETIRE_SECONDS: remove it, because the chart computes it from probes.readiness
UVICORN_ROOT_PATH: set uvicorn.rootPath instead
UVICORN_SERVER_HEADER: remove it, because the chart never sends a server header
UVICORN_SSL_CERTFILE: remove it and end TLS at the proxy, because the chart's probes and Service speak HTTP
UVICORN_SSL_KEYFILE: remove it and end TLS at the proxy, because the chart's probes and Service speak HTTP
UVICORN_THREAD_TOKENS: set threadTokens instead
UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN: set uvicorn.timeoutGracefulShutdown instead
UVICORN_TIMEOUT_KEEP_ALIVE: set uvicorn.timeoutKeepAlive instead
UVICORN_UDS: remove it, because the chart's probes and Service need the port of uvicorn.port
UVICORN_WORKERS: remove it and scale by pods (autoscaling.minReplicas, or replicaCount), because the HPA and the probes measure one process
UVICORN_ZSTD: set gzip.zstd instead
WEB_CONCURRENCY: remove it and scale by pods (autoscaling.minReplicas, or replicaCount), because the HPA and the probes measure one process
{{- end }}
