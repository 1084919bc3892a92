/**
 * `npm run bench`: how fast Steward is beside a client that only writes, and beside others that do its work.
 * `--quick` counts requests of a hundred ManagedVMs and is judged by bounds; it never looks at time.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { alerts } from './alerts.ts';
import { applications } from './applications/applications.ts';
import { onBenchBed } from './bed.ts';
import { conclude } from './checks.ts';
import { contest } from './contest.ts';
import { ensureOpponents } from './contestants/artifacts.ts';
import { type Contestant, steward, stewardWithoutFinalizerWrite } from './contestants/contestant.ts';
import { doti, ensureDoti } from './contestants/doti.ts';
import { controllerRuntime, kro } from './contestants/goopponents.ts';
import { rawClient } from './contestants/raw.ts';
import { recordTemplate } from './contestants/template.ts';
import { goals } from './goals.ts';
import { guests } from './guests/guests.ts';
import type { Run, Setting } from './measure.ts';
import { patching } from './patching/patching.ts';
import { quick } from './quick.ts';
import { records } from './records.ts';
import { publish, resultOf } from './report/publish.ts';
import { standingsOf, tableOf } from './report/standings.ts';
import { publishScale } from './scale/publishscale.ts';
import { scaleRows } from './scale/rows.ts';
import { scale } from './scale/scale.ts';
import { scaleTable } from './scale/table.ts';

const usage = `npm run bench -- [options]
  --quick             counts only, N = 100; ends with 1 when a bound is broken
  --goals 1000        Steward alone: silence, restart, edits, memory, leader change
  --idle 60           seconds of silence among the goals
  --guests 1000       one guest worker: memory of a guest, CPU of a look, and that it writes nothing for those that are as ordered
  --patching 1000     so many guests in one window, one in twenty failing in each way: verdicts, memory of a guest, API calls
  --applications 1000  so many ManagedApplications: writes of each, silence afterwards and under the next operator, memory
  --records 10000     records of so many VMs: pages, bytes, and that nothing is written where nothing changes
  --alerts 10000      a storm of so many: each in exactly one incident, though receiver and Alertmanager end in the middle; memory
  --scale             what grows with the fleet, in rows; ends with 1 when a goal is missed; --only ID,ID chooses among them
  --counts 100,1000   numbers of ManagedVMs without KubeVirt's webhooks
  --webhooks 1000     numbers of ManagedVMs with them; none by default
  --rounds 5          runs of each contestant
  --only NAME,NAME    contestants besides the raw client
  --once NAME,NAME    contestants that run in the first round only where N is 1000 or more
  --report FILE       JSON
  --publish           writes docs/benchmarks.md and its plots`;

const options = {
  quick: { type: 'boolean', default: false },
  goals: { type: 'string' },
  guests: { type: 'string' },
  patching: { type: 'string' },
  applications: { type: 'string' },
  records: { type: 'string' },
  alerts: { type: 'string' },
  idle: { type: 'string', default: '60' },
  scale: { type: 'boolean', default: false },
  counts: { type: 'string', default: '100,1000' },
  webhooks: { type: 'string', default: '' },
  rounds: { type: 'string', default: '5' },
  only: { type: 'string', default: '' },
  once: { type: 'string', default: '' },
  report: { type: 'string' },
  publish: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

const { values } = parseArgs({ options });
const numbers = (text: string) => text.split(',').filter(Boolean).map(Number);
const say = (line: string) => console.log(line);

/** The raw client first: whoever is compared is compared with it. */
function contestants(): Promise<[Contestant, ...Contestant[]]> {
  return onBenchBed(async bench => {
    const template = await recordTemplate(bench);
    const folders = await ensureOpponents(say, bench.bed.binaries.tether);
    await ensureDoti(say);
    const others = [
      ...[steward, stewardWithoutFinalizerWrite, controllerRuntime(template, folders.controllerRuntime)],
      ...[kro(template, folders.kro), doti(template)],
    ];
    const only = values.only.split(',').filter(Boolean);
    return [rawClient(template), ...others.filter(({ name }) => only.length === 0 || only.includes(name))];
  });
}

async function long(): Promise<number> {
  const settings: Setting[] = [
    ...numbers(values.counts).map(count => ({ count, webhooks: false })),
    ...numbers(values.webhooks).map(count => ({ count, webhooks: true })),
  ];
  const [raw, ...others] = await contestants();
  const rounds: (readonly Run[])[] = [];
  // Where a report went is the machine's business, not the page's.
  const command = `npm run bench -- ${process.argv.slice(2).join(' ')}`.replace(/ --report[ =]\S+| -- $/g, '');
  // After each round, so that a bench that is ended early has told what it knows.
  const ended = async (runs: readonly Run[]) => {
    rounds.push(runs);
    const standings = standingsOf(rounds, raw.name);
    if (standings.length === 0) return;
    const result = resultOf(command, rounds.flat(), standings);
    if (values.report !== undefined) await writeFile(values.report, JSON.stringify(result, undefined, 2));
    if (values.publish) await publish(result);
    console.log(`\n${tableOf(standings)}\n`);
  };
  const once = values.once.split(',').filter(Boolean);
  for (const setting of settings) {
    const inFirstOnly = setting.count < 1000 ? [] : once;
    await contest([raw, ...others], setting, Number(values.rounds), inFirstOnly, { say, ended });
  }
  return rounds.length > 0 ? 0 : 1;
}

const EDITS = 50;

async function grown(): Promise<number> {
  const only = values.only.split(',').filter(Boolean);
  const seen = await scale(
    scaleRows.filter(({ id }) => only.length === 0 || only.includes(id)),
    say,
  );
  console.log(`\n${scaleTable(seen)}`);
  if (values.publish) await publishScale(seen);
  return conclude(
    seen.flatMap(({ checks }) => checks),
    values.report,
  );
}

async function run(): Promise<number> {
  if (values.quick) return conclude(await quick(), values.report);
  if (values.scale) return grown();
  if (values.guests !== undefined) return conclude(await guests(Number(values.guests), say), values.report);
  if (values.patching !== undefined) return conclude(await patching(Number(values.patching), say), values.report);
  if (values.applications !== undefined)
    return conclude(await applications(Number(values.applications), say), values.report);
  if (values.records !== undefined) return conclude(await records(Number(values.records), say), values.report);
  if (values.alerts !== undefined) return conclude(await alerts(Number(values.alerts), say), values.report);
  if (values.goals === undefined) return long();
  const settings = { count: Number(values.goals), idleMs: Number(values.idle) * 1000, edits: EDITS };
  return conclude(await goals(settings), values.report);
}

if (values.help) console.log(usage);
else process.exitCode = await run();
