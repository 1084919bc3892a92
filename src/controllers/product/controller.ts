import { managedApplication } from '../../api/managedapplication.ts';
import { type OperatingSystem, operatingSystem } from '../../api/operatingsystem.ts';
import { type Product, product } from '../../api/product.ts';
import { assessProduct } from '../../domain/policies/productstatus.ts';
import { type KubeObject, keyOf } from '../../runtime/api/object.ts';
import { type ControllerDefinition, defineController } from '../../runtime/pass/controller.ts';
import { type Reporter, STATUS_INTERVALS, SUMMARY_SHARE } from '../report.ts';
import { unreadableAt } from '../unreadable.ts';

const SYSTEM_INDEX = 'operatingSystem';
const ORDERS_INDEX = 'product';

/** Says of each Product whether it can be carried out, which lines are supported (AP-14, GE-9), and how many orders there are of it. */
export function productController(reporter: Reporter): ControllerDefinition<Product & KubeObject> {
  return defineController<Product & KubeObject>({
    name: 'product',
    kind: product,
    statusIntervals: STATUS_INTERVALS,
    passShare: SUMMARY_SHARE,
    indexes: { [SYSTEM_INDEX]: systemsOf },
    owns: [],
    watches: [
      {
        kind: managedApplication,
        indexes: { [ORDERS_INDEX]: productOf },
        part: productOf,
        toKeys: object => productOf(object).map(name => ({ namespace: '', name })),
      },
      {
        kind: operatingSystem,
        part: ({ spec }) => Reflect.get(Object(spec), 'lifeCycle'),
        toKeys: ({ metadata: { name } }, read) => read.byIndex(product, SYSTEM_INDEX, name).map(keyOf),
      },
    ],
    forget: reporter.forget,
    reconcile: async context => {
      const { object, read, now } = context;
      const before = read.available(managedApplication) ? undefined : object.status?.applications;
      const assessment = assessProduct({
        product: object,
        applications: before ?? read.count(managedApplication, ORDERS_INDEX, object.metadata.name),
        systemNamed: name => read.get<OperatingSystem & KubeObject>(operatingSystem, { namespace: '', name }),
        unreadable: unreadableAt(read, [[operatingSystem, '']])[0],
        now,
      });
      await reporter.report(context, assessment);
      return { requeueAt: assessment.nextEdge };
    },
  });
}

function productOf(object: KubeObject): readonly string[] {
  const name: unknown = Reflect.get(Object(object.spec), 'product');
  return typeof name === 'string' ? [name] : [];
}

function systemsOf(object: KubeObject): readonly string[] {
  const lines: unknown = Reflect.get(Object(object.spec), 'lines');
  const systems = Array.isArray(lines) ? lines.flatMap(line => Object(line).operatingSystems ?? []) : [];
  return [...new Set(systems.map(system => Object(system).name).filter(name => typeof name === 'string'))];
}
