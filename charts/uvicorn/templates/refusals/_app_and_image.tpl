{{- define "uvicorn.refusals.appAndImage" -}}
{{- include "uvicorn.refusals.image" (dict "name" "image" "image" .Values.image) }}
{{- include "uvicorn.refusals.image" (dict "name" "tests.image" "image" .Values.tests.image) }}
{{- if and (ne .Values.runtime "image") (eq .Values.app "reference.main:app") (not (include "uvicorn.isReferenceImage" .Values.image)) }}
- {{ printf "app (reference.main:app) is the reference service, which image.repository (%s) does not contain: set app to your own as MODULE:ATTRIBUTE, or set runtime to image." .Values.image.repository | toJson }}
{{- end }}
{{- end }}

{{/* The refusals of one image, from {name, image}. `name` is the value that holds it. */}}
{{- define "uvicorn.refusals.image" -}}
{{- if and .image.tag (not (kindIs "string" .image.tag)) }}
- {{ printf "%s.tag (%v) is a number, which may differ from what you wrote (1.10 becomes 1.1): quote it, or use --set-string %s.tag=…." .name .image.tag .name | toJson }}
{{- end }}
{{- if and .image.tag .image.digest }}
- {{ printf "%s.tag (%v) and %s.digest are both set, and the tag would be ignored: keep one of them and set the other to \"\"." .name .image.tag .name | toJson }}
{{- end }}
{{- if not (or (include "uvicorn.isReferenceImage" .image) .image.tag .image.digest) }}
- {{ printf "%s.repository (%s) has neither a tag nor a digest, and the chart's appVersion fits only the reference service: set %s.tag or %s.digest." .name .image.repository .name .name | toJson }}
{{- end }}
{{- end }}
