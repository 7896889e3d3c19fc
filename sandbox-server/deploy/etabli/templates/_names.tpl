{{- define "etabli.labels" -}}
app.kubernetes.io/name: etabli-node-agent
app.kubernetes.io/part-of: etabli
{{- end }}
{{- define "etabli.nodeAgentSecret" -}}{{ .Values.tls.nodeAgentSecret | default "etabli-node-agent-tls" }}{{- end }}
{{- define "etabli.serverSecret" -}}{{ .Values.tls.serverSecret | default "etabli-server-tls" }}{{- end }}
