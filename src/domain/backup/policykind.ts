/** The kinds of policies on backups. */
export type BackupPolicyKind = 'BackupPolicy' | 'ClusterBackupPolicy';

/** What tells a policy from others: the provider's lies in no namespace. */
export type PolicyIdentity = { readonly namespace?: string | undefined; readonly name: string };

/** The kind of a policy. */
export function kindOfPolicy({ namespace }: Pick<PolicyIdentity, 'namespace'>): BackupPolicyKind {
  return namespace === undefined ? 'ClusterBackupPolicy' : 'BackupPolicy';
}

/** A policy in a message. */
export function policySubject(policy: PolicyIdentity): string {
  const { namespace, name } = policy;
  return `${kindOfPolicy(policy)} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}

/** A policy in an alert on it, from its labels. */
export const LABELLED_POLICY =
  '{{ $labels.kind }} {{ if $labels.namespace }}{{ $labels.namespace }}/{{ end }}{{ $labels.name }}';
