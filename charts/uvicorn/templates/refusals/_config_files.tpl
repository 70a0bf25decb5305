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
