{{/*
The pod of a Job from {root, name, job, serviceAccount, config}. It has the app's image, environment, files, sidecars, security context
and placement. `job` are the user's values for this Job. Its labels differ from those of the app's pods (see lib/_labels.tpl).
*/}}
{{- define "uvicorn.jobPod" -}}
{{- with .root -}}
metadata:
  labels: {{- toYaml (merge (dict) (default dict $.job.labels) .Values.podLabels (include "uvicorn.jobLabels" . | fromYaml)) | nindent 4 }}
  {{- with merge (dict) (default dict $.job.annotations) (default dict .Values.podAnnotations) }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  restartPolicy: Never
  serviceAccountName: {{ $.serviceAccount }}
  automountServiceAccountToken: {{ .Values.serviceAccount.automount }}
  {{- include "uvicorn.podSettings" . | nindent 2 }}
  {{- with .Values.affinity }}
  affinity: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if include "uvicorn.hasSidecars" $.job }}
  {{- with include "uvicorn.userContainers" (dict "root" . "kinds" (list "sidecars")) }}
  initContainers: {{- trim . | nindent 4 }}
  {{- end }}
  {{- end }}
  containers:
    - name: {{ $.name }}
      image: {{ include "uvicorn.image" (dict "root" . "image" .Values.image) | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      command: {{- toYaml $.job.command | nindent 8 }}
      {{- with $.job.args }}
      args: {{- toYaml . | nindent 8 }}
      {{- end }}
      env: {{- include "uvicorn.jobEnv" (dict "root" . "env" $.job.env) | trim | nindent 8 }}
      {{- with .Values.envFrom }}
      envFrom: {{- include "uvicorn.tpl" (dict "root" $.root "value" .) | nindent 8 }}
      {{- end }}
      resources: {{- toYaml (default (include "uvicorn.resources" . | fromYaml) $.job.resources) | nindent 8 }}
      {{- include "uvicorn.containerSecurityContext" . | nindent 6 }}
      volumeMounts: {{- include "uvicorn.volumeMounts" . | nindent 8 }}
  volumes: {{- include "uvicorn.volumes" (dict "root" . "config" $.config) | nindent 4 }}
{{- end }}
{{- end }}

{{/* When the objects of the migrations run as hooks, from {root, weight}. Their account and files come first, because the release's do not exist yet. */}}
{{- define "uvicorn.migrationHook" -}}
helm.sh/hook: {{ ternary "pre-install,pre-upgrade" "post-install,post-upgrade" (eq .root.Values.migrations.when "before") }}
helm.sh/hook-weight: {{ .weight | quote }}
{{- /* Helm 3 and 4 delete all of them once all have succeeded. A failed Job stays, with its log, until the next run. */}}
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end }}

{{/* Whether a Job, given by the user's values for it, runs the sidecars. It does unless they are turned off. */}}
{{- define "uvicorn.hasSidecars" -}}
{{- if ne (toString .sidecars) "false" -}}true{{- end -}}
{{- end }}
