import type { ProductSpec } from '../../../api/product.ts';
import type { ProductStep } from '../../../api/productsteps.ts';

/** Who and what an engine has from its first start. */
const FROM_THE_START = { PostgreSQL: ['postgres'], MariaDB: ['root', 'mysql'] } as const;

/** Roles and databases that are the engine's own, or the provider's. */
const KEPT = {
  PostgreSQL: ['postgres', 'steward', 'template0', 'template1'],
  MariaDB: ['root', 'mysql', 'sys', 'information_schema', 'performance_schema', 'steward'],
} as const;
const KEPT_ROLE = /^pg_/;

/** What is wrong with the order of a Product's steps, and with what they name of each other. */
export function orderFaults(spec: ProductSpec): readonly string[] {
  const { steps } = spec;
  return [
    ...(steps.some(({ package: installed }) => installed !== undefined)
      ? []
      : ['spec.steps: no step of type package says whose version is that of the application.']),
    ...steps.flatMap((step, index) =>
      stepFaults(step, steps.slice(0, index), spec).map(fault => `spec.steps.${step.name}: ${fault}.`),
    ),
  ];
}

function stepFaults(step: ProductStep, before: readonly ProductStep[], spec: ProductSpec): readonly string[] {
  const { name, file, unit, database, waitFor } = step;
  const installed = before.some(({ package: each }) => each !== undefined);
  const brought = installed || before.some(({ file: each }) => each !== undefined);
  return [
    ...(name.startsWith('module-') ? ['names that begin with module- are those of the steps of modules'] : []),
    ...(name === 'backup' ? ['backup is the name under which dumps are looked at'] : []),
    ...(name === 'probes' ? ['probes is the name under which all probes are looked at'] : []),
    ...(file?.unit !== undefined && !installed && !hasUnit(spec, file.unit)
      ? [`unit ${file.unit} is neither a step nor of a package of an earlier step`]
      : []),
    ...(unit !== undefined && !brought ? [`no earlier step brings unit ${unit.name}`] : []),
    ...(database !== undefined ? databaseFaults(database, before, spec, installed) : []),
    ...(waitFor !== undefined && !spec.probes.some(probe => probe.name === waitFor.probe)
      ? [`there is no probe ${waitFor.probe}`]
      : []),
  ];
}

function hasUnit({ steps }: ProductSpec, name: string): boolean {
  return steps.some(({ unit }) => unit?.name === name);
}

function databaseFaults(
  { engine, role, database, extension }: NonNullable<ProductStep['database']>,
  before: readonly ProductStep[],
  { interface: face }: ProductSpec,
  installed: boolean,
): readonly string[] {
  const made = before.flatMap(each => (each.database?.engine === engine ? [each.database] : []));
  const there: readonly string[] = FROM_THE_START[engine];
  const kept: readonly string[] = KEPT[engine];
  const roles = [...there, ...made.flatMap(each => each.role ?? [])];
  const databases = [...there, ...made.flatMap(each => each.database?.name ?? [])];
  return [
    ...(installed ? [] : [`no earlier step installs a package, so that there is no ${engine} to ask`]),
    ...[role, database?.name]
      .filter(each => each !== undefined && (kept.includes(each) || KEPT_ROLE.test(each)))
      .map(each => `${each} is a name of ${engine}’s own, or of the provider`),
    ...(role !== undefined && role !== face?.username
      ? [`role ${role} is not interface.username, and only that login has a password`]
      : []),
    ...(database !== undefined && !roles.includes(database.owner)
      ? [`no earlier step makes role ${database.owner}, which owns database ${database.name}`]
      : []),
    ...(extension !== undefined && !databases.includes(extension.database)
      ? [`no earlier step makes database ${extension.database}`]
      : []),
  ];
}
