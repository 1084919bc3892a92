import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { alertReceiverOf } from '../../src/controllers/alertreceiver.ts';
import { backupContentsOf } from '../../src/controllers/managedvm/backupcontents.ts';
import { guestWorkersOf } from '../../src/controllers/managedvm/guestworkers.ts';
import { namespaceRightsOf } from '../../src/controllers/managedvm/namespacerights.ts';
import { gather, ownedKinds, READINGS } from '../../src/controllers/managedvm/readings.ts';
import { readSettings } from '../../src/controllers/settings.ts';
import { veleroHeartbeatOf } from '../../src/controllers/veleroheartbeat.ts';
import { ownershipOf } from '../../src/controllers/whose.ts';
import { renderDisks } from '../../src/domain/machine/disks.ts';
import { orderProblem } from '../../src/domain/machine/order.ts';
import { renderVirtualMachine } from '../../src/domain/machine/virtualmachine.ts';
import { assess } from '../../src/domain/managedvm/assess.ts';
import {
  ALL_APPLIED,
  claim,
  dataVolume,
  input,
  managedVM,
  operatingSystem,
} from '../../src/domain/managedvm/assessment.fixtures.ts';
import type { Reader } from '../../src/runtime/pass/controller.ts';

/** What every object of JavaScript has, as far as a DNS label can spell it, and a name that nothing has. */
const NAMES = ['constructor', 'data'];

const onlyTheCatalogue: Reader = {
  get: <T>({ kind }: { kind: string }) => (kind === 'OperatingSystem' ? operatingSystem() : undefined) as T | undefined,
  list: () => [],
  byIndex: () => [],
  count: () => 0,
  available: () => true,
  state: () => 'served',
  refusal: () => undefined,
};

const order = (name: string) =>
  managedVM({
    serviceLevel: 'AdvancedMonitoringAndPatching',
    disks: [{ name: 'root' }, { name, size: '10Gi' }],
    networks: [{ name }],
    services: [name],
    access: {
      users: [{ name, sshKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHx0uGwwWJ0PQqVdzrQvxCUeB2zQ0G0lG0u0e3yJQ0aB'] }],
    },
  });

describe("a customer's name that every object has (MO-1)", () => {
  it.each(NAMES)('%s is the name of a disk that does not exist yet', name => {
    const managed = order(name);
    const settings = readSettings({}, 'host');
    const sources = {
      ...{ read: onlyTheCatalogue, settings, prometheus: undefined, guestWorkers: guestWorkersOf(settings) },
      rights: namespaceRightsOf(settings),
      backupContents: backupContentsOf(settings),
      veleroHeartbeat: veleroHeartbeatOf(settings),
      alertReceiver: alertReceiverOf(settings),
      ...ownershipOf(ownedKinds(READINGS, settings)),
    };
    const { machine } = gather(READINGS, managed, sources);
    const { liveDataVolumes, livePVCs } = machine.live;
    expect(orderProblem(managed, machine)).toBeUndefined();
    const rendered = { managedVM: managed, operatingSystem: operatingSystem(), liveDataVolumes, livePVCs };
    const { dataVolumes, growth } = renderDisks(rendered);
    expect(dataVolumes.map(({ object }) => object.spec)).toMatchObject([{ storage: {} }, { source: { blank: {} } }]);
    expect(growth).toEqual([]);
    expect(renderVirtualMachine(rendered).spec).toMatchObject({
      template: { spec: { networks: [{ name }], volumes: [{}, { name }, {}] } },
    });
  });

  it.each(NAMES)('%s is the name of a disk that is filled', name => {
    const disk = `shop-db-${name}`;
    const read = {
      managedVM: order(name),
      dataVolumes: { root: dataVolume(), [name]: dataVolume('Succeeded', [], disk) },
      claims: { root: claim(), [name]: claim('Bound', '10Gi', '10Gi', disk) },
    };
    const { status } = assess(input(read, { outcomes: ALL_APPLIED }));
    expect(status.disks?.map(({ phase }) => phase)).toEqual(['Filled', 'Filled']);
  });
});

/** Object[name] of what a customer named finds `constructor` in every object. What is keyed by such a name is a Map. */
describe('the source', () => {
  const files = globSync(['src/domain/**/*.ts', 'src/controllers/**/*.ts']).filter(
    file => !/\.(test|fixtures)\.ts$/.test(file),
  );
  const KEYED = /[)\w]\??\.?\[\w+\.name\]/;

  it.each(files)('%s keys no object by a name that a customer gives', file => {
    const lines = readFileSync(file, 'utf8').split('\n');
    expect(lines.filter(line => KEYED.test(line))).toEqual([]);
  });
});
