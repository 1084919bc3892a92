import { GuestFailure } from '../transport/failure.ts';
import type { Answer } from '../transport/session.ts';
import type { Fence } from './fence.ts';
import type { Beginning, Said, Unrecorded } from './saying.ts';
import { nextOf, type StepRecord, type Verdict } from './step.ts';
import type { Step, StepScripts } from './stepscripts.ts';

/** What a step needs of the world: a root shell in the guest, and the record in the cluster. */
export type StepWorld = {
  /** Runs a script by a shell of root. Throws GuestFailure: then it is not known what the script did. */
  readonly script: (text: string) => Promise<Answer>;
  /** Writes the record of the step. Throws where it is not certain that it was written: then nothing more is sent to the guest. */
  readonly write: (record: StepRecord) => Promise<void>;
  /** A word that the guest cannot have known before. */
  readonly nonce: () => string;
  /** Asked at the last moment before it is claimed or begun: false once it is too late for it. Absent: it may begin. */
  readonly mayBegin?: () => boolean;
  /** The scripts of the guest's family. */
  readonly steps: StepScripts;
};

/** How far the step has come, and in which boot of the guest that was seen. `Overtaken`: the guest has seen a later holder of the lease, so nothing more is to be sent by this one. */
export type Progress =
  | { readonly state: 'Running' }
  /** It is claimed and has not begun, and a start of it may be under way. */
  | { readonly state: 'Waiting' }
  /** Nobody has claimed it, and it may not begin any more. */
  | { readonly state: 'NotBegun' }
  | { readonly state: 'Overtaken' }
  /** The guest cannot write down what it is told to do, so it has begun nothing. */
  | { readonly state: 'NotRecorded'; readonly why: Unrecorded }
  | { readonly state: 'Ended'; readonly verdict: Verdict; readonly bootId: string };

/**
 * Brings one step as far as it comes now: asks the guest, and does what `nextOf` decides from record and answer, each write of the record
 * before what follows from it. Whoever comes after a crash at any place goes on from there. Throws GuestFailure, and what `write` throws.
 */
export async function carryOut(
  step: Step,
  generation: number,
  record: StepRecord | undefined,
  world: StepWorld,
): Promise<Progress> {
  let known = record;
  for (let started = false; ; ) {
    const said = await ask(step.id, generation, world);
    if ('why' in said) return said;
    if (said.report === 'Overtaken') return { state: 'Overtaken' };
    const { bootId } = said;
    const next = nextOf(known, { generation, bootId }, said.report, world.mayBegin?.() ?? true);
    switch (next.act) {
      case 'claim':
      case 'end':
        await world.write(next.record);
        known = next.record;
        break;
      case 'start': {
        // Once: where it is not seen to have begun, the next pass asks again.
        if (started) return { state: 'Running' };
        const beginning = await begin(step, next.fence, world);
        if (typeof beginning !== 'string') return beginning;
        if (beginning === 'Refused') return { state: 'Running' };
        started = true;
        break;
      }
      case 'wait':
        return { state: said.report.state === 'Never' ? 'Waiting' : 'Running' };
      case 'nothing':
        if (known === undefined) return { state: 'NotBegun' };
        break;
    }
    if (known?.phase === 'Ended') return { state: 'Ended', verdict: known.verdict, bootId };
  }
}

type NotRecorded = Extract<Progress, { state: 'NotRecorded' }>;

async function ask(id: string, generation: number, { script, nonce, steps }: StepWorld): Promise<Said | NotRecorded> {
  const word = nonce();
  const said = steps.readAsked(await script(steps.ask(id, generation, word)), word) ?? notUnderstood();
  return typeof said === 'string' ? { state: 'NotRecorded', why: said } : said;
}

async function begin(step: Step, fence: Fence, { script, nonce, steps }: StepWorld): Promise<Beginning | NotRecorded> {
  const word = nonce();
  const said = steps.readBegun(await script(steps.begin(step, fence, word)), word) ?? notUnderstood();
  return said === 'Begun' || said === 'Refused' || said === 'Known' ? said : { state: 'NotRecorded', why: said };
}

/** The answer is none of our scripts'. */
function notUnderstood(): never {
  throw new GuestFailure('NotUnderstood', 'the guest answered something that no script of ours says');
}
