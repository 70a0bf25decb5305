{{/* The contract between chart and container. The chart refuses these names in the user's env (refusals/_environment.tpl). */}}
{{- define "uvicorn.env" -}}
{{- $runtime := .Values.runtime -}}
{{- with .Values.uvicorn -}}
- {name: UVICORN_HOST, value: {{ .host | quote }}}
- {name: UVICORN_PORT, value: {{ int .port | quote }}}
{{- /* Never auto, which falls back silently to slower implementations. */}}
- {name: UVICORN_LOOP, value: uvloop}
- {name: UVICORN_HTTP, value: httptools}
- {name: UVICORN_WORKERS, value: "1"}
- {name: WEB_CONCURRENCY, value: "1"}
- {name: UVICORN_SERVER_HEADER, value: "false"}
- {name: UVICORN_TIMEOUT_KEEP_ALIVE, value: {{ int .timeoutKeepAlive | quote }}}
- {name: UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN, value: {{ int .timeoutGracefulShutdown | quote }}}
- {name: UVICORN_FORWARDED_ALLOW_IPS, value: {{ .forwardedAllowIps | quote }}}
- {name: UVICORN_ACCESS_LOG, value: {{ .accessLog | quote }}}
{{- with .rootPath }}
- {name: UVICORN_ROOT_PATH, value: {{ . | quote }}}
{{- end }}
{{- with .logLevel }}
- {name: UVICORN_LOG_LEVEL, value: {{ . | quote }}}
{{- end }}
{{- with .limitConcurrency }}
- {name: UVICORN_LIMIT_CONCURRENCY, value: {{ int . | quote }}}
{{- end }}
{{- with .backlog }}
- {name: UVICORN_BACKLOG, value: {{ int . | quote }}}
{{- end }}
{{- end }}
{{- if eq $runtime "uvicorn-pod" }}
- {name: UVICORN_DRAIN_SECONDS, value: {{ int .Values.drainSeconds | quote }}}
- {name: UVICORN_LIFESPAN_SECONDS, value: {{ int .Values.lifespanSeconds | quote }}}
- {name: UVICORN_MANAGEMENT_PORT, value: {{ int .Values.management.port | quote }}}
- {name: UVICORN_LIVENESS_SECONDS, value: {{ int .Values.management.livenessSeconds | quote }}}
- {name: UVICORN_MAX_WAIT_SECONDS, value: {{ .Values.overload.maxWaitSeconds | quote }}}
- {name: UVICORN_MAX_CONNECTION_SECONDS, value: {{ .Values.uvicorn.maxConnectionSeconds | quote }}}
- {name: UVICORN_REQUEST_SECONDS, value: {{ .Values.uvicorn.requestSeconds | quote }}}
- {name: UVICORN_BODY_SECONDS, value: {{ .Values.uvicorn.bodySeconds | quote }}}
- {name: UVICORN_RETIRE_MEMORY_PERCENT, value: {{ .Values.retire.memoryPercent | quote }}}
- {name: UVICORN_RETIRE_SECONDS, value: {{ include "uvicorn.retireSeconds" . | quote }}}
- {name: UVICORN_BLOCKED_SECONDS, value: {{ .Values.blockedSeconds | quote }}}
{{- with .Values.threadTokens }}
- {name: UVICORN_THREAD_TOKENS, value: {{ int . | quote }}}
{{- end }}
{{- end }}
{{- /* For every runtime, because an app that compresses its answers itself may read them too. */}}
{{- with .Values.gzip }}
- {name: UVICORN_GZIP, value: {{ .enabled | quote }}}
- {name: UVICORN_GZIP_MINIMUM_SIZE, value: {{ int .minimumSize | quote }}}
- {name: UVICORN_GZIP_COMPRESSLEVEL, value: {{ int .level | quote }}}
{{- /* The runtime refuses zstd without gzip. */}}
- {name: UVICORN_ZSTD, value: {{ and .enabled .zstd | quote }}}
{{- end }}
{{- range (include "uvicorn.userEnv" . | fromJson).ordered }}
- {{ toJson . }}
{{- end }}
{{- end }}

{{/* Until Kubernetes has removed an unready pod from the endpoints: its failing probes, and about 2 s until each node's kube-proxy knows. */}}
{{- define "uvicorn.retireSeconds" -}}
{{- with .Values.probes.readiness -}}
{{- add (mul (int .periodSeconds) (int .failureThreshold)) 2 -}}
{{- end -}}
{{- end }}
