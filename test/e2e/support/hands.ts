/** Steward's hands in a guest, moved by a test: the worker's own connection and its own scripts, and nothing that decides. */
import { randomBytes } from 'node:crypto';
import type { Login as SSHLogin } from '../../../hack/steward/ssh.ts';
import type { Fence } from '../../../src/guest/run/fence.ts';
import { ROOT_SHELL } from '../../../src/guest/run/rootshell.ts';
import { type Beginning, readBeginning, readSaid, type Said } from '../../../src/guest/run/saying.ts';
import { askScript, beginScript, outputScript } from '../../../src/guest/run/scripts.ts';
import type { Step } from '../../../src/guest/run/stepscripts.ts';
import { type Dial, dialAddress } from '../../../src/guest/transport/dial.ts';
import { DEFAULT_LIMITS } from '../../../src/guest/transport/limits.ts';
import { type Answer, Session } from '../../../src/guest/transport/session.ts';

export class Hands {
  readonly #login: SSHLogin;
  readonly #dial: Dial;

  constructor(login: SSHLogin, dial: Dial = dialAddress(login.address)) {
    this.#login = login;
    this.#dial = dial;
  }

  /** On a connection of its own, which is closed after it: what outlives it does so without us. Throws GuestFailure. */
  async run(script: string): Promise<Answer> {
    const { user, privateKey, hostKey } = this.#login;
    const session = await Session.open(this.#dial, { user, privateKey, hostKey }, DEFAULT_LIMITS);
    try {
      return await session.run(ROOT_SHELL, script);
    } finally {
      session.close();
    }
  }

  /** Throws where the guest says nothing of the step. */
  async ask(id: string, generation: number): Promise<Said> {
    const nonce = newNonce();
    return said(await this.run(askScript(id, generation, nonce)), answer => readSaid(answer, nonce));
  }

  async begin(step: Step, fence: Fence): Promise<Beginning> {
    const nonce = newNonce();
    return said(await this.run(beginScript(step, fence, nonce)), answer => readBeginning(answer, nonce));
  }

  /** What the step has said. */
  async output(id: string): Promise<Buffer> {
    const nonce = newNonce();
    const answer = await this.run(outputScript(id, nonce));
    expectWhole(answer);
    return Buffer.from(answer.stdout.slice(nonce.length + 1), 'base64');
  }
}

function newNonce(): string {
  return randomBytes(8).toString('hex');
}

function expectWhole({ truncated }: Answer): void {
  if (truncated) throw new Error('more came than a session keeps');
}

function said<Read>(answer: Answer, read: (output: string) => Read | undefined): Read {
  const what = read(answer.stdout);
  if (what === undefined) throw new Error(`exit status ${answer.exitCode}: ${answer.stdout} ${answer.stderr}`);
  return what;
}
