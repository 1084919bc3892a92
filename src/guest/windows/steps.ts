import { z } from 'zod';
import type { Fence } from '../run/fence.ts';
import type { Beginning, Said, Unrecorded } from '../run/saying.ts';
import type { Step, StepScripts } from '../run/stepscripts.ts';
import type { Answer } from '../transport/session.ts';
import { word } from '../word.ts';
import { ourAnswer, standardInput } from './powershell.ts';
import { ASK, BEGIN, OUTPUT, RUNNER } from './stepscripts.ts';

const BootId = z.uuid();
const Hindered = z.strictObject({ unrecorded: z.enum(['NoFolder', 'NotWritable', 'Locked', 'NotStarted']) });
const Asked = z.discriminatedUnion('state', [
  z.strictObject({ boot: BootId, state: z.enum(['Never', 'Running', 'Gone', 'Overtaken']) }),
  z.strictObject({ boot: BootId, state: z.literal('Finished'), exit: z.int().min(0).max(255) }),
]);
const Begun = z.strictObject({ boot: BootId, begun: z.enum(['Begun', 'Refused', 'Known']) });

/** Steps of Windows guests: tasks of SYSTEM. An action has its `input` as `$StewardInput`; it has failed where it throws. */
export const windowsSteps: StepScripts = {
  folder: String.raw`%ProgramData%\Steward\steps`,
  ask: (id, generation, nonce) =>
    standardInput(ASK, { id: word(id), generation: whole(generation), nonce: word(nonce) }),
  begin: (step, fence, nonce) => standardInput(BEGIN, beginning(step, fence, nonce), step.input),
  readAsked,
  readBegun,
  output: (id, nonce) => standardInput(OUTPUT, { id: word(id), nonce: word(nonce) }),
  readOutput,
};

function beginning({ id, script, remembered, within }: Step, { generation, bootId }: Fence, nonce: string): object {
  return {
    ...{ id: word(id), generation: whole(generation), bootId: word(bootId), nonce: word(nonce) },
    ...{ action: script, runner: RUNNER },
    ...{ from: seconds(within?.from), until: seconds(within?.until) },
    ...{ forgets: remembered !== undefined, remembered: [...(remembered ?? []).map(word), id] },
  };
}

function readAsked({ stdout, truncated }: Answer, nonce: string): Said | Unrecorded | undefined {
  const answer = truncated ? undefined : ourAnswer(stdout, nonce);
  const { data: refused } = Hindered.safeParse(answer);
  if (refused !== undefined) return refused.unrecorded;
  const { data: said } = Asked.safeParse(answer);
  if (said === undefined) return undefined;
  const { boot: bootId } = said;
  if (said.state === 'Overtaken') return { bootId, report: said.state };
  if (said.state === 'Finished') return { bootId, report: { state: said.state, exitCode: said.exit } };
  return { bootId, report: { state: said.state } };
}

function readBegun({ stdout, truncated }: Answer, nonce: string): Beginning | Unrecorded | undefined {
  const answer = truncated ? undefined : ourAnswer(stdout, nonce);
  return Hindered.safeParse(answer).data?.unrecorded ?? Begun.safeParse(answer).data?.begun;
}

const Output = z.strictObject({ output: z.base64() });

function readOutput({ stdout, truncated }: Answer, nonce: string): string | undefined {
  const { data: said } = Output.safeParse(truncated ? undefined : ourAnswer(stdout, nonce));
  return said && Buffer.from(said.output, 'base64').toString('utf8');
}

/** Since 1970; 0 for a bound that there is not. */
function seconds(time: Date | undefined): number {
  return whole(Math.floor((time?.getTime() ?? 0) / 1000));
}

function whole(generation: number): number {
  if (Number.isSafeInteger(generation) && generation >= 0) return generation;
  throw new RangeError('a generation is a whole number');
}
