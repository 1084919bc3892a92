import type { FaultClass } from './cases.ts';
import { controlPlane } from './classes/controlplane.ts';
import { crash } from './classes/crash.ts';
import { deletion } from './classes/deletion.ts';
import { events } from './classes/events.ts';
import { idempotence } from './classes/idempotence.ts';
import { leader } from './classes/leader.ts';
import { lostAnswer } from './classes/lostanswer.ts';
import { otherWriter } from './classes/otherwriter.ts';
import { records } from './classes/records.ts';
import { refused } from './classes/refused.ts';
import { sigterm } from './classes/sigterm.ts';
import { stale } from './classes/stale.ts';
import { streams } from './classes/streams.ts';
import { upgrade } from './classes/upgrade.ts';
import { walks } from './classes/walks.ts';

/** In the order of their numbers; class 12 has a bed of its own (soak.ts). */
export const classes: readonly FaultClass[] = [
  ...[crash, lostAnswer, events, stale, streams, refused, otherWriter],
  ...[leader, deletion, walks, upgrade, sigterm, idempotence, controlPlane, records],
];
