import type { Product, ProductSpec } from '../../api/product.ts';
import { cut } from '../contract/excerpt.ts';
import { argumentFaults } from './check/arguments.ts';
import { backupFaults } from './check/backup.ts';
import { fileFaults } from './check/files.ts';
import { monitoringFaults } from './check/monitoring.ts';
import { orderFaults } from './check/order.ts';
import { parameterFaults } from './check/parameters.ts';
import { accountFaults, pathFaults } from './check/paths.ts';
import { performanceFaults } from './check/performance.ts';
import { remediationFaults } from './check/remediation.ts';
import { filesOf } from './check/steps.ts';
import { testedFaults } from './check/tested.ts';
import { upgradeFaults } from './check/upgradepaths.ts';
import { moduleEngine, moduleStepName } from './modules.ts';
import { PASSWORD_HASH, placeholdersOf } from './template.ts';

/** A placeholder may be called by a whole page. */
const LONGEST_FAULT = 500;

/**
 * What is wrong with a Product that its schema admits, as far as it can be told without a guest: full sentences that begin with the field. A Product
 * with a fault is not carried out.
 */
export function faultsOf({ metadata: { name }, spec }: Product): readonly string[] {
  return [
    ...offerFaults(name, spec),
    ...parameterFaults(spec),
    ...interfaceFaults(spec),
    ...orderFaults(spec),
    ...fileFaults(spec),
    ...argumentFaults(spec),
    ...pathFaults(spec),
    ...accountFaults(spec),
    ...probeFaults(spec),
    ...upgradeFaults(spec),
    ...backupFaults(spec),
    ...monitoringFaults(spec),
    ...remediationFaults(spec),
    ...testedFaults(spec),
    ...performanceFaults(spec),
  ].map(fault => cut(fault, LONGEST_FAULT));
}

function offerFaults(name: string, { conflicts = [], supportedBy, lines }: ProductSpec): readonly string[] {
  const undated = lines.flatMap(line =>
    line.operatingSystems.filter(system => system.endOfSupport === undefined).map(system => ({ line, system })),
  );
  return [
    ...(conflicts.includes(name) ? ['spec.conflicts: a Product does not conflict with itself.'] : []),
    ...(supportedBy === 'Distribution'
      ? undated.map(
          ({ line, system }) =>
            `spec.lines.${line.name}.operatingSystems.${system.name}: supportedBy Distribution needs its endOfSupport.`,
        )
      : []),
  ];
}

function interfaceFaults(spec: ProductSpec): readonly string[] {
  const { interface: face, steps, modules = [] } = spec;
  const { username, database } = face ?? {};
  const stepNames = modules.map(({ name }) => moduleStepName(name));
  const alike = modules.filter((_, index) => stepNames.indexOf(stepNames[index] ?? '') < index);
  const makesLogin =
    steps.some(step => step.database?.role === username) ||
    filesOf(spec).some(({ file }) => placeholdersOf(file.content).includes(PASSWORD_HASH));
  const makesDatabase = steps.some(step => step.database?.database?.name === database);
  return [
    ...(username !== undefined && !makesLogin
      ? [
          `spec.interface.username: no step of type database makes role ${username}, and no file has its {{ ${PASSWORD_HASH} }}.`,
        ]
      : []),
    ...(database !== undefined && !makesDatabase
      ? [`spec.interface.database: no step of type database makes database ${database}.`]
      : []),
    ...(modules.length > 0 && moduleEngine(spec) === undefined
      ? ['spec.modules: modules are extensions of PostgreSQL, and no step of it makes interface.database.']
      : []),
    ...alike.map(
      ({ name }) =>
        `spec.modules.${name}: another module differs from it in _ and - only, and their steps would have one name.`,
    ),
  ];
}

/** A port may be open, and what listens there not work (research: health checks that lie). */
function probeFaults({ probes }: ProductSpec): readonly string[] {
  return probes.every(({ tcp }) => tcp !== undefined)
    ? [
        'spec.probes: an open port does not say that the application works; one of them must be of type sql, keyValue, http or command.',
      ]
    : [];
}
