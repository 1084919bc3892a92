import type { ManagedVMSpec } from '../../api/managedvm.ts';
import type { OperatingSystemSpec } from '../../api/operatingsystem.ts';

/**
 * The services that must run (MO-12), each once, under the names by which the guest's exporter is asked: systemd's without `.service`,
 * which both spellings of an order mean; those of Windows in lower case, because Windows does not tell cases apart.
 */
export function expectedServices(
  { services = [] }: ManagedVMSpec,
  family: OperatingSystemSpec['family'] | undefined,
): readonly string[] {
  const named =
    family === 'Windows'
      ? services.map(name => name.toLowerCase())
      : services.map(name => name.replace(/\.service$/, ''));
  return [...new Set(named)];
}
