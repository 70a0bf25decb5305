{{/* Whether a text is an IP address, a network without host bits, or the wildcard. */}}
{{- define "uvicorn.isAddressOrNetwork" -}}
{{- $bits := "" -}}
{{- if contains ":" . -}}
{{- $bits = include "uvicorn.bitsOfIPv6" (first (splitList "/" .)) -}}
{{- else -}}
{{- $bits = include "uvicorn.bitsOfIPv4" (first (splitList "/" .)) -}}
{{- end -}}
{{- $prefix := regexFind "/.*" . | trimPrefix "/" -}}
{{- if eq . "*" -}}
true
{{- else if and $bits (not (contains "/" .)) -}}
true
{{- else if and $bits (regexMatch "^(0|[1-9][0-9]{0,2})$" $prefix) (le (int $prefix) (len $bits)) -}}
{{- if not (contains "1" (substr (int $prefix) (len $bits) $bits)) -}}true{{- end -}}
{{- end -}}
{{- end }}

{{/* The 32 bits of an IPv4 address as zeros and ones, or nothing for another text. */}}
{{- define "uvicorn.bitsOfIPv4" -}}
{{- if regexMatch "^((0|[1-9][0-9]{0,2})([.]|$)){4}$" . -}}
{{- $bits := "" -}}
{{- range $octet := splitList "." . -}}
{{- if le (int $octet) 255 -}}
{{- $bits = printf "%s%08b" $bits (int $octet) -}}
{{- end -}}
{{- end -}}
{{- if eq (len $bits) 32 -}}{{ $bits }}{{- end -}}
{{- end -}}
{{- end }}

{{/* The 128 bits of an IPv6 address as zeros and ones, or nothing for another text. It may end in an IPv4 address. */}}
{{- define "uvicorn.bitsOfIPv6" -}}
{{- $last := regexFind "[^:]*$" . -}}
{{- $tail := "" -}}
{{- $text := . -}}
{{- if contains "." $last -}}
{{- $tail = include "uvicorn.bitsOfIPv4" $last -}}
{{- $text = printf "%s%s" (trimSuffix $last .) (ternary "0:0" "." (ne $tail "")) -}}
{{- end -}}
{{- $groups := regexFindAll "[0-9a-f]+" (lower $text) -1 | len -}}
{{- $isWhole := and (eq $groups 8) (regexMatch "^([0-9a-f]{1,4}:){7}[0-9a-f]{1,4}$" (lower $text)) -}}
{{- $isShort := and (lt $groups 8) (regexMatch "^(([0-9a-f]{1,4}:)*[0-9a-f]{1,4})?::(([0-9a-f]{1,4}:)*[0-9a-f]{1,4})?$" (lower $text)) -}}
{{- if or $isWhole $isShort -}}
{{- $zeros := repeat (sub 8 $groups | int) "0:" -}}
{{- $bits := "" -}}
{{- range regexFindAll "[0-9a-f]+" (lower $text | replace "::" (printf ":%s" $zeros)) -1 -}}
{{- range $digit := printf "%s%s" (repeat (sub 4 (len .) | int) "0") . | splitList "" -}}
{{- $bits = printf "%s%04b" $bits (printf "0x%s" $digit | int) -}}
{{- end -}}
{{- end -}}
{{- if $tail -}}{{- $bits = printf "%s%s" (trunc 96 $bits) $tail -}}{{- end -}}
{{ $bits }}
{{- end -}}
{{- end }}
