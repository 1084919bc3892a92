import type { GuestRemedy } from '../api/remedy.ts';
import type { DesiredGuest } from '../domain/guest/desired.ts';
import type { Look } from '../domain/guest/look.ts';
import type { StepScripts } from './run/stepscripts.ts';
import type { Answer } from './transport/session.ts';

/** How a guest's settings are looked at and put right. */
export type SettingScripts = {
  /** The settings that there are for an order. */
  readonly namesOf: (desired: DesiredGuest) => readonly string[];
  readonly lookScript: (desired: DesiredGuest, nonce: string, now: Date) => string;
  readonly readLook: (output: string, nonce: string, desired: DesiredGuest) => Look | undefined;
  /** The script of a step. */
  readonly healScript: (desired: DesiredGuest, settings: readonly string[]) => string;
};

/**
 * How the guests of one family are spoken to. All that is decided (when to look, what differs, whether a step may begin) is the same for
 * every family; only the texts of the scripts and the reading of their answers differ.
 */
export type Tongue = {
  /** What the provider's account runs: it takes a script on standard input, and runs it with all rights. */
  readonly command: string;
  readonly steps: StepScripts;
  readonly settings: SettingScripts;
  /** The script of a step that mends something; undefined: nothing is mended so in the guests of this family. Throws RangeError. */
  readonly remedyScript: (remedy: GuestRemedy, desired: DesiredGuest) => string | undefined;
  /** What the shell itself said in place of an answer, in words of ours around bounded ones of the guest's; empty where it said nothing. */
  readonly refusal: (answer: Answer) => string;
};
