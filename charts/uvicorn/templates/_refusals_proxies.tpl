{{/* Proxies that are everybody, or nobody: uvicorn takes what is no address or network for a name, which no client ever has. */}}
{{- define "uvicorn.refuse.proxies" -}}
{{- $trusted := .Values.uvicorn.forwardedAllowIps -}}
{{- if and (regexMatch "(^|[ ,])(\\*|0\\.0\\.0\\.0/0|::/0)($|[ ,])" $trusted) (not .Values.uvicorn.trustEveryProxy) -}}
{{- fail (printf "uvicorn.forwardedAllowIps (%s) lets anyone who reaches a pod forge a client's address: name the proxy's addresses or networks, or set uvicorn.trustEveryProxy to true if only the proxy can reach the pods." $trusted) -}}
{{- end -}}
{{- range $item := splitList "," $trusted -}}
{{- $item = trim $item -}}
{{- $network := regexMatch "^(([0-9]{1,3}[.]){3}[0-9]{1,3}(/([12]?[0-9]|3[0-2]))?|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*(/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))?|[*])$" $item -}}
{{- if contains "." $item -}}
{{- $bits := 0 -}}
{{- range $octet := regexFindAll "[0-9]+" (first (splitList "/" $item)) -1 -}}
{{- $network = and $network (le (int $octet) 255) -}}
{{- $bits = add (mul $bits 256) (int $octet) -}}
{{- end -}}
{{- $size := 1 -}}
{{- range until (regexFind "/.*" $item | trimPrefix "/" | default "32" | int | sub 32 | int) -}}
{{- $size = mul $size 2 -}}
{{- end -}}
{{- $network = and $network (or (contains ":" $item) (eq (mod $bits $size) 0)) -}}
{{- else if and (contains "/" $item) (not (hasSuffix "/128" $item)) -}}
{{- /* Of an IPv6 network only the usual form is taken, which ends in zeros. */}}
{{- $network = and $network (contains "::/" $item) -}}
{{- end -}}
{{- if not $network -}}
{{- fail (printf "uvicorn.forwardedAllowIps (%s) holds %q, which is no address and no network (10.0.0.0/8, fd00::/8), so it would trust nobody: correct it, with commas between several." $trusted $item) -}}
{{- end -}}
{{- end -}}
{{- end }}
