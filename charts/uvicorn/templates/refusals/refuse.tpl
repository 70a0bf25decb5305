{{- /*
Refuses values that cannot work. Each file in this folder checks one part of values.yaml and prints a YAML list of sentences, one for
each mistake. This file stops the render with all of them, and renders nothing itself.

Helm renders files in folders before the flat ones, so the sentences come before any error that a refused value could cause elsewhere.
*/ -}}
{{- $sentences := list -}}
{{- range $part := list "oldNames" "appAndImage" "command" "environment" "configFiles" "uvicornOptions" "scaling" "disruptionBudget" "resources" "network" "servicePorts" "probesAndLifecycle" "security" "observability" "jobs" "jobPods" "containersAndVolumes" "namesAndLabels" -}}
{{- range include (printf "uvicorn.refusals.%s" $part) $ | fromYamlArray -}}
{{- $sentences = append $sentences (replace "\n" " " .) -}}
{{- end -}}
{{- end -}}
{{- if $sentences -}}
{{- fail (printf "\n%s" (join "\n" $sentences)) -}}
{{- end -}}
