{{- define "steward.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "steward.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if contains (include "steward.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "steward.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "steward.selectorLabels" -}}
app.kubernetes.io/name: {{ include "steward.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "steward.releaseLabels" -}}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "steward.labels" -}}
{{ include "steward.selectorLabels" . }}
{{ include "steward.releaseLabels" . }}
{{- end -}}

{{/* The guest worker has another name than the operator: what selects the Pods of one selects none of the other. */}}
{{- define "steward.guestFullname" -}}
{{ include "steward.fullname" . }}-guest
{{- end -}}

{{- define "steward.guestSelectorLabels" -}}
app.kubernetes.io/name: {{ include "steward.name" . }}-guest
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "steward.guestLabels" -}}
{{ include "steward.guestSelectorLabels" . }}
{{ include "steward.releaseLabels" . }}
{{- end -}}

{{- define "steward.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "steward.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- required "serviceAccount.name: name the ServiceAccount, or let the chart create it (serviceAccount.create)" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "steward.guestServiceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "steward.guestFullname" .) .Values.serviceAccount.guestName -}}
{{- else -}}
{{- required "serviceAccount.guestName: name the ServiceAccount of the guest worker, or let the chart create it (serviceAccount.create)" .Values.serviceAccount.guestName -}}
{{- end -}}
{{- end -}}

{{/* The runner of patches: its account has the name that the policy for Jobs asks for. */}}
{{- define "steward.patchFullname" -}}
{{ include "steward.fullname" . }}-patch
{{- end -}}

{{- define "steward.patchSelectorLabels" -}}
app.kubernetes.io/name: {{ include "steward.name" . }}-patch
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "steward.patchLabels" -}}
{{ include "steward.patchSelectorLabels" . }}
{{ include "steward.releaseLabels" . }}
{{- end -}}

{{- define "steward.recordFullname" -}}
{{ include "steward.fullname" . }}-record
{{- end -}}

{{- define "steward.recordSelectorLabels" -}}
app.kubernetes.io/name: {{ include "steward.name" . }}-record
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "steward.recordLabels" -}}
{{ include "steward.recordSelectorLabels" . }}
{{ include "steward.releaseLabels" . }}
{{- end -}}

{{- define "steward.recordServiceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "steward.recordFullname" .) .Values.serviceAccount.recordName -}}
{{- else -}}
{{- required "serviceAccount.recordName: name the ServiceAccount of the record writer, or let the chart create it (serviceAccount.create)" .Values.serviceAccount.recordName -}}
{{- end -}}
{{- end -}}

{{- define "steward.receiveFullname" -}}
{{ include "steward.fullname" . }}-receive
{{- end -}}

{{- define "steward.receiveSelectorLabels" -}}
app.kubernetes.io/name: {{ include "steward.name" . }}-receive
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "steward.receiveLabels" -}}
{{ include "steward.receiveSelectorLabels" . }}
{{ include "steward.releaseLabels" . }}
{{- end -}}

{{- define "steward.receiveServiceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "steward.receiveFullname" .) .Values.serviceAccount.receiveName -}}
{{- else -}}
{{- required "serviceAccount.receiveName: name the ServiceAccount of the receiver of alerts, or let the chart create it (serviceAccount.create)" .Values.serviceAccount.receiveName -}}
{{- end -}}
{{- end -}}

{{/* The PrometheusRule with the alerts for all namespaces. */}}
{{- define "steward.promiseRulesName" -}}
{{ include "steward.fullname" . }}-promises
{{- end -}}

{{/* The Secret of the key that signs records, and the Lease of the record writer. */}}
{{- define "steward.recordKey" -}}
- steward-record-key
{{- end -}}

{{- define "steward.recordLease" -}}
- steward-record
{{- end -}}

{{- define "steward.tellFullname" -}}
{{ include "steward.fullname" . }}-tell
{{- end -}}

{{- define "steward.tellSelectorLabels" -}}
app.kubernetes.io/name: {{ include "steward.name" . }}-tell
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "steward.tellLabels" -}}
{{ include "steward.tellSelectorLabels" . }}
{{ include "steward.releaseLabels" . }}
{{- end -}}

{{- define "steward.tellServiceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "steward.tellFullname" .) .Values.serviceAccount.tellName -}}
{{- else -}}
{{- required "serviceAccount.tellName: name the ServiceAccount of the teller, or let the chart create it (serviceAccount.create)" .Values.serviceAccount.tellName -}}
{{- end -}}
{{- end -}}

{{/* The Lease of the teller. */}}
{{- define "steward.tellLease" -}}
- steward-tell
{{- end -}}

{{/* The Lease by which the receiver of alerts says that it hears them. */}}
{{- define "steward.receiverLease" -}}
- steward-receive
{{- end -}}

{{/* The Leases of the guest worker's shards. */}}
{{- define "steward.shards" -}}
{{- range until (int .Values.guest.shards) }}
- steward-guest-{{ . }}
{{- end }}
{{- end -}}

{{/* What outlives the release, whoever takes it away. Argo CD heeds Helm's mark where it deletes an Application, and not where it prunes. */}}
{{- define "steward.keep" -}}
helm.sh/resource-policy: keep
argocd.argoproj.io/sync-options: Prune=false,Delete=false
{{- end -}}

{{/* Where keys of guests lie, for the processes that read them. */}}
{{- define "steward.keyEnvironment" -}}
- name: STEWARD_KEYS_NAMESPACE
  value: {{ .Values.keys.namespace }}
- name: STEWARD_KEYS_MIGRATE_FROM
  value: {{ .Values.keys.migrateFrom | quote }}
{{- end -}}

{{/* The namespaces in which keys of guests are read. */}}
{{- define "steward.keyNamespaces" -}}
{{- compact (list .Values.keys.namespace .Values.keys.migrateFrom) | toJson -}}
{{- end -}}

{{/* The operator as the API server names it. */}}
{{- define "steward.username" -}}
system:serviceaccount:{{ .Release.Namespace }}:{{ include "steward.serviceAccountName" . }}
{{- end -}}

{{- define "steward.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}{{ .repository }}@{{ .digest }}{{- else -}}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{- end -}}
{{- end -}}
{{- end -}}

{{/* A role with the generated rules of a scope, bound to the operator or to `account`. Takes (dict "root" . "scope" … "namespace" … "account" …); without a namespace it is cluster-wide. */}}
{{- define "steward.grant" -}}
{{- $name := printf "%s-%s" (include "steward.fullname" .root) .scope -}}
{{- $prefix := ternary "" "Cluster" (not (empty .namespace)) -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ $prefix }}Role
metadata:
  name: {{ $name }}
  {{- with .namespace }}
  namespace: {{ . }}
  {{- end }}
  labels: {{- include "steward.labels" .root | nindent 4 }}
rules: {{- include (printf "steward.rules.%s" .scope) .root | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ $prefix }}RoleBinding
metadata:
  name: {{ $name }}
  {{- with .namespace }}
  namespace: {{ . }}
  {{- end }}
  labels: {{- include "steward.labels" .root | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ $prefix }}Role
  name: {{ $name }}
subjects:
  {{- range .accounts | default (list (.account | default (include "steward.serviceAccountName" .root))) }}
  - kind: ServiceAccount
    name: {{ . }}
    namespace: {{ $.root.Release.Namespace }}
  {{- end }}
{{- end -}}

{{/* A ValidatingAdmissionPolicyBinding that denies. Takes (dict "root" . "policy" … "params" selector): with params, every object of the paramKind that it selects is asked. */}}
{{- define "steward.deny" -}}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: {{ .policy }}
  labels: {{- include "steward.labels" .root | nindent 4 }}
spec:
  policyName: {{ .policy }}
  validationActions: [Deny]
  {{- if hasKey . "params" }}
  paramRef:
    selector: {{ toJson .params }}
    parameterNotFoundAction: Allow
  {{- end }}
{{- end -}}

{{- /* Port of an address, or that of its scheme. */}}
{{- define "steward.portOf" -}}
{{- $url := urlParse . }}
{{- $port := regexFind ":[0-9]+$" $url.host | trimPrefix ":" }}
{{- $port | default (ternary "443" "80" (eq $url.scheme "https")) }}
{{- end }}
