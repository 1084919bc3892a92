import { Secret } from '../../api/upstream.ts';
import { credentialsSecretName, planSecret } from '../../domain/application/children.ts';
import { type ApplicationPlan, sealed } from '../../domain/contract/applicationplan.ts';
import { applicationOfSetting } from '../../domain/contract/applicationsetting.ts';
import { assessApplication } from '../../domain/policies/applicationstatus.ts';
import type { Result } from '../../runtime/pass/controller.ts';
import { cancelAccess, isLast, recordAccess } from './access.ts';
import type { ApplicationContext } from './credentials.ts';
import { type Facts, factsOf, machineOf, type Ordered } from './facts.ts';
import { cancelLine } from './line.ts';
import { measured } from './measured.ts';
import type { Parts } from './parts.ts';
import { keptOf } from './told.ts';
import { forgetWatchers, soundProduct } from './watchers.ts';

/** Taken out of the guest, its data left there; at once where there is no guest any more. */
export async function takeOut(context: ApplicationContext, { settings, reporter, prometheus }: Parts): Promise<Result> {
  const { object, read, now } = context;
  const { namespace: keyNamespace } = settings.keys;
  const facts = factsOf(object, read, keyNamespace);
  const { told: before } = facts;
  const vm = machineOf(object, read);
  if (before === undefined || vm === undefined || vm.metadata.deletionTimestamp !== undefined)
    return gone(context, keyNamespace);
  const plan: ApplicationPlan = { ...before, present: false };
  const { revision, text } = sealed(plan);
  if (isTakenOut(object, facts, revision)) {
    if (isLast(object, read)) await recordAccess('ReturnAccess', context, vm);
    return gone(context, keyNamespace);
  }
  const outcomes = await context.apply([planSecret(object, text, keyNamespace)]);
  await forgetWatchers(context, []);
  const told = { plan, revision };
  const watch = prometheus.watchOf(object, soundProduct(facts), read);
  const assessment = assessApplication({
    ...{
      ...facts,
      application: object,
      decision: { pending: [] },
      told,
      outcomes,
      watch,
      incidents: [],
      reception: { state: 'undecided' },
      now,
    },
    kept: { ...keptOf(object, told, undefined, facts, now), ...measured(object, facts, watch, now) },
  });
  await reporter.report(context, assessment);
  return {};
}

function isTakenOut({ metadata }: Ordered, { record }: Facts, revision: string): boolean {
  if (record?.state !== 'read') return false;
  const { applications = [], differences = [] } = record.status;
  return (
    applications.some(each => each.name === metadata.name && each.revision === revision) &&
    !differences.some(({ setting }) => applicationOfSetting(setting) === metadata.name)
  );
}

async function gone(context: ApplicationContext, keyNamespace: string): Promise<Result> {
  const { object, read, prune, deleteChild } = context;
  const login = read.get(Secret, { namespace: keyNamespace, name: credentialsSecretName(object.metadata.uid ?? '') });
  if (login !== undefined) await deleteChild(login);
  await cancelAccess(context);
  await cancelLine(context);
  await prune([]);
  return { done: true };
}
