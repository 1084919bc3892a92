/** Faults of applications in an installed Debian with Debian's own packages (test/packages): what must hold is that a look finds all as planned in the end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { ApplicationPlan, PlanStep } from '../../../src/domain/contract/applicationplan.ts';
import { ApplicationGuest } from '../../packages/applicationguest.ts';
import { planOfEntry } from '../../packages/entryplan.ts';
import type { Outcome } from '../cases.ts';
import { judged } from './judged.ts';

/** An entry of the catalogue, and how to see in the guest that it does what it is for. */
export type Entry = { readonly product: string; readonly line: string; readonly port: number; readonly server: string };

export const ENTRIES: readonly Entry[] = [
  { product: 'nginx', line: '1.26', port: 80, server: '/etc/nginx/nginx.conf' },
  { product: 'valkey', line: '8.1', port: 6379, server: '/etc/valkey/valkey.conf' },
  { product: 'mariadb', line: '11.8', port: 3306, server: '/etc/mysql/mariadb.conf.d/90-steward.cnf' },
  { product: 'postgresql', line: '17', port: 5432, server: '/etc/postgresql/17/main/conf.d/90-steward-start.conf' },
];

type FileStep = Extract<PlanStep, { readonly type: 'file' }>;
type Place = { readonly guest: ApplicationGuest; readonly plan: ApplicationPlan };

/** Heals that a worker would try one after the other, before it is said that it does not come to its end. */
const MOST_HEALS = 4;

/** Until a look finds all as planned. Throws what it still finds. */
async function converged({ guest, plan }: Place): Promise<void> {
  for (let heals = 0; heals < MOST_HEALS; heals++) {
    if (Object.keys((await guest.look(plan)).differing).length === 0) return;
    await guest.heal(plan);
  }
  const { differing } = await guest.look(plan);
  if (Object.keys(differing).length > 0) throw new Error(JSON.stringify(differing));
}

/** And a heal of everything changes nothing more. */
async function settled(place: Place): Promise<void> {
  await converged(place);
  const { stdout } = await place.guest.healAll(place.plan);
  const changed = stdout.split('\n').filter(line => line !== '' && !line.endsWith(': as it was'));
  if (changed.length > 0) throw new Error(`a second heal changed something: ${changed.join('; ')}`);
}

async function inGuest<Result>(
  { product, line, port }: Entry,
  work: (place: Place) => Promise<Result>,
): Promise<Result> {
  const guest = await ApplicationGuest.start();
  try {
    return await work({
      guest,
      plan: await planOfEntry(`${product}.yaml`, [port, await ApplicationGuest.freePort()], { line }),
    });
  } finally {
    await guest.stop();
  }
}

/** What has ended keeps its number here, for nobody takes it in: so the notes of such numbers go with it, as a boot has them go. */
const POWER_LOST = `kill -KILL -1; rm -f /var/lib/postgresql/*/*/postmaster.pid; find /run '(' -name '*.pid' -o -name '*.sock' -o -name '.s.*' ')' -delete`;

/** The power goes in the middle of an installation: at some of its instants, evenly. Every process of the guest is killed, its servers too. */
export async function cutOff(entry: Entry, cuts: number): Promise<Outcome[]> {
  const whole = await inGuest(entry, installing);
  const outcomes: Outcome[] = [];
  for (let cut = 1; cut <= cuts; cut++) {
    const after = Math.round((whole * cut) / (cuts + 1));
    outcomes.push(
      await judged(`${entry.product}: the power goes after ${after} ms of its installation`, () =>
        inGuest(entry, async place => {
          // What is put right is known before: a look that the cut ends says nothing.
          const script = await place.guest.scriptOfHeal(place.plan);
          const healing = place.guest.run(script);
          await sleep(after);
          await place.guest.run(POWER_LOST);
          await healing;
          await settled(place);
        }),
      ),
    );
  }
  return outcomes;
}

/** Milliseconds that an installation takes where nothing cuts it off. */
async function installing(place: Place): Promise<number> {
  const script = await place.guest.scriptOfHeal(place.plan);
  const began = performance.now();
  await place.guest.run(script);
  const whole = performance.now() - began;
  await settled(place);
  return whole;
}

/** Of one guest that has it installed: what somebody changes is as planned again, whoever looks and heals at the same time. */
export function disturbed(entry: Entry): Promise<Outcome[]> {
  return inGuest(entry, async place => {
    await settled(place);
    const files = place.plan.steps.filter(step => step.type === 'file');
    const outcomes: Outcome[] = [];
    const note = async (what: string, work: () => Promise<void>) => {
      outcomes.push(await judged(`${entry.product}: ${what}`, work));
    };
    for (const file of files)
      for (const [what, change] of tamperings(file))
        await note(what, async () => {
          await place.guest.sh(change);
          if (Object.keys((await place.guest.look(place.plan)).differing).length === 0)
            throw new Error('the look finds nothing of it');
          await settled(place);
        });
    for (const file of files.filter(({ validate }) => validate !== undefined))
      await note(`a ${file.path} that its own check refuses never takes its place`, () => refused(place, file));
    await note('two workers put all right at once', () => twice(place, entry));
    await note('no room for a new file', () => withoutRoom(place, entry));
    return outcomes;
  });
}

function tamperings({ path }: FileStep): readonly (readonly [what: string, change: string])[] {
  return [
    [`a line is added to ${path}`, `echo '# by somebody' >> ${path}`],
    [`${path} is emptied`, `: > ${path}`],
    [`${path} is removed`, `rm ${path}`],
    [`${path} is a link to another`, `mv ${path} /tmp/moved && ln -s /tmp/moved ${path}`],
    [`everybody may write ${path}`, `chmod 0666 ${path}`],
    [`${path} belongs to somebody else`, `chown nobody ${path}`],
  ];
}

async function refused({ guest, plan }: Place, file: FileStep): Promise<void> {
  const before = await guest.sh(`sha256sum ${file.path}`);
  const broken = { ...file, content: `${file.content}\n}} ( "no such setting' = {{\n` };
  const { exitCode } = await guest.heal({ ...plan, steps: plan.steps.map(step => (step === file ? broken : step)) });
  if (exitCode === 0) throw new Error('the heal says that it went well');
  if ((await guest.sh(`sha256sum ${file.path}`)) !== before) throw new Error('it took its place');
  await settled({ guest, plan });
}

/** As two workers would of which each takes itself for the holder of the VM's lease. */
async function twice(place: Place, { server }: Entry): Promise<void> {
  await place.guest.sh(`echo '# by somebody' >> ${server}`);
  await Promise.all([place.guest.healAll(place.plan), place.guest.healAll(place.plan)]);
  await settled(place);
}

async function withoutRoom(place: Place, { server }: Entry): Promise<void> {
  const { guest, plan } = place;
  const folder = server.slice(0, server.lastIndexOf('/'));
  const mounted = `mkdir -p /mnt/full && mount -t tmpfs -o size=256k,mode=0755 tmpfs /mnt/full && cp -a ${folder}/. /mnt/full/ && chown --reference=${folder} /mnt/full && chmod --reference=${folder} /mnt/full && mount --bind /mnt/full ${folder}`;
  await guest.sh(mounted);
  await guest.sh(`echo '# by somebody' >> ${server}; cat /dev/zero > ${folder}/.fill 2> /dev/null || :`);
  const { exitCode } = await guest.heal(plan);
  const left = await guest.sh(`rm ${folder}/.fill; ls -A ${folder}`);
  if (exitCode === 0) throw new Error('the heal says that it went well');
  if (/steward-new/.test(left)) await guest.heal(plan);
  await settled(place);
  await guest.sh(`umount ${folder} /mnt/full`);
  if (!isDeepStrictEqual(Object.keys((await guest.look(plan)).differing), [])) await settled(place);
}
