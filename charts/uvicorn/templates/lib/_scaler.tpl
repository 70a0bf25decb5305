{{/* What sets the number of pods: "hpa", "keda", or nothing. */}}
{{- define "uvicorn.scaler" -}}
{{- if .Values.autoscaling.enabled -}}
{{ .Values.autoscaling.engine }}
{{- end -}}
{{- end }}

{{/* Whether the live release has a ScaledObject. Helm fails to look up a kind that the cluster does not have. */}}
{{- define "uvicorn.hasScaledObject" -}}
{{- if .Capabilities.APIVersions.Has "keda.sh/v1alpha1" -}}
{{- if lookup "keda.sh/v1alpha1" "ScaledObject" .Release.Namespace (include "uvicorn.fullname" .) -}}true{{- end -}}
{{- end -}}
{{- end }}

{{/*
The name of the HPA. KEDA's has a suffix. With one name for both, an upgrade between the engines would delete the new HPA with the old one.
KEDA's own default, a prefix of nine characters, could exceed the 63 that its admission webhook allows.
*/}}
{{- define "uvicorn.hpaName" -}}
{{- include "uvicorn.fullname" . }}{{ if eq (include "uvicorn.scaler" .) "keda" }}-keda{{ end }}
{{- end }}
