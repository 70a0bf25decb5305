{{- define "uvicorn.refusals.servicePorts" -}}
{{- $service := .Values.service }}
{{- if ne $service.type "LoadBalancer" }}
{{- range $name := list "loadBalancerClass" "loadBalancerSourceRanges" }}
{{- if index $service $name }}
- {{ printf "service.%s has no effect with service.type %s: set service.type to LoadBalancer, or remove service.%s." $name $service.type $name | toJson }}
{{- end }}
{{- end }}
{{- end }}
{{- $names := list "http" "management" }}
{{- $ports := list (printf "%d/TCP" (int $service.port)) }}
{{- range $index, $extra := $service.extraPorts }}
{{- $port := printf "%d/%s" (int .port) (default "TCP" .protocol) }}
{{- if has .name $names }}
- {{ printf "service.extraPorts[%d].name (%s) is the name of another port of the pod: choose another." $index .name | toJson }}
{{- end }}
{{- if has $port $ports }}
- {{ printf "service.extraPorts[%d].port (%d) is already a port of the Service: choose another." $index (int .port) | toJson }}
{{- end }}
{{- if and .nodePort (eq $service.type "ClusterIP") }}
- {{ printf "service.extraPorts[%d].nodePort (%d) has no effect with service.type ClusterIP: remove it, or set service.type to NodePort or LoadBalancer." $index (int .nodePort) | toJson }}
{{- end }}
{{- $names = append $names .name }}
{{- $ports = append $ports $port }}
{{- include "uvicorn.refusals.targetPort" (dict "root" $ "index" $index "target" .targetPort) }}
{{- end }}
{{- end }}

{{/* The target of one extra port, from {root, index, target}. */}}
{{- define "uvicorn.refusals.targetPort" -}}
{{- $named := list "http" }}
{{- range .root.Values.sidecars }}
{{- range .ports }}
{{- $named = append $named (default "" .name) }}
{{- end }}
{{- end }}
{{- if and (eq .root.Values.runtime "uvicorn-pod") (has (toString .target) (list "management" (int .root.Values.management.port | toString))) }}
- {{ printf "service.extraPorts[%d].targetPort (%v) is the management port, which users must not reach: choose another, or turn on metrics.service.enabled for scrapers." .index .target | toJson }}
{{- else if and (kindIs "string" .target) (not (has .target $named)) }}
- {{ printf "service.extraPorts[%d].targetPort (%s) is not the name of a sidecar's port: name it in the sidecar's ports, or use a number for a port of the app." .index .target | toJson }}
{{- end }}
{{- end }}
