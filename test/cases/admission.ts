import type { CaseTest, FaultCase } from './case.ts';

const images = (name: string): CaseTest => ({ file: 'test/integration/images.test.ts', name });
const samples = (name: string): CaseTest => ({ file: 'test/integration/samples.test.ts', name });
const bed = (name: string): CaseTest => ({ file: 'hack/testbed/cdi/admission.test.ts', name });
const policies = (name: string): CaseTest => ({ file: 'test/chart/admission.test.ts', name });
const cron = (name: string): CaseTest => ({ file: 'test/integration/cron.test.ts', name });
const upstream = (name: string): CaseTest => ({ file: 'src/domain/managedvm/upstreamrules.test.ts', name });
const restart = (name: string): CaseTest => ({ file: 'src/controllers/managedvm/restart.test.ts', name });

/** Section 4: a stand-in took what the real system refuses. */
const friendly = 'a stand-in that refuses nothing';
/** Section 5: what a policy guards was told by labels. */
const labels = 'a label proves nothing';

export const admissionCases: readonly FaultCase[] = [
  {
    id: 'issue-11/4.1',
    kind: friendly,
    fault: 'All seven samples with a dataSource would be refused by CDI, for no role lets Steward clone their images.',
    tests: [
      samples('every system whose image lies in a namespace of the provider is cloned under the rights of the chart'),
      {
        file: 'test/chart/template.test.ts',
        name: 'to clone images is given to Steward in the namespaces of images only',
      },
      images('the order goes on by itself once the chart grants it, in that namespace only'),
    ],
  },
  {
    id: 'issue-11/4.2',
    kind: friendly,
    fault: 'That an image may not be cloned had no reason of its own, and nobody was told what the provider must do.',
    tests: [
      images('one that Steward may not clone is said, with what the provider does about it'),
      {
        file: 'src/domain/managedvm/applyproblems.test.ts',
        name: 'says what the provider does for an image that Steward may not clone',
      },
    ],
  },
  {
    id: 'issue-11/4.3',
    kind: friendly,
    fault: "The bed's CDI let every clone pass, whoever asked.",
    tests: [
      bed(
        'lets nobody clone from a namespace where he has no create on datavolumes/source, from a claim or a snapshot',
      ),
      bed('asks for the right at each change of the clone too, whoever makes it'),
      bed('lets who has the right clone, and marks the clone with a token'),
    ],
  },
  {
    id: 'issue-11/4.4',
    kind: friendly,
    fault: "The bed's CDI took DataVolumes that CDI refuses for their source, their size or a claim of their name.",
    tests: [bed('refuses a DataVolume of'), bed('refuses a DataVolume beside a claim of its name')],
  },
  {
    id: 'issue-11/4.5',
    kind: friendly,
    fault:
      'An image that is not there yet is refused by CDI and read as a stall: the missing disk hid why it was missing.',
    tests: [
      images('an image that is not there yet is waited for'),
      {
        file: 'src/domain/managedvm/assess.test.ts',
        name: 'reads as what keeps it away, and not as a stall while that is waited for',
      },
    ],
  },
  {
    id: 'issue-11/4.6',
    kind: friendly,
    fault: 'A deletion that orphans a cloned disk hangs: CDI refuses the garbage collector the change of it.',
    tests: [images('the garbage collector may orphan a clone, which is a change of it')],
  },
  {
    id: 'issue-11/4.7',
    kind: friendly,
    fault:
      'Velero 1.18 reads schedules with another cron: both day fields must match, where either was promised, and steps as long as their range fail validation.',
    tests: [
      cron('is one that Velero takes, and runs when Steward says, but for the hour after clocks go forward'),
      cron('has one day field at most'),
      cron('runs after the change of clocks where its local time is skipped; Steward does not count on it'),
      { file: 'src/domain/time/cron.test.ts', name: 'which Velero reads differently by version' },
    ],
  },
  {
    id: 'issue-11/4.8',
    kind: friendly,
    fault: 'Nothing held ServiceMonitors and PrometheusRules to what prometheus-operator leaves out as a whole.',
    tests: [
      upstream('whose timeout is no longer than the interval'),
      upstream('whose relabelings are well formed'),
      upstream('that is no larger than a ConfigMap'),
      { file: 'test/integration/rules/rules.test.ts', name: 'takes the rules of a namespace' },
    ],
  },
  {
    id: 'issue-11/5.first-boot.1',
    kind: labels,
    fault: 'The first-boot Secret policy refused administrators an update that changes nothing, and so re-encryption.',
    tests: [
      policies('let an administrator re-encrypt every Secret: an update that changes nothing passes'),
      policies('let others write labels and annotations of their own, as backup and policy tools do'),
    ],
  },
  {
    id: 'issue-11/5.first-boot.2',
    kind: labels,
    fault: 'A tenant could make Secrets that nobody can delete, by two labels.',
    tests: [
      policies('cannot be made by a tenant: labels alone guard nothing, and the owner is not his to write'),
      policies('that were restored name no owner and can be deleted by the tenant, also beside the living VM'),
      policies(
        'of a ManagedVM that is gone, or that was made anew under its name, go by themselves: none stays guarded',
      ),
      policies('stay unguarded where the deletion orphaned them'),
    ],
  },
  {
    id: 'issue-11/5.first-boot.3',
    kind: labels,
    fault:
      'Deletion protection guarded every copy that kept the labels of a protected VM, such as a clone by KubeVirt.',
    tests: [
      policies(
        'leaves alone what only has the labels of a part: a clone by KubeVirt, or a claim that somebody labelled',
      ),
      policies('covers a disk that was taken out of the order and is there still'),
    ],
  },
  {
    id: 'runtime/t20_restart',
    kind: 'a call that is not idempotent',
    fault: 'A guest can be restarted twice for one reason: the restart names no instance.',
    tests: [
      restart('ends the instance it was decided on, by its uid, and says so'),
      restart('is over where another instance runs already, and nobody is told of a second one'),
      restart('that got no answer is an error, so that the pass is repeated'),
      {
        file: 'src/domain/machine/restartdiff.test.ts',
        name: 'restarts the very instance that lacks a change, so that a repeated or late call cannot restart the next one',
      },
      {
        file: 'test/integration/children.test.ts',
        name: 'the VM is restarted once and has it, and the same call, repeated late, cannot restart the next instance',
      },
    ],
  },
  {
    id: 'runtime/t17_restart',
    kind: 'a call that is not idempotent',
    fault: 'Nothing but the cached VirtualMachine and instance kept a second restart from being asked for.',
    tests: [
      restart('is not asked for where none is due, or where the cache has moved on to another instance'),
      restart('is over where another instance runs already, and nobody is told of a second one'),
    ],
  },
];
