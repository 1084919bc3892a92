import { dailyPolicy, machine } from './orders.ts';

/** Many monitored and backed-up ManagedVMs of one namespace, as one List for kubectl. */
export function fleet(namespace: string, count: number, policy: string): string {
  const names = Array.from({ length: count }, (_, index) => `vm-${`${index}`.padStart(3, '0')}`);
  const backupPolicyRef = { kind: 'BackupPolicy', name: policy };
  const machines = names.map(name => machine(namespace, name, { backupPolicyRef }));
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [dailyPolicy(namespace, policy), ...machines] });
}
