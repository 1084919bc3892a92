import { type Approval, approval } from '../../api/approval.ts';
import { type ChangeRequest, changeRequest } from '../../api/changerequest.ts';
import { assessApproval } from '../../domain/change/approvalstatus.ts';
import { type KubeObject, keyOf } from '../../runtime/api/object.ts';
import { type ControllerDefinition, defineController } from '../../runtime/pass/controller.ts';
import { reportRecord, STATUS_INTERVALS } from '../report.ts';

const CHANGE_INDEX = 'changeOf';

/** Tells each decision whether it counts: judged is it by the controller of changes, which sees them all. */
export function approvalController(): ControllerDefinition<Approval & KubeObject> {
  return defineController<Approval & KubeObject>({
    name: 'approval',
    kind: approval,
    statusIntervals: STATUS_INTERVALS,
    indexes: { [CHANGE_INDEX]: ({ metadata, spec }) => [`${metadata.namespace}/${spec?.changeRef}`] },
    owns: [],
    watches: [
      {
        kind: changeRequest,
        part: judgedIn,
        toKeys: ({ metadata: { namespace = '', name } }, read) =>
          read.byIndex(approval, CHANGE_INDEX, `${namespace}/${name}`).map(keyOf),
      },
    ],
    reconcile: async context => {
      const { object, read } = context;
      const key = { namespace: object.metadata.namespace ?? '', name: String(object.spec?.changeRef ?? '') };
      // Not known is not the same as not there.
      if (read.state(changeRequest, key.namespace) === 'unreadable') return;
      await reportRecord(context, assessApproval(object, read.get<ChangeRequest & KubeObject>(changeRequest, key)));
    },
  });
}

function judgedIn(object: KubeObject): unknown {
  const { status } = object as ChangeRequest & KubeObject;
  return [status?.planHash, status?.approvals, status?.approvalsNotShown];
}
