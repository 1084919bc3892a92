/** The words of messages, in every language: what a person reads before the facts, and what facts are called. */
import type { FactName } from '../../api/notice.ts';
import type { Language, NewsKind } from '../../api/telling.ts';

/** The value of a fact as it is told, '' where there is none; `key`: kind, namespace and name of what it is about. */
export type Known = { readonly fact: (name: FactName) => string; readonly key: string; readonly name: string };

export type Wording = {
  /** The line that stands in lists of mails and tickets. */
  readonly title: (known: Known) => string;
  readonly lead: (known: Known) => string;
  /** What the reader can do. */
  readonly act: (known: Known) => string;
};

export type Words = {
  readonly news: Readonly<Record<NewsKind, Wording>>;
  readonly facts: Readonly<Record<FactName, string>>;
  /** Values that are names of ours. */
  readonly values: Readonly<Record<string, string>>;
  /** Of one mail that tells of so many things; of how many besides the one that follows; and of those that are not listed. */
  readonly bundle: (count: number) => string;
  readonly bundled: (others: number) => string;
  readonly more: (count: number) => string;
  readonly footer: (provider: string, contract: string, id: string) => string;
};

const look = (kind: string) => (known: Known) => `kubectl describe ${kind} ${known.name}`;

const DE: Words = {
  news: {
    DecisionNeeded: {
      title: ({ fact, key }) => `Entscheidung nötig: ${fact('title')} (${key})`,
      lead: () => 'eine Änderung wartet auf eine Entscheidung.',
      act: known =>
        `Den genauen Plan zeigt \`${look('changerequest')(known)}\`. Entschieden wird mit einem Approval, das die Prüfsumme des Plans nennt.`,
    },
    WindowAhead: {
      title: ({ fact, key }) => `Arbeiten angekündigt ab ${fact('opensAt')} (${key})`,
      lead: () => 'an Ihren Systemen wird gearbeitet, sobald das folgende Fenster öffnet.',
      act: () =>
        'Wenn der Zeitpunkt nicht passt, ändern Sie das Wartungsfenster oder verschieben Sie die Änderung, bevor es öffnet.',
    },
    PromiseBroken: {
      title: ({ key }) => `Zusage nicht eingehalten: ${key}`,
      lead: () => 'eine Zusage zu diesem System ist zurzeit nicht eingehalten.',
      act: () =>
        'Der Anbieter kümmert sich darum. Steht im Wortlaut, dass auf Sie gewartet wird, entscheiden Sie bitte.',
    },
    PromiseKept: {
      title: ({ key }) => `Zusagen wieder eingehalten: ${key}`,
      lead: () => 'alle Zusagen zu diesem System sind wieder eingehalten.',
      act: () => 'Es ist nichts zu tun.',
    },
    IncidentOpened: {
      title: ({ fact, key }) => `Störung ${fact('priority')}: ${fact('system') || key} (${key})`,
      lead: () => 'eine Störung ist aufgenommen worden.',
      act: () => 'Es ist nichts zu tun, solange niemand nach etwas fragt.',
    },
    IncidentWaiting: {
      title: ({ fact, key }) => `Störung ${fact('priority')} wartet auf Sie: ${key}`,
      lead: () => 'die Bearbeitung einer Störung wartet auf Sie; die Zeit läuft für den Anbieter nicht weiter.',
      act: () => 'Bitte antworten Sie auf das, was unter „Grund“ steht.',
    },
    IncidentBreached: {
      title: ({ fact, key }) => `Frist einer Störung ${fact('priority')} überschritten: ${key}`,
      lead: () => 'eine Störung ist nicht in der zugesagten Zeit bearbeitet worden.',
      act: () => 'Der Anbieter kümmert sich darum.',
    },
    IncidentResolved: {
      title: ({ fact, key }) => `Störung ${fact('priority')} behoben: ${key}`,
      lead: () => 'eine Störung ist behoben.',
      act: () => 'Besteht sie weiter, melden Sie es bitte.',
    },
    ProblemOpened: {
      title: ({ fact, key }) => `Wiederkehrende Störung: ${fact('system') || key} (${key})`,
      lead: () => 'eine Störung kehrt wieder oder wiegt schwer; nach ihrer Ursache wird gesucht.',
      act: known =>
        `Was bekannt ist, zeigt \`${look('problem')(known)}\`. Es ist nichts zu tun, solange niemand fragt.`,
    },
    ProblemClosed: {
      title: ({ fact, key }) => `Wiederkehrende Störung abgeschlossen: ${fact('system') || key} (${key})`,
      lead: () => 'die Suche nach der Ursache einer wiederkehrenden Störung ist abgeschlossen.',
      act: () => 'Kehrt die Störung wieder, wird es von selbst wieder aufgenommen.',
    },
  },
  facts: {
    ...{ system: 'System', systems: 'Systeme', title: 'Titel', change: 'Änderung', planHash: 'Prüfsumme des Plans' },
    ...{ party: 'Es entscheidet', step: 'Gefragt ist', message: 'Wortlaut (englisch)', reason: 'Grund' },
    ...{ window: 'Wartungsfenster', opensAt: 'Beginn', closesAt: 'Ende', schedule: 'Zeitplan (cron)' },
    ...{ usedBy: 'Anlass', since: 'Seit', decideBy: 'Zu entscheiden bis', customer: 'Kunde' },
    ...{ priority: 'Priorität', scope: 'Bereich', phase: 'Stand', clock: 'Überschritten ist' },
    ...{ respondBy: 'Reaktion bis', resolveBy: 'Behebung bis', cause: 'Ursache', assignee: 'Bearbeitung' },
    ...{ workaround: 'Bis dahin', remedy: 'Abhilfe' },
  },
  values: {
    ...{ Agreement: 'die Zustimmung', Acceptance: 'die Abnahme des Ergebnisses' },
    ...{ Customer: 'der Kunde', Provider: 'der Anbieter', 'Customer, Provider': 'Kunde und Anbieter' },
    ...{ Response: 'die Reaktionszeit', Resolution: 'die Behebungszeit' },
  },
  bundle: count => `${count} Nachrichten auf einmal`,
  bundled: others =>
    `Es gibt so viele Nachrichten auf einmal, dass sie in einer stehen. Neben der folgenden sind es ${others}:`,
  more: count => `- und ${count} weitere`,
  footer: (provider, contract, id) =>
    `Steward für ${provider}. ${contract === '' ? '' : `Sie erhalten dies als Kontakt des Vertrags ${contract}. `}Kennung: ${id}`,
};

const EN: Words = {
  news: {
    DecisionNeeded: {
      title: ({ fact, key }) => `Decision needed: ${fact('title')} (${key})`,
      lead: () => 'a change waits for a decision.',
      act: known =>
        `\`${look('changerequest')(known)}\` shows the exact plan. The decision is an Approval that names the hash of the plan.`,
    },
    WindowAhead: {
      title: ({ fact, key }) => `Work ahead from ${fact('opensAt')} (${key})`,
      lead: () => 'your systems are worked on when the following window opens.',
      act: () => 'If the time does not suit you, change the maintenance window or postpone the change before it opens.',
    },
    PromiseBroken: {
      title: ({ key }) => `Promise not kept: ${key}`,
      lead: () => 'a promise about this system is not kept at present.',
      act: () => 'The provider sees to it. Where the message says that it waits for you, please decide.',
    },
    PromiseKept: {
      title: ({ key }) => `Promises kept again: ${key}`,
      lead: () => 'all promises about this system are kept again.',
      act: () => 'There is nothing to do.',
    },
    IncidentOpened: {
      title: ({ fact, key }) => `Incident ${fact('priority')}: ${fact('system') || key} (${key})`,
      lead: () => 'an incident has been opened.',
      act: () => 'There is nothing to do unless somebody asks.',
    },
    IncidentWaiting: {
      title: ({ fact, key }) => `Incident ${fact('priority')} waits for you: ${key}`,
      lead: () => "the handling of an incident waits for you; the provider's clock stands still.",
      act: () => 'Please answer what stands under "Reason".',
    },
    IncidentBreached: {
      title: ({ fact, key }) => `Incident ${fact('priority')} out of time: ${key}`,
      lead: () => 'an incident has not been handled within the time that was promised.',
      act: () => 'The provider sees to it.',
    },
    IncidentResolved: {
      title: ({ fact, key }) => `Incident ${fact('priority')} resolved: ${key}`,
      lead: () => 'an incident is resolved.',
      act: () => 'If it goes on, please say so.',
    },
    ProblemOpened: {
      title: ({ fact, key }) => `Recurring trouble: ${fact('system') || key} (${key})`,
      lead: () => 'an incident keeps coming back, or weighs heavily; its cause is looked for.',
      act: known => `\`${look('problem')(known)}\` shows what is known. There is nothing to do unless somebody asks.`,
    },
    ProblemClosed: {
      title: ({ fact, key }) => `Recurring trouble closed: ${fact('system') || key} (${key})`,
      lead: () => 'the cause of a recurring incident is not looked for any more.',
      act: () => 'If it comes back, the problem is opened again by itself.',
    },
  },
  facts: {
    ...{ system: 'System', systems: 'Systems', title: 'Title', change: 'Change', planHash: 'Hash of the plan' },
    ...{ party: 'Who decides', step: 'What is asked', message: 'Message', reason: 'Reason' },
    ...{ window: 'Maintenance window', opensAt: 'Begins', closesAt: 'Ends', schedule: 'Schedule (cron)' },
    ...{ usedBy: 'Because of', since: 'Since', decideBy: 'To be decided by', customer: 'Customer' },
    ...{ priority: 'Priority', scope: 'Scope', phase: 'Phase', clock: 'Out of time' },
    ...{ respondBy: 'Response by', resolveBy: 'Resolution by', cause: 'Cause', assignee: 'Handled by' },
    ...{ workaround: 'Until then', remedy: 'Remedy' },
  },
  values: {
    ...{ Agreement: 'agreement', Acceptance: 'acceptance of the result' },
    ...{ Customer: 'the customer', Provider: 'the provider', 'Customer, Provider': 'customer and provider' },
    ...{ Response: 'the response', Resolution: 'the resolution' },
  },
  bundle: count => `${count} messages at once`,
  bundled: others =>
    `There are so many messages at once that they stand in one. Besides the one that follows there are ${others}:`,
  more: count => `- and ${count} more`,
  footer: (provider, contract, id) =>
    `Steward for ${provider}. ${contract === '' ? '' : `You receive this as a contact of contract ${contract}. `}Id: ${id}`,
};

export const WORDS: Readonly<Record<Language, Words>> = { de: DE, en: EN };
