import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type GuestRoot, type Ran, startGuestRoot } from '../../hack/testbed/guest/guestroot.ts';
import { freePorts } from '../../hack/testbed/process/ports.ts';
import type { ApplicationPlan } from '../../src/domain/contract/applicationplan.ts';
import { applicationOfSetting } from '../../src/domain/contract/applicationsetting.ts';
import type { DesiredGuest } from '../../src/domain/guest/desired.ts';
import type { Look } from '../../src/domain/guest/look.ts';
import { settingsOfPlans } from '../../src/guest/application/stepsetting.ts';
import { healScript } from '../../src/guest/settings/healscript.ts';
import { lookScript } from '../../src/guest/settings/lookscript.ts';
import { readLook } from '../../src/guest/settings/readlook.ts';
import { desired } from '../../src/guest/settings/settings.fixtures.ts';

const NONCE = 'n0nce';

/** An installed Debian 13 that has Debian's own packages of applications for its source. No systemd runs in it: `systemctl.sh` stands in for it. */
export class ApplicationGuest {
  readonly root: GuestRoot;

  private constructor(root: GuestRoot) {
    this.root = root;
  }

  static async start(network: 'shared' | 'own' = 'shared'): Promise<ApplicationGuest> {
    const guest = new ApplicationGuest(await startGuestRoot('debianTrixie', network));
    await copyFile(join(import.meta.dirname, 'systemctl.sh'), join(guest.root.folder, 'systemctl'));
    await guest.sh('install -m 0755 /build/systemctl /usr/bin/systemctl && apt-get -q update');
    return guest;
  }

  /** A port of this machine that nobody listens on, for the guest has no network of its own. */
  static async freePort(): Promise<number> {
    const [port = 0] = await freePorts(1);
    return port;
  }

  /** What is not as the plans have it, by the name of the setting; and the versions. */
  async look(...plans: readonly ApplicationPlan[]): Promise<Found> {
    const wanted = guestWith(plans);
    const { stdout, stderr } = await this.run(lookScript(wanted, NONCE, new Date()));
    const look = readLook(stdout, NONCE, wanted);
    if (look === undefined) throw new Error(`The look was not understood:\n${stdout}${stderr}`);
    const ours = look.settings.filter(({ setting }) => applicationOfSetting(setting) !== undefined);
    const rest = ours.filter(({ standing }) => standing !== 'Kept');
    const said = rest.map(({ setting, standing, found }) => [setting, `${standing} ${found}`]);
    return { applications: look.applications, differing: Object.fromEntries(said) };
  }

  /** Puts right what a look finds different, as the guest worker does; says what was done. */
  async heal(...plans: readonly ApplicationPlan[]): Promise<Ran> {
    return this.run(await this.scriptOfHeal(...plans));
  }

  /** What {@link heal} runs. */
  async scriptOfHeal(...plans: readonly ApplicationPlan[]): Promise<string> {
    const { differing } = await this.look(...plans);
    const names = Object.entries(differing).flatMap(([name, said]) => (/^(Differs|Stopped)/.test(said) ? [name] : []));
    return healScript(guestWith(plans), names);
  }

  /** The same with every setting of the plans, whatever a look would find. */
  healAll(...plans: readonly ApplicationPlan[]): Promise<Ran> {
    const names = settingsOfPlans(plans).map(({ name }) => name);
    return this.run(healScript(guestWith(plans), names));
  }

  async stop(): Promise<void> {
    await this.root.stop();
  }

  run(script: string): Promise<Ran> {
    return this.root.run(script);
  }

  /** Throws where the commands do not end with 0. */
  async sh(commands: string): Promise<string> {
    const ran = await this.run(commands);
    if (ran.exitCode !== 0) throw new Error(`${commands}\n${ran.stdout}${ran.stderr}`);
    return ran.stdout;
  }
}

export type Found = {
  readonly applications: Look['applications'];
  readonly differing: Readonly<Record<string, string>>;
};

const guestWith = (applications: readonly ApplicationPlan[]): DesiredGuest => ({ ...desired, applications });
