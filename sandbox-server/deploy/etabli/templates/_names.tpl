{{- define "etabli.serverLabels" -}}
app.kubernetes.io/name: etabli-server
app.kubernetes.io/part-of: etabli
{{- end }}
{{- define "etabli.nodeAgentSecret" -}}{{ .Values.tls.nodeAgentSecret | default "etabli-node-agent-tls" }}{{- end }}
{{- define "etabli.serverSecret" -}}{{ .Values.tls.serverSecret | default "etabli-server-tls" }}{{- end }}

{{- /* The file of --kubernetes for a server in the cluster. */}}
{{- define "etabli.kubernetesFile" -}}
{{- with .Values.sandboxes }}
{{- $settings := pick . "namespace" "images" "runtimes" "requests" "pullSecrets" "nodeSelector" "tolerations" }}
{{- with .priorityClass }}{{ $_ := set $settings "priorityClass" . }}{{ end }}
{{- $_ := set $settings "registry" (ne $.Values.server.registry.image "") }}
{{- $files := dict "ca" "/etc/etabli/tls/ca.crt" "certificate" "/etc/etabli/tls/tls.crt" "key" "/etc/etabli/tls/tls.key" }}
{{- $_ := set $settings "nodeAgents" (merge (dict "namespace" $.Release.Namespace) $files) }}
{{- toYaml $settings }}
{{- end }}
{{- end }}

{{- define "etabli.noRights" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}
