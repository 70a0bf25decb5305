{{/* Refusals about Jobs and hooks. */}}
{{- define "uvicorn.refuse.jobs" -}}
{{- if hasKey .Values.lifecycle "preStop" -}}
{{- fail "lifecycle.preStop would take its time from the grace period, which the chart computes without it: remove it, drainSeconds is the time before the port closes." -}}
{{- end -}}
{{- if and .Values.migrations.enabled (not .Values.migrations.command) -}}
{{- fail "migrations.command is empty, but migrations.enabled is true: name the command, or set migrations.enabled to false." -}}
{{- end -}}
{{- $names := list -}}
{{- range $index, $job := .Values.cronJobs -}}
{{- $name := printf "%s-%s" (include "uvicorn.fullname" $) $job.name -}}
{{- if gt (len $name) 52 -}}
{{- fail (printf "cronJobs[%d].name (%s) makes the name %s, which is longer than the 52 characters of a CronJob: shorten it, or set fullnameOverride." $index $job.name $name) -}}
{{- end -}}
{{- if has $job.name $names -}}
{{- fail (printf "cronJobs[%d].name (%s) is the name of another of them: choose another." $index $job.name) -}}
{{- end -}}
{{- $names = append $names $job.name -}}
{{- end -}}
{{- end }}
