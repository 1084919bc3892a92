/** A real API server that serves Widgets, and the operators that a test starts for them. */
import { startTestBed } from '../../../../hack/testbed/testbed.ts';
import { Cluster, until } from './cluster.ts';
import { FAR, isIdle, type Running, startWidgets, WIDGET, type Widget } from './widget.ts';

type Options = Parameters<typeof startWidgets>[1];

export class WidgetCluster extends Cluster {
  readonly #running = new Set<Running>();

  static async start(): Promise<WidgetCluster> {
    const cluster = new WidgetCluster(await startTestBed({ kubevirt: false, played: false, crds: [] }));
    await cluster.install(WIDGET);
    await cluster.namespace(FAR);
    return cluster;
  }

  /** An operator, which is not ready yet. */
  async operator(options: Options = {}): Promise<Running> {
    const operator = await startWidgets(this.kubeconfig, options);
    this.#running.add(operator);
    return operator;
  }

  async readyOperator(options: Options = {}): Promise<Running> {
    const operator = await this.operator(options);
    await until('the operator is ready', operator.ready);
    return operator;
  }

  /** Ends the operator as it ends itself. */
  async end(operator: Running): Promise<void> {
    this.#running.delete(operator);
    await operator.stop();
  }

  /** Ends every operator that still runs; for after each test. */
  async endOperators(): Promise<void> {
    await Promise.all([...this.#running].map(operator => this.end(operator)));
  }

  /** Waits until the operator has worked off every Widget that there is. */
  async idle(operator: Running): Promise<void> {
    const widgets = await this.list(WIDGET, '');
    await until('the operator is idle', () => isIdle(operator, widgets.length));
  }

  /** The Widget when its status tells of its newest generation. */
  async done(namespace: string, name: string): Promise<Widget> {
    let last: Widget | undefined;
    await until(`Widget ${namespace}/${name} is done`, async () => {
      last = (await this.get(WIDGET, namespace, name)) as Widget | undefined;
      return last !== undefined && last.status?.observedGeneration === last.metadata.generation;
    });
    if (last === undefined) throw new Error(`Widget ${namespace}/${name} is gone`);
    return last;
  }
}
