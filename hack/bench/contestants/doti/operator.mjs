// A minimal operator on @dot-i/k8s-operator: finalizer, the children of a template by server-side apply, all at once, and one status. The
// library handles one event after the other. Children go over connections that are kept, which its own client does not do.
import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { createRequire } from 'node:module';

const { default: Operator, ResourceEventType } = createRequire(import.meta.url)('@dot-i/k8s-operator');
const [GROUP, VERSION, PLURAL, MANAGER] = ['managed.systems', 'v1alpha1', 'managedvms', 'bench-doti'];
const template = JSON.parse(await readFile(process.env.BENCH_TEMPLATE, 'utf8'));
const status = JSON.stringify(template.status);

const silent = () => {};
const logger = { debug: silent, info: silent, warn: console.warn, error: console.error };

class BenchOperator extends Operator {
  #handled = new Set();
  #options = {};

  async init() {
    await this.kubeConfig.applyToHTTPSOptions(this.#options);
    delete this.#options.agent;
    this.agent = new Agent({ ...this.#options, keepAlive: true });
    await this.watchResource(GROUP, VERSION, PLURAL, event => this.#onEvent(event));
    console.log('ready');
  }

  async #onEvent(event) {
    if (event.type === ResourceEventType.Deleted) return;
    const { name, uid } = event.object.metadata;
    if (await this.handleResourceFinalizer(event, `${GROUP}/${MANAGER}`, async () => {})) return;
    // The finalizer and the status come back as events of their own.
    if (this.#handled.has(uid)) return;
    this.#handled.add(uid);
    const own = text => text.replaceAll('@name@', name).replaceAll('@uid@', uid);
    await Promise.all(
      template.requests.map(({ path, body, method, contentType }) =>
        this.#send(method, own(path), own(body), contentType),
      ),
    );
    await this.patchResourceStatus(event.meta, JSON.parse(own(status)));
  }

  #send(method, path, body, contentType = 'application/json') {
    const { server } = this.kubeConfig.getCurrentCluster();
    const headers = { ...this.#options.headers, 'content-type': contentType };
    return new Promise((resolve, reject) => {
      const sent = request(`${server}${path}`, { method, headers, agent: this.agent }, answer => {
        answer.resume().on('end', () => {
          if (answer.statusCode < 300) resolve();
          else reject(new Error(`${method} ${path}: ${answer.statusCode}`));
        });
      });
      sent.on('error', reject).end(body);
    });
  }
}

const operator = new BenchOperator(logger);
process.on('SIGTERM', () => process.exit(0));
await operator.start();
