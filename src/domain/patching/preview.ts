/** What the next window would do to each VM, as a text without ages and in one order, so that two of them can be compared (`steward plan`). */
import type { ManagedVM } from '../../api/managedvm.ts';
import { instant } from '../contract/condition.ts';
import { systemNameOf } from '../contract/system.ts';
import { standing } from './approve.ts';
import type { PatchingFacts } from './facts.ts';
import { awaitedPoint } from './freshpoint.ts';
import { heldBy } from './held.ts';
import { openingsAsAgreed } from './opened.ts';
import { proofIn } from './patchstate.ts';
import { termsOf } from './policyfor.ts';
import { ringOf } from './ringof.ts';
import type { PatchTerms } from './terms.ts';
import type { Occurrence } from './window.ts';

/** A ManagedVM with what is known of its patches. */
export type Subject = { readonly managedVM: ManagedVM; readonly facts: PatchingFacts };

type Line = { readonly package: string; readonly text: string };
type Planned = {
  /** `namespace/name`. */
  readonly vm: string;
  readonly opening: Occurrence;
  readonly terms: PatchTerms;
  readonly ring: string;
  readonly operatingSystem: string;
  /** Why nothing would be begun in it. */
  readonly held: string | undefined;
  /** Undefined: its guest's package manager has not said yet what is missing. */
  readonly updates: { readonly install: readonly Line[]; readonly leave: readonly Line[] } | undefined;
};
type Left = { readonly vm: string; readonly why: string };

/** The window that is open, else the next one, of each VM: postponed as it is, by what is known now, and by the clock of its beginning. */
export function preview(subjects: readonly Subject[], now: Date): string {
  const found = subjects.map(subject => plannedFor(subject, now));
  const planned = found.flatMap(each => ('terms' in each ? [each] : []));
  const left = found.flatMap(each => ('terms' in each ? [] : [each]));
  const blocks = [...Map.groupBy(planned, windowOf)].sort(byName).map(([window, each]) => windowText(window, each));
  const others = sorted(left, ({ vm }) => vm).map(({ vm, why }) => `  ${vm}: ${why}`);
  const text = [...blocks, ...(others.length === 0 ? [] : [['not patched', ...others].join('\n')])];
  return text.length === 0 ? 'no ManagedVM\n' : `${text.join('\n\n')}\n`;
}

function plannedFor({ managedVM, facts }: Subject, now: Date): Planned | Left {
  const { metadata } = managedVM;
  const { namespace = '', name, labels = {} } = metadata;
  const vm = `${namespace}/${name}`;
  const { terms, problem } = termsOf(managedVM, facts, now);
  if (terms === undefined) return { vm, why: `${problem.reason}: ${problem.message}` };
  const { open, next } = openingsAsAgreed(facts.changes(terms.policy), terms, now);
  const opening = open ?? next;
  if (opening === undefined) return { vm, why: `no window of ${policyOf(terms)} opens any more.` };
  const ring = ringOf(terms.rings, { namespace, labels });
  return {
    ...{ vm, opening, terms, ring: ring?.name ?? '', operatingSystem: systemNameOf(managedVM) },
    held: heldBy(managedVM, terms, facts.rings, false) ?? (open && awaitedPoint(managedVM, terms, now)),
    updates: updatesIn(managedVM, facts, terms, opening),
  };
}

function updatesIn(
  managedVM: ManagedVM,
  facts: PatchingFacts,
  terms: PatchTerms,
  { start }: Occurrence,
): Planned['updates'] {
  const { updates } = facts;
  if (updates === undefined) return undefined;
  const proofOf = proofIn(managedVM, facts, terms);
  const judged = updates.missing.map(update => {
    const { install, why } = standing(update, { terms, proof: proofOf(update), failure: undefined, now: start });
    const newest = update.versions.at(-1);
    const rated = `${newest?.severity ?? 'Unknown'}${newest?.security === true ? ', security' : ''}`;
    const versions = `${update.package} ${update.from ?? 'new'} -> ${install ?? newest?.version}`;
    return {
      package: update.package,
      install,
      text: `${versions} (${rated})${install === undefined ? `: ${why}` : ''}`,
    };
  });
  const inOrder = sorted(judged, each => each.package);
  return {
    install: inOrder.filter(({ install }) => install !== undefined),
    leave: inOrder.filter(({ install }) => install === undefined),
  };
}

function windowOf({ opening: { window, date, start, cutoff, end }, terms }: Planned): string {
  const when = `${instant(start)} to ${instant(end)}, nothing installed from ${instant(cutoff)} on`;
  return `${policyOf(terms)}, window ${window} of ${date}: ${when}`;
}

function policyOf({ policy }: PatchTerms): string {
  return `${policy.kind} ${policy.name}`;
}

/** Rings in the order in which they are patched. */
function windowText(window: string, planned: readonly Planned[]): string {
  const order = planned[0]?.terms.rings.map(({ name }) => name) ?? [];
  const rings = [...Map.groupBy(planned, ({ ring }) => ring)];
  const inOrder = rings.toSorted(([a], [b]) => order.indexOf(a) - order.indexOf(b));
  return [window, ...inOrder.flatMap(([ring, each]) => ringText(ring, each))].join('\n');
}

function ringText(ring: string, planned: readonly Planned[]): readonly string[] {
  const count = `${planned.length} ${planned.length === 1 ? 'VM' : 'VMs'}`;
  return [`  ring ${ring === '' ? '(none)' : ring}: ${count}`, ...sorted(planned, ({ vm }) => vm).flatMap(vmText)];
}

function vmText({ vm, operatingSystem, terms, held, updates }: Planned): readonly string[] {
  const head = `    ${vm} (${operatingSystem}, reboot ${terms.reboot})`;
  if (held !== undefined) return [`${head}: held, ${held}`];
  if (updates === undefined) return [`${head}: what is missing is not known yet`];
  const { install, leave } = updates;
  return [
    `${head}: ${install.length} to install, ${leave.length} to leave`,
    ...install.map(({ text }) => `      + ${text}`),
    ...leave.map(({ text }) => `      - ${text}`),
  ];
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function sorted<Item>(items: readonly Item[], nameOf: (item: Item) => string): readonly Item[] {
  return items.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : Number(nameOf(a) > nameOf(b))));
}
