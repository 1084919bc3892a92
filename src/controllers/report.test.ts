import { beforeEach, describe, expect, it } from 'vitest';
import type { Condition } from '../api/common.ts';
import type { ConditionInput } from '../domain/contract/condition.ts';
import { managedVM, NOW } from '../domain/managedvm/assessment.fixtures.ts';
import type { KubeObject } from '../runtime/api/object.ts';
import { OpenRegistry } from '../runtime/observe/registry.ts';
import type { ReconcileContext } from '../runtime/pass/controller.ts';
import { Reporter } from './report.ts';

type Said = Readonly<Record<string, ConditionInput['status']>>;

let registry: OpenRegistry;
let reporter: Reporter;
let stored: Condition[] | undefined;
let events: string[];
/** Whether the status waits for its turn. */
let waits: boolean;
beforeEach(() => {
  registry = new OpenRegistry();
  reporter = new Reporter(registry);
  stored = undefined;
  events = [];
  waits = false;
});

/** One pass that says this of the object. */
async function says(said: Said, isOpen?: boolean): Promise<void> {
  const object = managedVM();
  const context = {
    object: { ...object, status: stored && { conditions: stored } },
    now: NOW,
    status: async (next: { conditions: Condition[] }) => {
      if (!waits) stored = next.conditions;
      return !waits;
    },
    event: (type: string, reason: string, message: string) => events.push(`${type} ${reason} ${message}`),
  };
  const conditions = Object.entries(said).map(([type, status]) => ({
    ...{ type, status },
    ...{ reason: `Is${status}`, message: 'Because.' },
  }));
  const pass = context as unknown as ReconcileContext<KubeObject>;
  if (isOpen === undefined) await reporter.report(pass, { status: {}, conditions });
  else await reporter.reportOpen(pass, { status: {}, conditions, isOpen });
}

async function told(...passes: Said[]): Promise<string[]> {
  for (const pass of passes) await says(pass);
  return events;
}

const broken = 'Warning IsFalse BackupCompliant is broken: Because.';
const kept = 'Normal IsTrue BackupCompliant is kept again: Because.';
const backup = (...statuses: ConditionInput['status'][]): Said[] =>
  statuses.map(BackupCompliant => ({ BackupCompliant }));

describe('AP-13: events tell when a promise breaks and when it heals', () => {
  it.each([
    ['it breaks, and heals', backup('True', 'False', 'True'), [broken, kept]],
    ['it was not known before it broke', backup('Unknown', 'False'), [broken]],
    [
      'it heals by way of Unknown, as a guest that starts again',
      backup('True', 'False', 'Unknown', 'True'),
      [broken, kept],
    ],
    ['it stays broken: told once', backup('True', 'False', 'False', 'False'), [broken]],
    [
      'it swings between broken and Unknown: told once',
      backup('True', 'False', 'Unknown', 'False', 'Unknown', 'False'),
      [broken],
    ],
    ['it swings between kept and Unknown: nothing', backup('True', 'Unknown', 'True', 'Unknown'), []],
    ['the object is new: nothing', backup('False', 'False'), []],
    ['what was broken from the start heals', backup('False', 'True'), [kept]],
  ] as const)('%s', async (_, passes, expected) => {
    expect(await told(...passes)).toEqual(expected);
  });

  it('each promise for itself, their sum and what is no promise not at all', async () => {
    const all = (status: ConditionInput['status']): Said => ({
      ...{ Available: status, BackupCompliant: status, SLACompliant: status, RestartPending: status, Stalled: status },
    });
    expect((await told(all('True'), all('False'))).map(event => event.split(' ')[2])).toEqual([
      'Available',
      'BackupCompliant',
    ]);
  });

  it('not before it is written, and not again when Steward starts anew', async () => {
    await says({ BackupCompliant: 'True' });
    waits = true;
    await says({ BackupCompliant: 'False' });
    expect(events).toEqual([]);
    waits = false;
    await says({ BackupCompliant: 'False' });
    reporter = new Reporter(new OpenRegistry());
    await says({ BackupCompliant: 'False' });
    await says({ BackupCompliant: 'True' });
    expect(events).toEqual([broken, kept]);
  });
});

describe('MO-5: steward_condition', () => {
  it('says what the status says, and goes with the object', async () => {
    await says({ BackupCompliant: 'True' });
    waits = true;
    await says({ BackupCompliant: 'False' });
    expect(await registry.metrics()).toContain(
      'steward_condition{kind="ManagedVM",namespace="acme",name="shop-db",type="BackupCompliant",status="True",reason="IsTrue"} 1',
    );
    waits = false;
    await says({ BackupCompliant: 'False' });
    const text = await registry.metrics();
    expect(text.match(/^steward_condition\{/gm)).toHaveLength(1);
    expect(text).toContain('status="False",reason="IsFalse"} 1');
    reporter.forget(managedVM().metadata.uid ?? '');
    expect(await registry.metrics()).not.toMatch(/^steward_condition\{/m);
  });

  it('of a record says so only while it is open, for those that are closed pile up', async () => {
    await says({ Agreed: 'False' }, true);
    expect(await registry.metrics()).toContain('type="Agreed",status="False"');
    await says({ Agreed: 'True' }, false);
    expect(await registry.metrics()).not.toMatch(/^steward_condition\{/m);
  });
});
