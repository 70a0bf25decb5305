{{/*
The pod of a Job from {root, name, command, args, resources, serviceAccount, config}. It has the app's image, environment, files,
security context and placement. Its labels differ from those of the app's pods (see lib/_labels.tpl).
*/}}
{{- define "uvicorn.jobPod" -}}
{{- with .root -}}
metadata:
  labels: {{- toYaml (merge (deepCopy .Values.podLabels) (include "uvicorn.jobLabels" . | fromYaml)) | nindent 4 }}
  {{- with .Values.podAnnotations }}
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
  containers:
    - name: {{ $.name }}
      image: {{ include "uvicorn.image" (dict "root" . "image" .Values.image) | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      command: {{- toYaml $.command | nindent 8 }}
      {{- with $.args }}
      args: {{- toYaml . | nindent 8 }}
      {{- end }}
      env: {{- include "uvicorn.env" . | nindent 8 }}
      {{- with .Values.envFrom }}
      envFrom: {{- include "uvicorn.tpl" (dict "root" $.root "value" .) | nindent 8 }}
      {{- end }}
      resources: {{- toYaml (default (include "uvicorn.resources" . | fromYaml) $.resources) | nindent 8 }}
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
