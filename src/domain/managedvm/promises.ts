import { backup } from '../backup/promise.ts';
import type { ServicePromise } from '../contract/promise.ts';
import { guest } from '../guest/promise.ts';
import { incident } from '../incident/promise.ts';
import { machine } from '../machine/promise.ts';
import { monitoring } from '../monitoring/promise.ts';
import { patching } from '../patching/promise.ts';
import { service } from '../service/promise.ts';

/** What is promised of a ManagedVM. Whatever is done, said and watched for it follows from this list (ADR 0090). */
export const PROMISES = { machine, guest, monitoring, patching, incident, backup, service } as const;

type Listed = (typeof PROMISES)[keyof typeof PROMISES];

/** What all of them need to know. */
export type Facts = Listed extends ServicePromise<infer Needed> ? Needed : never;

/** Any list of promises that needs no more than these facts. */
export type Promises<F> = Readonly<Record<string, ServicePromise<F>>>;
