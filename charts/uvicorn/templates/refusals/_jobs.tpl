{{- define "uvicorn.refusals.jobs" -}}
{{- if and .Values.migrations.enabled (not .Values.migrations.command) }}
- {{ "migrations.command is empty, but migrations.enabled is true: set the command, or set migrations.enabled to false." | toJson }}
{{- end }}
{{- $names := list }}
{{- range $index, $job := .Values.cronJobs }}
{{- $name := printf "%s-%s" (include "uvicorn.fullname" $) $job.name }}
{{- if gt (len $name) 52 }}
- {{ printf "cronJobs[%d].name (%s) makes the name %s, which is longer than the 52 characters that a CronJob's name may have: shorten it, or set fullnameOverride." $index $job.name $name | toJson }}
{{- end }}
{{- if has $job.name $names }}
- {{ printf "cronJobs[%d].name (%s) is already the name of another CronJob: choose another." $index $job.name | toJson }}
{{- end }}
{{- $names = append $names $job.name }}
{{- end }}
{{- end }}
