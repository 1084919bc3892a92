import { expect } from 'vitest';
import type { ApplicationPlan, RestoreEngine } from '../../src/domain/contract/applicationplan.ts';
import { ApplicationGuest } from './applicationguest.ts';

/** A guest with a network of its own, in which all is as planned. */
export async function plannedGuest(plan: ApplicationPlan): Promise<ApplicationGuest> {
  const guest = await ApplicationGuest.start('own');
  await guest.sh('DEBIAN_FRONTEND=noninteractive apt-get -q -y install iproute2');
  await heals(guest, plan);
  return guest;
}

/** Puts it right without a failure. */
export async function heals(guest: ApplicationGuest, wanted: ApplicationPlan): Promise<void> {
  const { exitCode, stdout, stderr } = await guest.heal(wanted);
  expect(exitCode, `${stdout}${stderr}`.slice(-3000)).toBe(0);
}

type Asked = {
  readonly engine: RestoreEngine;
  readonly restore: string;
  readonly line: string;
  readonly of: Date;
  readonly ports: number[];
  readonly withinSeconds?: number;
};

/** The plan with a restore from the dump of that instant, its steps where the operator puts them. */
export function restoring(plan: ApplicationPlan, { of, withinSeconds = 30, ...asked }: Asked): ApplicationPlan {
  const words = { ...asked, of: of.toISOString() };
  const packages = plan.steps.findIndex(({ type }) => type === 'package') + 1;
  return {
    ...plan,
    steps: [
      ...plan.steps.slice(0, packages),
      { type: 'dataRestore', name: 'data-restore', ...words },
      ...plan.steps.slice(packages),
      { type: 'dataOpen', name: 'data-open', ...words, withinSeconds },
    ],
  };
}

/** The plan once the restore is accepted: the data of before go. */
export const retiring = (plan: ApplicationPlan, restore: string): ApplicationPlan => ({
  ...plan,
  steps: [...plan.steps, { type: 'dataRetire', name: 'data-retire', restore }],
});

/** What a look says that is kept of before restores. */
export const kept = async (guest: ApplicationGuest, plan: ApplicationPlan) =>
  (await guest.look(plan)).applications[0]?.backup?.kept ?? [];

/** A dump of what there is now, and the instant of it. */
export async function dumped(guest: ApplicationGuest, plan: ApplicationPlan): Promise<Date> {
  await guest.sh('rm -rf /var/lib/steward/dumps/shop; /usr/local/sbin/steward-backup-shop');
  const { backup } = (await guest.look(plan)).applications[0] ?? {};
  const [dump] = backup?.dumps ?? [];
  if (dump === undefined) throw new Error(`There is no dump: ${backup?.failed?.what}`);
  return dump;
}

/** What a look says of the restore of a plan. */
export const found = async (guest: ApplicationGuest, plan: ApplicationPlan) =>
  (await guest.look(plan)).applications[0]?.restore;

/** The script of a heal, which dies where it has run that text: nothing of it comes after. */
export const cutAfter = (script: string, text: string): string =>
  script.replace(text, cut => `${cut}; sh -c 'kill -9 $PPID'`).replace(/^heal_in shop-open .*$/m, 'exit 9');

/** The script with another text in its program of the restore. */
export const inProgram = (script: string, text: string, other: string): string =>
  script.replaceAll(/(data-restore\.sh 0600 )(\S+)/g, (_, before: string, encoded: string) => {
    const program = Buffer.from(encoded, 'base64').toString();
    if (!program.includes(text)) throw new Error(`The program has no ${text}`);
    return before + Buffer.from(program.replace(text, () => other)).toString('base64');
  });

/** As {@link cutAfter}, where the program has run that text: whoever called it dies before it does. */
export const cutInProgram = (script: string, text: string): string =>
  inProgram(script, text, `${text}\nkill -9 $PPID $$\n`).replace(/^heal_in shop-open .*$/m, 'exit 9');

/** Commands after which a dump is what was written, whatever was done to its file. */
export const SEALED_AGAIN = `cd /var/lib/steward/dumps/shop/dump-*; sed -i "s/^file db-1.dump .*/file db-1.dump $(stat -c %s db-1.dump) $(sha256sum < db-1.dump | cut -c 1-64)/" MANIFEST`;

/** The plan, whose server never seems to serve. */
export const neverServing = (plan: ApplicationPlan): ApplicationPlan => ({
  ...plan,
  probes: [...plan.probes, { type: 'tcp', name: 'never', port: 1, timeoutSeconds: 1 }],
});

/** The script of a heal that does not wait until the data of before serve again. */
export const scriptInHaste = async (guest: ApplicationGuest, plan: ApplicationPlan): Promise<string> =>
  (await guest.scriptOfHeal(plan)).replaceAll('within 60 judged', 'true');
