{{/* Refusals about an image of the user's own: nothing that fits the reference service alone goes with it. */}}
{{- define "uvicorn.refuse.ownImage" -}}
{{- range $name, $image := dict "image" .Values.image "tests.image" .Values.tests.image -}}
{{- if not (or (include "uvicorn.isReference" $image) $image.tag $image.digest) -}}
{{- fail (printf "%s.repository (%s) has neither a tag nor a digest, and the chart's appVersion is the reference service's: set %s.tag or %s.digest." $name $image.repository $name $name) -}}
{{- end -}}
{{- end -}}
{{- if and (ne .Values.runtime "image") (eq .Values.app "reference.main:app") (not (include "uvicorn.isReference" .Values.image)) -}}
{{- fail (printf "app (reference.main:app) is the reference service, which image.repository (%s) does not hold: set app to your own as MODULE:ATTRIBUTE, or runtime to image." .Values.image.repository) -}}
{{- end -}}
{{- end }}

{{/* Whether an image is the reference service's, or a mirror of it: by the last part of its name. */}}
{{- define "uvicorn.isReference" -}}
{{- if eq (base .repository) "reference" -}}true{{- end -}}
{{- end }}
