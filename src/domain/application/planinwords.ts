import type { ApplicationPlan, PlanProbe, PlanStep } from '../contract/applicationplan.ts';
import { cut } from '../contract/excerpt.ts';
import { PROBE_INTERVAL_SECONDS } from './probemetrics.ts';

/** What a plan asks of a guest and does there, for people: a line for each step, in their order, and one for each probe. */
export function inWords({ steps, probes }: ApplicationPlan): readonly string[] {
  return [
    ...steps.map((step, index) => `${String(index + 1).padStart(3)}. ${step.name}: ${words(step)}.`),
    ...probes.map(probe => `every ${PROBE_INTERVAL_SECONDS} seconds, ${probe.name}: ${probeWords(probe)}.`),
  ];
}

function words(step: PlanStep): string {
  switch (step.type) {
    case 'package':
      return `asks the package manager for ${step.packages.join(', ')}; installs what is missing`;
    case 'file':
      return fileWords(step);
    case 'directory':
      return `asks whether ${step.path} is a folder of ${step.owner}:${step.group} with mode ${step.mode}; makes it so`;
    case 'systemUser':
      return `asks for the account ${step.login}, to which nobody logs in; makes it`;
    case 'unit':
      return `asks systemd whether ${step.unit} runs and starts with the system; starts and enables it`;
    case 'role':
      return `asks ${step.engine} for login ${step.role}, by the verifier of its password; makes it`;
    case 'database':
      return `asks ${step.engine} for database ${step.database} of ${step.owner}; makes it`;
    case 'extension':
      return `asks ${step.engine} for extension ${step.extension} in database ${step.database}; makes it`;
    case 'command':
      return `asks by ${argv(step.unless)}, 100 or 101; runs ${argv(step.run)} as ${step.runAs}${step.safeToRepeat ? '' : ', once: cut off, it waits for a person'}`;
    case 'firewallPort':
      return `asks firewalld, where it runs, for port ${step.port}; lets it in`;
    case 'waitFor':
      return `asks by probe ${step.probe.name}; waits for it up to ${step.timeoutSeconds} seconds`;
    case 'lineCheck':
      return `asks what stands against a change from line ${step.from} to ${step.to}; changes nothing`;
    case 'lineChange':
      return `asks whether the data are in line ${step.to}; closes the interface and copies them from line ${step.from}`;
    case 'lineOpen':
      return `asks whether clients are let in to line ${step.to}; lets them in once all probes succeed, or goes back`;
    case 'lineRetire':
      return `asks for the instance of line ${step.from}; removes it and its packages`;
    case 'dataRestore':
      return `asks whether the data of the dump as of ${step.of} are restored; closes the interface and restores them`;
    case 'dataRetire':
      return 'asks whether the data of before an accepted restore are still there; removes them';
    case 'dataOpen':
      return 'asks whether clients are let in to the restored data; lets them in once all probes succeed, or goes back';
  }
}

function fileWords({
  path,
  owner,
  group,
  mode,
  content,
  validate,
  change,
}: PlanStep & { readonly type: 'file' }): string {
  const lines = content.split('\n').length - (content.endsWith('\n') ? 1 : 0);
  const checked = validate === undefined ? '' : ` once ${argv(validate)} admits it`;
  const told = change === undefined ? '' : `, and ${change.how === 'Reload' ? 'reloads' : 'restarts'} ${change.unit}`;
  return `asks for ${path} of ${owner}:${group} with mode ${mode} and these ${lines} lines; writes it${checked}${told}`;
}

function probeWords(probe: PlanProbe): string {
  switch (probe.type) {
    case 'sql':
      return probe.transaction
        ? `writes, reads and deletes a row of the provider’s in ${probe.engine}`
        : `asks ${probe.engine} for an answer`;
    case 'keyValue':
      return `sets, reads and deletes a key of the provider’s over ${probe.socket}`;
    case 'tcp':
      return `connects to port ${probe.port}`;
    case 'http':
      return `asks port ${probe.port} for ${probe.path}, and expects ${probe.status}`;
    case 'command':
      return `runs ${argv(probe.run)}${probe.output === undefined ? '' : `, and expects ${JSON.stringify(probe.output)}`}`;
  }
}

/** Long ones are cut: they can be read in the Product. */
const argv = (words: readonly string[]): string => cut(words.join(' ').replaceAll(/\s+/g, ' '), 160);
