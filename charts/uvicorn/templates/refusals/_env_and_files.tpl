{{- define "uvicorn.refusals.envAndFiles" -}}
{{- include "uvicorn.refusals.envValues" . }}
{{- include "uvicorn.refusals.circularVariables" . }}
{{- include "uvicorn.refusals.configFiles" . }}
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

{{/* A mount hides everything below its path. */}}
{{- define "uvicorn.refusals.configFiles" -}}
{{- if .Values.config.files }}
{{- $path := clean .Values.config.mountPath }}
{{- $hidden := list }}
{{- range $needed := list "/app" "/bin" "/dev" "/etc/ssl/certs" "/lib" "/lib64" "/opt/venv/bin" "/opt/venv/lib" "/proc" "/sbin" "/sys" "/tmp" "/usr/bin" "/usr/lib" "/usr/local/bin" "/usr/local/lib" }}
{{- if hasPrefix (printf "%s/" (trimSuffix "/" $path)) (printf "%s/" $needed) }}
{{- $hidden = append $hidden $needed }}
{{- end }}
{{- end }}
{{- with $hidden }}
- {{ printf "config.mountPath (%s) would hide %s, which the app needs: choose another directory, such as /etc/app." $.Values.config.mountPath (first .) | toJson }}
{{- end }}
{{- end }}
{{- end }}
