{{/*
The user's variables as JSON. `ordered` has those of env and then those of extraEnv, except that a variable stands below all variables that
its text refers to as $(NAME): Kubernetes resolves only references to variables above. `circular` has those for which there is no order.
*/}}
{{- define "uvicorn.userEnv" -}}
{{- $pending := list -}}
{{- range $name, $value := .Values.env -}}
{{- /* toJson, because toString turns the number 1000000 into "1e+06". */ -}}
{{- $text := ternary $value (toJson $value) (kindIs "string" $value) -}}
{{- $entry := ternary $value (dict "value" $text) (kindIs "map" $value) -}}
{{- $pending = append $pending (merge (dict "name" $name) $entry) -}}
{{- end -}}
{{- $pending = concat $pending (default list .Values.extraEnv) -}}
{{- $isPending := dict -}}
{{- range $pending -}}
{{- $_ := set $isPending .name true -}}
{{- end -}}
{{- $ordered := list -}}
{{- /* Each round takes at least one variable, unless all that remain are circular. */ -}}
{{- range $pending -}}
{{- $rest := list -}}
{{- range $entry := $pending -}}
{{- $mustWait := false -}}
{{- range include "uvicorn.references" (default "" .value) | fromJsonArray -}}
{{- $mustWait = or $mustWait (and (hasKey $isPending .) (ne . $entry.name)) -}}
{{- end -}}
{{- if $mustWait -}}
{{- $rest = append $rest $entry -}}
{{- else -}}
{{- $ordered = append $ordered $entry -}}
{{- $_ := unset $isPending $entry.name -}}
{{- end -}}
{{- end -}}
{{- $pending = $rest -}}
{{- end -}}
{{ dict "ordered" $ordered "circular" $pending | toJson }}
{{- end }}

{{/* The names in a text that stand as $(NAME), as JSON. `$$(NAME)` is not a reference: Kubernetes makes it the text $(NAME). */}}
{{- define "uvicorn.references" -}}
{{- $names := list -}}
{{- range regexFindAll "[$][(][^()]+[)]" (replace "$$" "" .) -1 -}}
{{- $names = append $names (trimPrefix "$(" . | trimSuffix ")") -}}
{{- end -}}
{{ toJson $names }}
{{- end }}
