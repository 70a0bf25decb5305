{{- /*
Removes every key whose value is null, so that templates and refusals see the values as if the key were not there.

Helm itself removes a null only if the chart's values.yaml has the key. A null over a key of another values file stays in the values. The
maps inside lists stay as they are, because Helm replaces lists as a whole.

Helm renders the deepest folders first, in reverse alphabetical order: no other file comes before this one. The values of a parent chart
(`global`) are shared with other charts and are not changed.
*/ -}}
{{- define "uvicorn.dropNulls" -}}
{{- range $key, $value := . -}}
{{- if kindIs "invalid" $value -}}
{{- $_ := unset $ $key -}}
{{- else if kindIs "map" $value -}}
{{- include "uvicorn.dropNulls" $value -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- include "uvicorn.dropNulls" (omit .Values "global") -}}
