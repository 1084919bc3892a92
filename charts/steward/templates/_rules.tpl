{{/* Generated from src/controllers/permissions.ts, and gueststate, patching, record, telling and intake/permissions.ts beside it by `npm run generate`: do not edit. */}}

{{- define "steward.rules.own" -}}
# Reads what was ordered; patches the finalizer, never the spec.
- apiGroups: [managed.systems]
  resources: [managedvms]
  verbs: [get, list, watch, patch]
# Reports whether the promises are kept.
- apiGroups: [managed.systems]
  resources: [managedvms/status]
  verbs: [patch, update]
# Owner references that block deletion (OwnerReferencesPermissionEnforcement).
- apiGroups: [managed.systems]
  resources: [managedvms/finalizers]
  verbs: [update]
# Reads what backups are promised.
- apiGroups: [managed.systems]
  resources: [backuppolicies]
  verbs: [get, list, watch]
# Reports the newest and the oldest recovery point.
- apiGroups: [managed.systems]
  resources: [backuppolicies/status]
  verbs: [patch, update]
# Owner references that block deletion (OwnerReferencesPermissionEnforcement).
- apiGroups: [managed.systems]
  resources: [backuppolicies/finalizers]
  verbs: [update]
# Reads which restores were ordered; patches the finalizer and the seal, never the spec; orders drills, and forgets those that are over.
- apiGroups: [managed.systems]
  resources: [restores]
  verbs: [get, list, watch, create, patch, delete]
# Reports how each restore goes.
- apiGroups: [managed.systems]
  resources: [restores/status]
  verbs: [patch, update]
# Owner references that block deletion (OwnerReferencesPermissionEnforcement).
- apiGroups: [managed.systems]
  resources: [restores/finalizers]
  verbs: [update]
# Reads when customers let their systems be worked on.
- apiGroups: [managed.systems]
  resources: [maintenancewindows]
  verbs: [get, list, watch]
# Reports when each window opens.
- apiGroups: [managed.systems]
  resources: [maintenancewindows/status]
  verbs: [patch, update]
# Reads how customers plan their patches; patches the finalizer.
- apiGroups: [managed.systems]
  resources: [patchpolicies]
  verbs: [get, list, watch, patch]
# Reports when each policy is carried out, and for whom.
- apiGroups: [managed.systems]
  resources: [patchpolicies/status]
  verbs: [patch, update]
# Reads which services were ordered one by one.
- apiGroups: [managed.systems]
  resources: [servicerequests]
  verbs: [get, list, watch]
# Reports what becomes of each order.
- apiGroups: [managed.systems]
  resources: [servicerequests/status]
  verbs: [patch, update]
# Owner references that block deletion (OwnerReferencesPermissionEnforcement).
- apiGroups: [managed.systems]
  resources: [servicerequests/finalizers]
  verbs: [update]
# Reads changes; makes one for each order and each opening of a policy, writes the result of what it carries out itself, never the plan, and forgets those of policies that no PatchRun cites any more.
- apiGroups: [managed.systems]
  resources: [changerequests]
  verbs: [get, list, watch, create, patch, delete]
# Reports where each change stands.
- apiGroups: [managed.systems]
  resources: [changerequests/status]
  verbs: [patch, update]
# Owner references that block deletion (OwnerReferencesPermissionEnforcement).
- apiGroups: [managed.systems]
  resources: [changerequests/finalizers]
  verbs: [update]
# Reads who has decided what.
- apiGroups: [managed.systems]
  resources: [approvals]
  verbs: [get, list, watch]
# Reports whether each decision counts.
- apiGroups: [managed.systems]
  resources: [approvals/status]
  verbs: [patch, update]
# Opens a Problem where incidents recur or one is critical, never what people say of it.
- apiGroups: [managed.systems]
  resources: [problems]
  verbs: [get, list, watch, create, patch]
# Reports where each Problem stands.
- apiGroups: [managed.systems]
  resources: [problems/status]
  verbs: [patch, update]
# Reads what does not work and what people do about it; rates it once, and forgets those that are closed for long.
- apiGroups: [managed.systems]
  resources: [incidents]
  verbs: [get, list, watch, patch, delete]
# Reports where each stands and how its clocks run.
- apiGroups: [managed.systems]
  resources: [incidents/status]
  verbs: [patch, update]
# Owner references that block deletion (OwnerReferencesPermissionEnforcement).
- apiGroups: [managed.systems]
  resources: [incidents/finalizers]
  verbs: [update]
# Makes a run of each guest when its window opens; forgets what is old.
- apiGroups: [managed.systems]
  resources: [patchruns]
  verbs: [get, list, watch, create, patch, delete]
# Writes what it does itself, and the verdict where no runner has.
- apiGroups: [managed.systems]
  resources: [patchruns/status]
  verbs: [patch, update]
# Owner references that block deletion (OwnerReferencesPermissionEnforcement).
- apiGroups: [managed.systems]
  resources: [patchruns/finalizers]
  verbs: [update]
# Owner references that block deletion (OwnerReferencesPermissionEnforcement).
- apiGroups: [managed.systems]
  resources: [patchpolicies/finalizers]
  verbs: [update]
# Reads which applications were ordered; patches the finalizer.
- apiGroups: [managed.systems]
  resources: [managedapplications]
  verbs: [get, list, watch, patch]
# Reports whether their promises are kept.
- apiGroups: [managed.systems]
  resources: [managedapplications/status]
  verbs: [patch, update]
# Owner references that block deletion (OwnerReferencesPermissionEnforcement).
- apiGroups: [managed.systems]
  resources: [managedapplications/finalizers]
  verbs: [update]
# Reads what the guest worker has found in the guest.
- apiGroups: [managed.systems]
  resources: [gueststates]
  verbs: [get, list, watch]
# Reads who of a customer could become root in a guest that the provider alone is to hold (AP-9).
- apiGroups: [rbac.authorization.k8s.io]
  resources: [roles]
  verbs: [list]
# Reads who of a customer could become root in a guest that the provider alone is to hold (AP-9).
- apiGroups: [rbac.authorization.k8s.io]
  resources: [rolebindings]
  verbs: [list]
{{- end -}}

{{- define "steward.rules.children" -}}
# Has a VM snapshotted before it is patched, and removes that snapshot; has one made by an order.
- apiGroups: [snapshot.kubevirt.io]
  resources: [virtualmachinesnapshots]
  verbs: [get, list, watch, create, delete]
# Has a guest moved to another node by an order, and reads what became of it.
- apiGroups: [kubevirt.io]
  resources: [virtualmachineinstancemigrations]
  verbs: [get, list, watch, create, patch, delete]
# Has a VM turned back where a patch broke it and the policy says so.
- apiGroups: [snapshot.kubevirt.io]
  resources: [virtualmachinerestores]
  verbs: [get, list, watch, create, delete]
# Routes of the alerts of a namespace, where the provider wants them.
- apiGroups: [monitoring.coreos.com]
  resources: [alertmanagerconfigs]
  verbs: [get, list, watch, create, patch, delete]
# Has applications asked from outside of their guests.
- apiGroups: [monitoring.coreos.com]
  resources: [probes]
  verbs: [get, list, watch, create, patch, delete]
# The virtual machine.
- apiGroups: [kubevirt.io]
  resources: [virtualmachines]
  verbs: [get, list, watch, create, patch, delete]
# Reads what the running guest has and says; ends it where the restart policy is Automatic; labels it where its VirtualMachine was taken over.
- apiGroups: [kubevirt.io]
  resources: [virtualmachineinstances]
  verbs: [get, list, watch, delete, patch]
# Reads whether KubeVirt plugs disks into running guests.
- apiGroups: [kubevirt.io]
  resources: [kubevirts]
  verbs: [get, list, watch]
# Lets go of file systems that a backup has left held still.
- apiGroups: [subresources.kubevirt.io]
  resources: [virtualmachineinstances/unfreeze]
  verbs: [update]
# Ends a guest that does not shut down, where a change that was agreed says so.
- apiGroups: [subresources.kubevirt.io]
  resources: [virtualmachines/restart]
  verbs: [update]
# Ends a guest that does not shut down, where a change that was agreed says so.
- apiGroups: [subresources.kubevirt.io]
  resources: [virtualmachines/stop]
  verbs: [update]
# One disk each.
- apiGroups: [cdi.kubevirt.io]
  resources: [datavolumes]
  verbs: [get, list, watch, create, patch, delete]
# Reads and grows the disks' claims, which CDI creates; makes those of restored disks.
- apiGroups: [""]
  resources: [persistentvolumeclaims]
  verbs: [get, list, watch, create, patch]
# First-boot content, by name: never listed, watched or got; looked at by a patch that changes nothing, which a policy can refuse.
- apiGroups: [""]
  resources: [secrets]
  verbs: [create, patch, delete]
# Address of the guest's exporter.
- apiGroups: [""]
  resources: [services]
  verbs: [get, list, watch, create, patch, delete]
# Scraping of the guest.
- apiGroups: [monitoring.coreos.com]
  resources: [servicemonitors]
  verbs: [get, list, watch, create, patch, delete]
# Alerts.
- apiGroups: [monitoring.coreos.com]
  resources: [prometheusrules]
  verbs: [get, list, watch, create, patch, delete]
# Says when something happened.
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end -}}

{{- define "steward.rules.cluster" -}}
# Reads the provider's standard of backups.
- apiGroups: [managed.systems]
  resources: [clusterbackuppolicies]
  verbs: [get, list, watch]
# Reports how the ManagedVMs under it fare.
- apiGroups: [managed.systems]
  resources: [clusterbackuppolicies/status]
  verbs: [patch, update]
# Owner references that block deletion (OwnerReferencesPermissionEnforcement).
- apiGroups: [managed.systems]
  resources: [clusterbackuppolicies/finalizers]
  verbs: [update]
# Hands a restored volume to the namespace of its VM; reads it by a patch that changes nothing.
- apiGroups: [""]
  resources: [persistentvolumes]
  verbs: [patch]
# Reads the catalogue.
- apiGroups: [managed.systems]
  resources: [operatingsystems]
  verbs: [get, list, watch]
# Reports support and use of each system.
- apiGroups: [managed.systems]
  resources: [operatingsystems/status]
  verbs: [patch, update]
# Reads which applications are offered.
- apiGroups: [managed.systems]
  resources: [products]
  verbs: [get, list, watch]
# Reports faults, support and use of each.
- apiGroups: [managed.systems]
  resources: [products/status]
  verbs: [patch, update]
# Reads the provider's standard of patching; patches the finalizer.
- apiGroups: [managed.systems]
  resources: [clusterpatchpolicies]
  verbs: [get, list, watch, patch]
# Reports when each policy is carried out, and for whom.
- apiGroups: [managed.systems]
  resources: [clusterpatchpolicies/status]
  verbs: [patch, update]
# Reads when the service is worked on.
- apiGroups: [managed.systems]
  resources: [servicecalendars]
  verbs: [get, list, watch]
# Reports the holidays and the revision of each calendar.
- apiGroups: [managed.systems]
  resources: [servicecalendars/status]
  verbs: [patch, update]
# Reads the numbers that are promised at a level.
- apiGroups: [managed.systems]
  resources: [serviceplans]
  verbs: [get, list, watch]
# Reports the revision of each plan, and who uses it.
- apiGroups: [managed.systems]
  resources: [serviceplans/status]
  verbs: [patch, update]
# Reads whose a namespace is, who decides for him, and what was agreed with him.
- apiGroups: [managed.systems]
  resources: [contracts]
  verbs: [get, list, watch]
# Notes what plans said when they began to apply.
- apiGroups: [managed.systems]
  resources: [contracts/status]
  verbs: [patch, update]
# Opens the report of each month, and closes its days and then the month; never what people say of it.
- apiGroups: [managed.systems]
  resources: [servicereports]
  verbs: [get, list, watch, create, patch]
# Reports where each month stands.
- apiGroups: [managed.systems]
  resources: [servicereports/status]
  verbs: [patch, update]
# Writes what a day or a month came to, and removes pages that no report names.
- apiGroups: [managed.systems]
  resources: [reportpages]
  verbs: [get, list, create, delete]
# Notices when KubeVirt, CDI, Velero or prometheus-operator comes or goes.
- apiGroups: [apiextensions.k8s.io]
  resources: [customresourcedefinitions]
  verbs: [list, watch]
# Keeps one PrometheusRule with the default thresholds per namespace.
- apiGroups: [""]
  resources: [namespaces]
  verbs: [get, list, watch]
# Reads who of a customer could become root in a guest that the provider alone is to hold (AP-9).
- apiGroups: [rbac.authorization.k8s.io]
  resources: [clusterroles]
  verbs: [list]
# Reads who of a customer could become root in a guest that the provider alone is to hold (AP-9).
- apiGroups: [rbac.authorization.k8s.io]
  resources: [clusterrolebindings]
  verbs: [list]
# Keeps what rings have proven (MO-11).
- apiGroups: [managed.systems]
  resources: [patchbaselines]
  verbs: [get, list, watch, create, patch, delete]
# Owner references that block deletion (OwnerReferencesPermissionEnforcement).
- apiGroups: [managed.systems]
  resources: [clusterpatchpolicies/finalizers]
  verbs: [update]
{{- end -}}

{{- define "steward.rules.cluster-events" -}}
# Says when something happened to a catalogue entry.
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end -}}

{{- define "steward.rules.keys" -}}
# Provider key pair and host key of each VM.
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, list, watch, create, patch, delete]
{{- end -}}

{{- define "steward.rules.lease" -}}
# Leader election; a standby learns by a watch that it may lead.
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [get, list, watch, create, update, patch]
{{- end -}}

{{- define "steward.rules.operator-namespace" -}}
# Alerts on the backups under the provider's policies.
- apiGroups: [monitoring.coreos.com]
  resources: [prometheusrules]
  verbs: [get, list, watch, create, patch, delete]
# Starts the runners of patches when a window opens.
- apiGroups: [batch]
  resources: [cronjobs]
  verbs: [get, list, watch, create, patch, delete]
{{- end -}}

{{- define "steward.rules.velero" -}}
# Asks Velero whether it lives, and which plug-ins it has.
- apiGroups: [velero.io]
  resources: [serverstatusrequests]
  verbs: [get, list, watch, create, patch, delete]
# Asks Velero to restore disks beside those that there are.
- apiGroups: [velero.io]
  resources: [restores]
  verbs: [get, list, watch, create, patch, delete]
# Reads what Velero has restored, and removes it when its volumes have moved.
- apiGroups: [""]
  resources: [persistentvolumeclaims]
  verbs: [get, list, watch, delete]
# One schedule per VM and tier.
- apiGroups: [velero.io]
  resources: [schedules]
  verbs: [get, list, watch, create, patch, delete]
# Reads which recovery points exist; keeps the last good one of a lost disk; asks for one before a guest is patched.
- apiGroups: [velero.io]
  resources: [backups]
  verbs: [get, list, watch, create, patch]
# Asks where it is written what a backup holds.
- apiGroups: [velero.io]
  resources: [downloadrequests]
  verbs: [get, list, watch, create, patch, delete]
# Reads whether backups have a place to go.
- apiGroups: [velero.io]
  resources: [backupstoragelocations]
  verbs: [get, list, watch]
{{- end -}}

{{- define "steward.rules.drills" -}}
# Reads what Velero has restored for a drill, and removes it again.
- apiGroups: [""]
  resources: [persistentvolumeclaims]
  verbs: [get, list, watch, delete]
# Boots a guest from it.
- apiGroups: [kubevirt.io]
  resources: [virtualmachines]
  verbs: [get, list, watch, create, patch, delete]
# Reads whether that guest runs and its agent answers.
- apiGroups: [kubevirt.io]
  resources: [virtualmachineinstances]
  verbs: [get, list, watch]
# Reads whether the sandbox denies all traffic.
- apiGroups: [networking.k8s.io]
  resources: [networkpolicies]
  verbs: [get, list, watch]
{{- end -}}

{{- define "steward.rules.record-read" -}}
# Reads what was recorded on a day that is closed.
- apiGroups: [managed.systems]
  resources: [recordpages]
  verbs: [get, list]
{{- end -}}

{{- define "steward.rules.images" -}}
# CDI clones an image only for who may do this where it lies.
- apiGroups: [cdi.kubevirt.io]
  resources: [datavolumes/source]
  verbs: [create]
{{- end -}}

{{- define "steward.rules.guest" -}}
# Reads how a guest shall be.
- apiGroups: [managed.systems]
  resources: [managedvms]
  verbs: [get, list, watch]
# Reads where the guest runs, and when it was started anew.
- apiGroups: [kubevirt.io]
  resources: [virtualmachineinstances]
  verbs: [get, list, watch]
# Makes the record of each guest.
- apiGroups: [managed.systems]
  resources: [gueststates]
  verbs: [get, list, watch, create, patch]
# Makes it the owner of the record, which blocks its deletion (OwnerReferencesPermissionEnforcement).
- apiGroups: [managed.systems]
  resources: [managedvms/finalizers]
  verbs: [update]
# Says what it found, and what it does there.
- apiGroups: [managed.systems]
  resources: [gueststates/status]
  verbs: [patch, update]
# Says when something happened.
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end -}}

{{- define "steward.rules.guest-portforward" -}}
# Reaches a guest through KubeVirt.
- apiGroups: [subresources.kubevirt.io]
  resources: [virtualmachineinstances/portforward]
  verbs: [get]
{{- end -}}

{{- define "steward.rules.guest-cluster" -}}
# Reads how a system is set up.
- apiGroups: [managed.systems]
  resources: [operatingsystems]
  verbs: [get, list, watch]
# Notices when KubeVirt comes or goes.
- apiGroups: [apiextensions.k8s.io]
  resources: [customresourcedefinitions]
  verbs: [list, watch]
{{- end -}}

{{- define "steward.rules.guest-keys" -}}
# Opens a guest with the key of its VM, by name: never listed.
- apiGroups: [""]
  resources: [secrets]
  verbs: [get]
{{- end -}}

{{- define "steward.rules.guest-operator-namespace" -}}
# Makes the Leases of its shards.
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [create]
# Shares the namespaces with its other replicas, in shards.
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  resourceNames: {{- include "steward.shards" . | trim | nindent 4 }}
  verbs: [get, list, watch, update]
{{- end -}}

{{- define "steward.rules.patch" -}}
# Reads what is to be patched.
- apiGroups: [managed.systems]
  resources: [patchruns]
  verbs: [get, list, watch]
# Says how it goes, and the verdict.
- apiGroups: [managed.systems]
  resources: [patchruns/status]
  verbs: [update]
# Reads which keys the guest was given.
- apiGroups: [managed.systems]
  resources: [managedvms]
  verbs: [get]
# Reads where the guest runs.
- apiGroups: [kubevirt.io]
  resources: [virtualmachineinstances]
  verbs: [get]
# Reads who works in the guest, and what was begun there.
- apiGroups: [managed.systems]
  resources: [gueststates]
  verbs: [get]
# Takes the lease of the VM, and claims each step before it begins.
- apiGroups: [managed.systems]
  resources: [gueststates/status]
  verbs: [update]
{{- end -}}

{{- define "steward.rules.patch-keys" -}}
# Opens a guest with the key of its VM, by name: never listed.
- apiGroups: [""]
  resources: [secrets]
  verbs: [get]
{{- end -}}

{{- define "steward.rules.record" -}}
# Records what becomes of each ManagedVM.
- apiGroups: [managed.systems]
  resources: [managedvms]
  verbs: [get, list, watch]
# Records what becomes of each GuestState.
- apiGroups: [managed.systems]
  resources: [gueststates]
  verbs: [get, list, watch]
# Records what becomes of each ChangeRequest.
- apiGroups: [managed.systems]
  resources: [changerequests]
  verbs: [get, list, watch]
# Records what becomes of each Approval.
- apiGroups: [managed.systems]
  resources: [approvals]
  verbs: [get, list, watch]
# Records what becomes of each ServiceRequest.
- apiGroups: [managed.systems]
  resources: [servicerequests]
  verbs: [get, list, watch]
# Records what becomes of each Problem.
- apiGroups: [managed.systems]
  resources: [problems]
  verbs: [get, list, watch]
# Records what becomes of each Restore.
- apiGroups: [managed.systems]
  resources: [restores]
  verbs: [get, list, watch]
# Records what becomes of each Incident.
- apiGroups: [managed.systems]
  resources: [incidents]
  verbs: [get, list, watch]
# Records what becomes of each BackupPolicy.
- apiGroups: [managed.systems]
  resources: [backuppolicies]
  verbs: [get, list, watch]
# Records what becomes of each MaintenanceWindow.
- apiGroups: [managed.systems]
  resources: [maintenancewindows]
  verbs: [get, list, watch]
# Records what becomes of each PatchPolicy.
- apiGroups: [managed.systems]
  resources: [patchpolicies]
  verbs: [get, list, watch]
# Records what becomes of each ManagedApplication.
- apiGroups: [managed.systems]
  resources: [managedapplications]
  verbs: [get, list, watch]
# Records what becomes of each PatchRun.
- apiGroups: [managed.systems]
  resources: [patchruns]
  verbs: [get, list, watch]
# Records what becomes of each Notice.
- apiGroups: [managed.systems]
  resources: [notices]
  verbs: [get, list, watch]
{{- end -}}

{{- define "steward.rules.record-cluster" -}}
# Records what becomes of each Contract.
- apiGroups: [managed.systems]
  resources: [contracts]
  verbs: [get, list, watch]
# Records what becomes of each ServicePlan.
- apiGroups: [managed.systems]
  resources: [serviceplans]
  verbs: [get, list, watch]
# Records what becomes of each ServiceReport.
- apiGroups: [managed.systems]
  resources: [servicereports]
  verbs: [get, list, watch]
# Records what becomes of each ClusterBackupPolicy.
- apiGroups: [managed.systems]
  resources: [clusterbackuppolicies]
  verbs: [get, list, watch]
# Records what becomes of each ClusterPatchPolicy.
- apiGroups: [managed.systems]
  resources: [clusterpatchpolicies]
  verbs: [get, list, watch]
# Records what becomes of each OperatingSystem.
- apiGroups: [managed.systems]
  resources: [operatingsystems]
  verbs: [get, list, watch]
# Records what becomes of each Product.
- apiGroups: [managed.systems]
  resources: [products]
  verbs: [get, list, watch]
# Records what becomes of each ServiceCalendar.
- apiGroups: [managed.systems]
  resources: [servicecalendars]
  verbs: [get, list, watch]
# Records what becomes of each PatchBaseline.
- apiGroups: [managed.systems]
  resources: [patchbaselines]
  verbs: [get, list, watch]
# Notices when a kind comes or goes.
- apiGroups: [apiextensions.k8s.io]
  resources: [customresourcedefinitions]
  verbs: [list, watch]
{{- end -}}

{{- define "steward.rules.record-namespace" -}}
# Appends records to pages, and lets those leave the cluster that were exported.
- apiGroups: [managed.systems]
  resources: [recordpages]
  verbs: [get, list, create, update, delete]
# Says where nothing is recorded any more.
- apiGroups: [managed.systems]
  resources: [recordpages/status]
  verbs: [update]
# Makes the key that signs records, once.
- apiGroups: [""]
  resources: [secrets]
  verbs: [create]
# Signs records, and takes the next key where somebody asks for it.
- apiGroups: [""]
  resources: [secrets]
  resourceNames: {{- include "steward.recordKey" . | trim | nindent 4 }}
  verbs: [get, update]
# Makes its Lease.
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [create]
# One of its replicas leads.
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  resourceNames: {{- include "steward.recordLease" . | trim | nindent 4 }}
  verbs: [get, list, watch, update]
{{- end -}}

{{- define "steward.rules.tell" -}}
# Tells who must decide, and of work ahead.
- apiGroups: [managed.systems]
  resources: [changerequests]
  verbs: [get, list, watch]
# Tells of incidents.
- apiGroups: [managed.systems]
  resources: [incidents]
  verbs: [get, list, watch]
# Tells of what keeps going wrong.
- apiGroups: [managed.systems]
  resources: [problems]
  verbs: [get, list, watch]
# Tells of windows ahead.
- apiGroups: [managed.systems]
  resources: [maintenancewindows]
  verbs: [get, list, watch]
# Tells what is done in a window.
- apiGroups: [managed.systems]
  resources: [patchpolicies]
  verbs: [get, list, watch]
# Tells of promises that are not kept, and which VMs a window concerns.
- apiGroups: [managed.systems]
  resources: [managedvms]
  verbs: [get, list, watch]
# The same of applications.
- apiGroups: [managed.systems]
  resources: [managedapplications]
  verbs: [get, list, watch]
# Sends them; there are none but in its own namespace.
- apiGroups: [managed.systems]
  resources: [notices]
  verbs: [get, list, watch]
{{- end -}}

{{- define "steward.rules.tell-cluster" -}}
# Tells the contacts of the customer.
- apiGroups: [managed.systems]
  resources: [contracts]
  verbs: [get, list, watch]
# Notices when a kind comes or goes.
- apiGroups: [apiextensions.k8s.io]
  resources: [customresourcedefinitions]
  verbs: [list, watch]
{{- end -}}

{{- define "steward.rules.tell-namespace" -}}
# Writes each before it is sent, and forgets it in time.
- apiGroups: [managed.systems]
  resources: [notices]
  verbs: [create, delete]
# Says what became of it.
- apiGroups: [managed.systems]
  resources: [notices/status]
  verbs: [update]
# Makes its Lease.
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [create]
# One of its replicas leads.
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  resourceNames: {{- include "steward.tellLease" . | trim | nindent 4 }}
  verbs: [get, list, watch, update]
{{- end -}}

{{- define "steward.rules.receive" -}}
# Reads whose alert it is, and whether it is watched.
- apiGroups: [managed.systems]
  resources: [managedvms]
  verbs: [get, list, watch]
# Reads whose alert it is.
- apiGroups: [managed.systems]
  resources: [managedapplications]
  verbs: [get, list, watch]
# Writes what was seen, and when it was over.
- apiGroups: [managed.systems]
  resources: [incidents]
  verbs: [get, list, watch, create, patch]
# Reads the UID by which Prometheus names the file of a rule.
- apiGroups: [monitoring.coreos.com]
  resources: [prometheusrules]
  verbs: [get]
{{- end -}}

{{- define "steward.rules.receive-cluster" -}}
# Reads what the rules of an application are made of.
- apiGroups: [managed.systems]
  resources: [products]
  verbs: [get, list, watch]
# Notices when a kind comes or goes.
- apiGroups: [apiextensions.k8s.io]
  resources: [customresourcedefinitions]
  verbs: [list, watch]
# Asks who sends a message.
- apiGroups: [authentication.k8s.io]
  resources: [tokenreviews]
  verbs: [create]
{{- end -}}

{{- define "steward.rules.receive-operator-namespace" -}}
# The same of the rules that hold for all namespaces.
- apiGroups: [monitoring.coreos.com]
  resources: [prometheusrules]
  verbs: [get]
# Makes its Lease.
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [create]
# Says that alerts are heard.
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  resourceNames: {{- include "steward.receiverLease" . | trim | nindent 4 }}
  verbs: [get, update]
{{- end -}}

{{- define "steward.rules.tenant-view" -}}
- apiGroups: [managed.systems]
  resources: [managedvms, managedapplications, backuppolicies, restores, maintenancewindows, patchpolicies, gueststates, recordpages, patchruns, problems, servicerequests, changerequests, approvals, incidents, notices]
  verbs: [get, list, watch]
{{- end -}}

{{- define "steward.rules.tenant-edit" -}}
- apiGroups: [managed.systems]
  resources: [managedvms, managedapplications, backuppolicies, maintenancewindows, patchpolicies]
  verbs: [create, delete, deletecollection, patch, update]
- apiGroups: [managed.systems]
  resources: [restores]
  verbs: [create]
- apiGroups: [managed.systems]
  resources: [servicerequests]
  verbs: [create]
- apiGroups: [managed.systems]
  resources: [changerequests]
  verbs: [create, patch, update]
- apiGroups: [managed.systems]
  resources: [approvals]
  verbs: [create]
- apiGroups: [managed.systems]
  resources: [incidents]
  verbs: [create, patch, update]
{{- end -}}

{{- define "steward.rules.tenant-approve" -}}
# Decides on changes for the customer, and accepts their results.
- apiGroups: [managed.systems]
  resources: [changerequests]
  verbs: [get, list, watch, patch, update, approve]
# Writes the decision.
- apiGroups: [managed.systems]
  resources: [approvals]
  verbs: [get, list, watch, create]
{{- end -}}

{{- define "steward.rules.provider-approve" -}}
# Decides on changes for the provider, pre-approves Standard ones, and writes results.
- apiGroups: [managed.systems]
  resources: [contracts]
  verbs: [approve]
# Writes changes, their exact plans and their results.
- apiGroups: [managed.systems]
  resources: [changerequests]
  verbs: [get, list, watch, create, patch, update]
# Writes the decision.
- apiGroups: [managed.systems]
  resources: [approvals]
  verbs: [get, list, watch, create]
# Reads what was ordered, and orders what cannot wait.
- apiGroups: [managed.systems]
  resources: [servicerequests]
  verbs: [get, list, watch, create]
# Opens Problems, and says their causes, workarounds and remedies.
- apiGroups: [managed.systems]
  resources: [problems]
  verbs: [get, list, watch, create, patch, update]
{{- end -}}

{{- define "steward.rules.provider-handle" -}}
# Acknowledges incidents, asks customers and resolves.
- apiGroups: [managed.systems]
  resources: [contracts]
  verbs: [handle]
# Says what is done about them.
- apiGroups: [managed.systems]
  resources: [incidents]
  verbs: [get, list, watch, create, patch, update]
# Says a word on a month, and corrects one that is closed.
- apiGroups: [managed.systems]
  resources: [servicereports]
  verbs: [get, list, watch, patch, update]
{{- end -}}

{{- define "steward.rules.catalogue-view" -}}
- apiGroups: [managed.systems]
  resources: [operatingsystems, products, clusterbackuppolicies, clusterpatchpolicies, servicecalendars, patchbaselines]
  verbs: [get, list, watch]
{{- end -}}

{{- define "steward.rules.catalogue-edit" -}}
- apiGroups: [managed.systems]
  resources: [operatingsystems, products, clusterbackuppolicies, clusterpatchpolicies, servicecalendars]
  verbs: [get, list, watch, create, delete, deletecollection, patch, update]
{{- end -}}

{{- define "steward.rules.contract-view" -}}
- apiGroups: [managed.systems]
  resources: [serviceplans, contracts, servicereports, reportpages]
  verbs: [get, list, watch]
{{- end -}}

{{- define "steward.rules.contract-edit" -}}
- apiGroups: [managed.systems]
  resources: [serviceplans, contracts]
  verbs: [get, list, watch, create, delete, deletecollection, patch, update]
{{- end -}}
