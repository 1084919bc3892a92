{{- /* The Pod in which patches are run. The operator adds whose, and starts it by a Job: what the policy for Jobs pins stands here. */}}
{{- define "steward.patchPod" -}}
metadata:
  labels:
    {{- include "steward.patchSelectorLabels" . | nindent 4 }}
    {{- with .Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with .Values.podAnnotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  serviceAccountName: {{ include "steward.patchFullname" . }}
  automountServiceAccountToken: true
  enableServiceLinks: false
  # What runs in guests runs on: only the leases of their VMs are given back.
  terminationGracePeriodSeconds: 30
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    seccompProfile:
      type: RuntimeDefault
  {{- with .Values.image.pullSecrets }}
  imagePullSecrets: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: steward
      image: {{ include "steward.image" . }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args: [patch]
      env:
        - name: STEWARD_NAMESPACE
          valueFrom:
            fieldRef:
              fieldPath: metadata.namespace
        - name: POD_NAME
          valueFrom:
            fieldRef:
              fieldPath: metadata.name
        - name: STEWARD_WATCH_NAMESPACES
          value: {{ join "," .Values.watchNamespaces | quote }}
        {{- include "steward.handEnvironment" . | nindent 8 }}
        - name: STEWARD_LOG_LEVEL
          value: {{ .Values.logLevel | quote }}
        - name: NODE_OPTIONS
          value: {{ include "steward.jobNodeOptions" . }}
        - name: MALLOC_ARENA_MAX
          value: "1"
      resources: {{- toYaml .Values.patch.resources | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: [ALL]
{{- end }}
