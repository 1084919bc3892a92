import type { Answer } from '../transport/session.ts';
import type { Fence } from './fence.ts';
import type { Beginning, Said, Unrecorded } from './saying.ts';

/** What a step is: its id, and the script that is run as root or SYSTEM. */
export type Step = {
  /** Small letters, digits and hyphens, at most 63: it names a folder, and a unit or a task. */
  readonly id: string;
  readonly script: string;
  /** When it may begin, by the guest's own clock: a start that comes earlier or later is refused. Absent: at any time. */
  readonly within?: { readonly from: Date; readonly until: Date } | undefined;
  /** May be a secret: it stands in a file that only root reads, until the step has opened it. */
  readonly input?: string;
  /** Steps that the record still has. What is left in the guest of any other goes, once it is over. Default: nothing goes. */
  readonly remembered?: readonly string[];
};

/**
 * The scripts by which a step is asked after and begun in the guests of one family, and how their answers are read. What is decided from the
 * answers is the same for all (`nextOf`). Scripts throw RangeError for an id, a boot or a nonce that could be anything but a word; readers never throw.
 */
export type StepScripts = {
  /** Where the guest keeps what it was told to do, for people. */
  readonly folder: string;
  /** Raises the guest's fence to `generation`, then says what it knows of the step. */
  readonly ask: (id: string, generation: number, nonce: string) => string;
  /** Begins the step once, where the guest admits the fence (`admits`). */
  readonly begin: (step: Step, fence: Fence, nonce: string) => string;
  /** A word instead of an answer: the guest cannot write down what it is told. Undefined: none of our scripts says so. */
  readonly readAsked: (answer: Answer, nonce: string) => Said | Unrecorded | undefined;
  readonly readBegun: (answer: Answer, nonce: string) => Beginning | Unrecorded | undefined;
  /** Asks for the first bytes of what a step that has ended said. */
  readonly output: (id: string, nonce: string) => string;
  readonly readOutput: (answer: Answer, nonce: string) => string | undefined;
};
