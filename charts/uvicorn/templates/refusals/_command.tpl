{{- define "uvicorn.refusals.command" -}}
{{- include "uvicorn.refusals.server" . }}
{{- if ne .Values.runtime "image" }}
{{- include "uvicorn.refusals.options" . }}
{{- end }}
{{- end }}

{{/* A command that starts another server than the one whose probes and drain the chart renders. */}}
{{- define "uvicorn.refusals.server" -}}
{{- $runtime := .Values.runtime }}
{{- range $index, $word := .Values.command }}
{{- $program := base $word }}
{{- if and (ne $runtime "image") (ne $program $runtime) (has $program (list "uvicorn-pod" "uvicorn" "gunicorn" "hypercorn" "daphne" "granian")) }}
- {{ printf "command[%d] (%s) starts another server than runtime %s, so the probes and the drain would not fit: start %s, or set runtime to %s." $index $word $runtime $runtime (ternary $program "image" (hasPrefix "uvicorn" $program)) | toJson }}
{{- end }}
{{- if and (eq $runtime "image") (eq $program "uvicorn-pod") }}
- {{ printf "command[%d] (%s) drains the pod itself, but runtime image adds a second drain: set runtime to uvicorn-pod, which appends app to the command." $index $word | toJson }}
{{- end }}
{{- end }}
{{- end }}

{{/* Options would win over the chart's variables. In `command`, only the words after the runtime's name are its options. */}}
{{- define "uvicorn.refusals.options" -}}
{{- $isOption := false }}
{{- range $index, $word := .Values.command }}
{{- if $isOption }}
{{- include "uvicorn.refusals.option" (dict "root" $ "name" (printf "command[%d]" $index) "word" $word) }}
{{- end }}
{{- $isOption = or $isOption (eq (base $word) $.Values.runtime) }}
{{- end }}
{{- range $index, $word := .Values.args }}
{{- include "uvicorn.refusals.option" (dict "root" $ "name" (printf "args[%d]" $index) "word" $word) }}
{{- if and (eq $index 0) (regexMatch "^[A-Za-z_][A-Za-z0-9_.]*:[A-Za-z_][A-Za-z0-9_.]*$" $word) }}
- {{ printf "args[0] (%s) would be a second app, because the chart writes app before args: set app instead." $word | toJson }}
{{- end }}
{{- end }}
{{- end }}

{{/* One word from {root, name, word}. */}}
{{- define "uvicorn.refusals.option" -}}
{{- $option := regexReplaceAll "^--(no-)?|=.*" .word "" | upper | replace "-" "_" | printf "UVICORN_%s" }}
{{- with index (include "uvicorn.refusals.chartVariables" .root | fromYaml) (ternary $option "" (hasPrefix "--" .word)) }}
- {{ printf "%s (%s) cannot be set, because the chart sets it: %s." $.name $.word . | toJson }}
{{- end }}
{{- end }}
