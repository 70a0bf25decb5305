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
- {name: UVICORN_GZIP, value: {{ .Values.gzip.enabled | quote }}}
{{- end }}
- {name: GZIP_ENABLED, value: {{ .Values.gzip.enabled | quote }}}
- {name: GZIP_MINIMUM_SIZE, value: {{ int .Values.gzip.minimumSize | quote }}}
- {name: GZIP_COMPRESSLEVEL, value: {{ int .Values.gzip.level | quote }}}
{{- range (include "uvicorn.userEnv" . | fromJson).ordered }}
- {{ toJson . }}
{{- end }}
{{- end }}
