import { type ChangeRequest, ChangeRequestSpec, changeRequest } from '../../api/changerequest.ts';
import { type Incident, IncidentSpec, incident } from '../../api/incident.ts';
import { type MaintenanceWindow, MaintenanceWindowSpec, maintenanceWindow } from '../../api/maintenancewindow.ts';
import { managedApplication } from '../../api/managedapplication.ts';
import { managedVM } from '../../api/managedvm.ts';
import { patchPolicy } from '../../api/patchpolicy.ts';
import { type Problem, ProblemSpec, problem } from '../../api/problem.ts';
import { at, textAt, textsAt } from '../../domain/contract/json.ts';
import { readable } from '../../domain/contract/readable.ts';
import { changeNews } from '../../domain/telling/changenews.ts';
import { incidentNews } from '../../domain/telling/incidentnews.ts';
import { NO_TIDINGS } from '../../domain/telling/news.ts';
import { problemNews } from '../../domain/telling/problemnews.ts';
import { promiseNews } from '../../domain/telling/promisenews.ts';
import { type WindowUse, windowNews } from '../../domain/telling/windownews.ts';
import { type KubeObject, keyOf } from '../../runtime/api/object.ts';
import type { Reader, WatchedKind } from '../../runtime/pass/controller.ts';
import type { NewsSource } from './newscontroller.ts';

/** Whose objects have news. One line for each kind. */
export const NEWS_SOURCES: readonly NewsSource[] = [
  {
    name: 'changes',
    kind: changeRequest,
    news: (object, _read, now) =>
      readable(ChangeRequestSpec, object.spec).spec === undefined
        ? NO_TIDINGS
        : changeNews(object as ChangeRequest & KubeObject, now),
  },
  {
    name: 'windows',
    kind: maintenanceWindow,
    watches: [
      windowNamer(patchPolicy, ({ spec }) => textsAt(spec, 'windowRefs')),
      windowNamer(managedApplication, windowOf),
    ],
    news: (object, read, now) => {
      const { spec } = readable(MaintenanceWindowSpec, object.spec);
      if (spec === undefined) return NO_TIDINGS;
      return windowNews({ ...(object as MaintenanceWindow & KubeObject), spec }, useOf(object, read), now);
    },
  },
  {
    name: 'incidents',
    kind: incident,
    news: object =>
      readable(IncidentSpec, object.spec).spec === undefined
        ? NO_TIDINGS
        : incidentNews(object as Incident & KubeObject),
  },
  {
    name: 'problems',
    kind: problem,
    news: object =>
      readable(ProblemSpec, object.spec).spec === undefined ? NO_TIDINGS : problemNews(object as Problem & KubeObject),
  },
  { name: 'vms', kind: managedVM, news: (object, _read, now) => promiseNews(object, now) },
  { name: 'applications', kind: managedApplication, news: (object, _read, now) => promiseNews(object, now) },
];

/** A kind that names windows of its namespace: those it names, and those it has named. */
function windowNamer(kind: typeof patchPolicy, windowsOf: (object: KubeObject) => readonly string[]): WatchedKind {
  return {
    kind,
    part: windowsOf,
    toKeys: (object, read) => {
      const { namespace = '' } = object.metadata;
      const named = new Set(windowsOf(object));
      const windows = read.list(maintenanceWindow, { namespace });
      return windows.filter(({ metadata }) => named.has(metadata.name)).map(keyOf);
    },
  };
}

function windowOf({ spec }: KubeObject): readonly string[] {
  const name = textAt(spec, 'windowRef');
  return name === undefined ? [] : [name];
}

/** What is done in a window, as those say who name it. */
function useOf({ metadata }: KubeObject, read: Reader): WindowUse {
  const { namespace = '', name } = metadata;
  const policies = read
    .list(patchPolicy, { namespace })
    .filter(({ spec }) => textsAt(spec, 'windowRefs').includes(name));
  const applications = read.list(managedApplication, { namespace }).filter(each => windowOf(each).includes(name));
  const names = new Set(policies.map(each => each.metadata.name));
  const vms = read.list(managedVM, { namespace }).filter(({ spec }) => {
    const ref = at(spec, 'patchPolicyRef');
    return textAt(ref, 'kind') === patchPolicy.kind && names.has(textAt(ref, 'name') ?? '');
  });
  const systems = [
    ...vms.map(each => each.metadata.name),
    ...applications.flatMap(({ spec }) => textsAt(spec, 'managedVMs')),
  ];
  return {
    usedBy: [...policies, ...applications].map(each => `${each.kind} ${each.metadata.name}`),
    systems: [...new Set(systems)],
  };
}
