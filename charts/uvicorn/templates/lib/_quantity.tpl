{{/* A Kubernetes quantity (250m, 1.5, 128Mi) as a number. A quantity that YAML parsed as a number may read 1e+09. */}}
{{- define "uvicorn.quantity" -}}
{{- $number := regexFind "^[0-9.]+(e[+][0-9]+)?" (toString .) -}}
{{- $factor := 1 -}}
{{- range $power, $unit := list "k" "M" "G" "T" "P" "E" -}}
{{- range $base, $suffix := dict "1000" $unit "1024" (printf "%si" (title $unit)) -}}
{{- if eq $suffix (trimPrefix $number (toString $)) -}}
{{- range until (add1 $power | int) -}}{{- $factor = mul $factor (int64 $base) -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- divf (mulf (float64 $number) $factor) (ternary 1000 1 (hasSuffix "m" (toString .))) -}}
{{- end }}
