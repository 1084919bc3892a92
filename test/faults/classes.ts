import type { FaultClass } from './cases.ts';
import { crash } from './classes/crash.ts';
import { events } from './classes/events.ts';
import { lostAnswer } from './classes/lostanswer.ts';
import { refused } from './classes/refused.ts';

/** In the order of their numbers. */
export const classes: readonly FaultClass[] = [crash, lostAnswer, events, refused];
