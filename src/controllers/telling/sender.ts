import { rootCertificates } from 'node:tls';
import type { Notice } from '../../api/notice.ts';
import type { Webhook } from '../../api/telling.ts';
import { bundledMail } from '../../domain/telling/bundle.ts';
import type { Outcome } from '../../domain/telling/delivery.ts';
import { mailOf } from '../../domain/telling/mail.ts';
import { payloadOf } from '../../domain/telling/payload.ts';
import { isReceiver, type NamedContract, type ProviderSide, webhookOf } from '../../domain/telling/receivers.ts';
import { signatureHeaders, signingKey } from '../../domain/telling/signature.ts';
import { sendMail } from './mailserver.ts';
import { post } from './post.ts';
import { NoSecret, Secrets } from './secrets.ts';
import type { TellerSettings } from './settings.ts';

export type SenderSettings = Pick<TellerSettings, 'telling' | 'templates' | 'secretsFolder'>;

/** Sends notices where their receivers are configured to be now. */
export class Sender {
  readonly #settings: SenderSettings;
  readonly #secrets: Secrets;
  readonly #now: () => Date;
  readonly side: ProviderSide;

  constructor(settings: SenderSettings, now: () => Date) {
    const { telling, secretsFolder } = settings;
    this.#settings = settings;
    this.#secrets = new Secrets(secretsFolder);
    this.#now = now;
    this.side = { ...telling, sendsMail: telling.mail.host !== '' };
  }

  /** `contract`: the one that the notice names, as it is now; `others`: notices of the same person that its mail tells too. Throws nothing. */
  async send(notice: Notice, contract: NamedContract | undefined, others: readonly Notice[] = []): Promise<Outcome> {
    const { receiver } = notice.spec;
    if (!isReceiver(receiver, contract, this.side)) {
      const where = receiver.contract === undefined ? "the provider's settings" : `Contract ${receiver.contract}`;
      return { is: 'Refused', says: `${receiver.name} is no receiver of ${where} any more` };
    }
    try {
      const webhook = webhookOf(receiver, contract, this.side);
      return webhook === undefined ? await this.#mail(notice, others) : await this.#post(notice, webhook);
    } catch (error) {
      if (error instanceof NoSecret) return { is: 'Failed', says: error.message };
      throw error;
    }
  }

  async #mail(notice: Notice, others: readonly Notice[]): Promise<Outcome> {
    const { mail: server, provider } = this.#settings.telling;
    const mail = mailOf(notice, provider, server.from.slice(server.from.indexOf('@') + 1));
    if (mail === undefined) return { is: 'Refused', says: 'it has no address' };
    const told = others.length === 0 ? mail : bundledMail(mail, notice.spec, others, provider);
    const password = server.password === '' ? undefined : await this.#secrets.lineOf(server.password);
    return sendMail(told, { mail: server, password, ca: await this.#authorities() });
  }

  async #post(notice: Notice, webhook: Webhook): Promise<Outcome> {
    const { telling, templates } = this.#settings;
    const isStandard = webhook.template === 'standard';
    const template = templates.get(webhook.template);
    if (!isStandard && template === undefined)
      return { is: 'Failed', says: `there is no template ${webhook.template}` };
    const own = await this.#values(webhook);
    const payload = payloadOf(notice, { provider: telling.provider, template, values: own.values });
    if ('problem' in payload) return { is: 'Failed', says: payload.problem };
    const keys = webhook.signedWith === undefined ? [] : await this.#keys(webhook.signedWith);
    const url = webhook.url ?? (await this.#secretAddress(webhook.urlSecret ?? ''));
    const headers = await this.#headers(webhook);
    return post({
      ...{ url, body: payload.body, ca: await this.#authorities(), now: this.#now },
      headers: {
        ...{ 'content-type': payload.contentType, accept: 'application/json', 'user-agent': 'steward-tell' },
        ...signatureHeaders(notice.metadata.name, payload.body, keys, this.#now()),
        ...headers,
      },
      secrets: [...own.secrets, ...Object.values(headers), ...(webhook.urlSecret === undefined ? [] : [url])],
    });
  }

  async #authorities(): Promise<readonly string[] | undefined> {
    const own = await this.#secrets.authorities();
    return own === undefined ? undefined : [...rootCertificates, own];
  }

  async #values({ values = [] }: Webhook) {
    const read = await Promise.all(
      values.map(async ({ name, value, secret }) => {
        const text = secret === undefined ? (value ?? '') : await this.#secrets.lineOf(secret);
        return { name, text, isSecret: secret !== undefined };
      }),
    );
    return {
      values: new Map(read.map(({ name, text }) => [name, text])),
      secrets: read.filter(({ isSecret }) => isSecret).map(({ text }) => text),
    };
  }

  async #headers({ headers = [] }: Webhook): Promise<Record<string, string>> {
    const read = headers.map(async ({ name, secret }) => [name, await this.#secrets.lineOf(secret)] as const);
    return Object.fromEntries(await Promise.all(read));
  }

  /** Of several lines each signs, so that a receiver may know the old one and the new. */
  async #keys(name: string): Promise<Buffer[]> {
    const keys = (await this.#secrets.linesOf(name)).map(signingKey).filter(key => key !== undefined);
    if (keys.length === 0)
      throw new NoSecret(`key ${name} of the teller's Secret is no whsec_ and base64 of 24 to 64 bytes`);
    return keys;
  }

  async #secretAddress(key: string): Promise<string> {
    const url = await this.#secrets.lineOf(key);
    const open = this.#settings.telling.allowHTTP && url.startsWith('http://');
    if (!URL.canParse(url) || !(url.startsWith('https://') || open))
      throw new NoSecret(`key ${key} of the teller's Secret is no address that begins with https://`);
    return url;
  }
}
