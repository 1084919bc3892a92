{{- define "steward.nodeOptions" -}}
--expose-gc --max-old-space-size-percentage=75
{{- end }}

{{- /* Of a Job, which works in hundreds of guests at once: what it reads of each is garbage a moment later, and V8 would let tens of MB of it pile up (ADR 0154). */}}
{{- define "steward.jobNodeOptions" -}}
{{ include "steward.nodeOptions" . }} --max-semi-space-size=2
{{- end }}

{{- /* The Deployment of one of our processes. Takes (dict "root" . "name" … "labels" … "selector" … "account" … "replicas" … "strategy" … "command" … "env" … "resources" … "claim" … "credentials" … "settings" … "checksum" …); env is what only this process reads, claim what is mounted at /records, credentials the Secret at /credentials. */}}
{{- define "steward.deployment" -}}
{{- $selector := .selector -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- .labels | nindent 4 }}
spec:
  replicas: {{ .replicas }}
  revisionHistoryLimit: 3
  {{- with .strategy }}
  strategy:
    type: {{ . }}
  {{- end }}
  selector:
    matchLabels: {{- $selector | nindent 6 }}
  template:
    metadata:
      labels:
        {{- $selector | nindent 8 }}
        {{- with .root.Values.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      annotations:
        kubectl.kubernetes.io/default-container: steward
        {{- with .checksum }}
        managed.systems/settings: {{ . }}
        {{- end }}
        {{- with .root.Values.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      serviceAccountName: {{ .account }}
      automountServiceAccountToken: true
      enableServiceLinks: false
      # A pass in flight has 20 s to end, then the Leases are given back.
      terminationGracePeriodSeconds: 30
      securityContext:
        runAsNonRoot: true
        runAsUser: 65532
        runAsGroup: 65532
        {{- if or .claim .credentials }}
        fsGroup: 65532
        {{- end }}
        seccompProfile:
          type: RuntimeDefault
      {{- with .root.Values.image.pullSecrets }}
      imagePullSecrets: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .root.Values.priorityClassName }}
      priorityClassName: {{ . }}
      {{- end }}
      {{- with .root.Values.nodeSelector }}
      nodeSelector: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .root.Values.tolerations }}
      tolerations: {{- toYaml . | nindent 8 }}
      {{- end }}
      affinity:
        {{- with .root.Values.affinity }}
        {{- toYaml . | nindent 8 }}
        {{- else }}
        podAntiAffinity:
          preferredDuringSchedulingIgnoredDuringExecution:
            - weight: 100
              podAffinityTerm:
                topologyKey: kubernetes.io/hostname
                labelSelector:
                  matchLabels: {{- $selector | nindent 20 }}
        {{- end }}
      containers:
        - name: steward
          image: {{ include "steward.image" .root }}
          imagePullPolicy: {{ .root.Values.image.pullPolicy }}
          args: [{{ .command }}]
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
              value: {{ join "," .root.Values.watchNamespaces | quote }}
            {{- .env | nindent 12 }}
            - name: STEWARD_LOG_LEVEL
              value: {{ .root.Values.logLevel | quote }}
            - name: STEWARD_METRICS_PORT
              value: "8080"
            - name: STEWARD_HEALTH_PORT
              value: "8081"
            # The heap takes three quarters of the memory limit; the rest is buffers and code.
            - name: NODE_OPTIONS
              value: {{ include "steward.nodeOptions" . }}
            # One place for what is not the heap: with one for each thread, 12 MB of an empty process are spread over them.
            - name: MALLOC_ARENA_MAX
              value: "1"
          ports:
            - name: metrics
              containerPort: 8080
              protocol: TCP
            - name: health
              containerPort: 8081
              protocol: TCP
          startupProbe:
            httpGet:
              path: /livez
              port: health
            periodSeconds: 1
            failureThreshold: 60
          livenessProbe:
            httpGet:
              path: /livez
              port: health
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 3
          readinessProbe:
            httpGet:
              path: /readyz
              port: health
            periodSeconds: 5
            timeoutSeconds: 5
          resources: {{- toYaml .resources | nindent 12 }}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities:
              drop: [ALL]
          {{- if or .claim .credentials .settings }}
          volumeMounts:
            {{- if .claim }}
            - name: records
              mountPath: /records
            {{- else if .credentials }}
            - name: credentials
              mountPath: /credentials
              readOnly: true
            {{- end }}
            {{- if .settings }}
            - name: settings
              mountPath: /settings
              readOnly: true
            {{- end }}
      volumes:
        {{- if .claim }}
        - name: records
          persistentVolumeClaim:
            claimName: {{ .claim }}
        {{- else if .credentials }}
        - name: credentials
          secret:
            secretName: {{ .credentials }}
            # 0440
            defaultMode: 288
        {{- end }}
        {{- if .settings }}
        - name: settings
          configMap:
            name: {{ .settings }}
        {{- end }}
          {{- end }}
{{- end }}
