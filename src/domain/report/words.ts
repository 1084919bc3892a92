/** What a report says, in the languages of contracts. */
export type Language = 'de' | 'en';
export type Tone = 'Kept' | 'Broken' | 'Unproven';

const ENGLISH = {
  title: (month: string) => `Service report ${month}`,
  subtitle: (customer: string, billingId: string, contract: string) =>
    `${customer} · customer number ${billingId} · contract ${contract}`,
  keptOf: (kept: number, all: number, unproven: number) =>
    `${kept} of ${all} promises were kept.${unproven === 0 ? '' : ` Of ${unproven} nobody can say.`}`,
  tones: { Kept: 'kept', Broken: 'broken', Unproven: 'unproven' } as Record<Tone, string>,
  verdicts: {
    Kept: 'kept',
    Broken: 'broken',
    Unproven: 'unproven',
    NotMeasured: 'not measured',
    NotPromised: 'not promised',
  } as Record<string, string>,
  because: {
    PoweredOff: 'powered off as ordered',
    Window: 'maintenance window',
    Change: 'agreed change',
    WaitingForCustomer: 'waiting for the customer',
  } as Record<string, string>,
  comment: (text: string, by: string) => `“${text}” (${by})`,
  breaches: 'Promises that were broken',
  noBreaches: 'None.',
  decisions: 'Decisions that we need from you',
  noDecisions: 'None.',
  decision: (namespace: string, change: string, title: string, until: string) =>
    `${title} (change ${change} in ${namespace})${until === '' ? '' : `, until ${until}`}`,
  availabilityBroken: (system: string, share: string, target: string) =>
    `${system} was available for ${share} at most; promised are ${target}.`,
  promiseBroken: (system: string, promise: string, minutes: number) =>
    `${system}: ${promise} was broken for ${minutes} minutes.`,
  clockBroken: (incident: string, subject: string, clock: string, target: string, at: string, cause: string) =>
    `${incident} (${subject}): the ${clock} took longer than ${target}, seen at ${at}. Cause: ${cause}`,
  causeUnknown: 'not known yet.',
  none: '–',
  availability: 'Availability',
  availabilityCaption: 'Availability by system and level',
  availabilityHead: [
    'System',
    'Level',
    'Promised',
    'As measured',
    'Without what was agreed',
    'Minutes down',
    'Minutes without data',
    'Promise',
  ],
  outagesCaption: 'Outages that count',
  outagesHead: ['System', 'From', 'Until'],
  excusesCaption: 'Times that do not count, and who agreed',
  excusesHead: ['System', 'From', 'Until', 'Why', 'Shown by', 'Agreed by'],
  notListed: (more: number) => `${more} more are not listed; the sums hold all of them.`,
  promises: 'Other promises',
  promisesCaption: 'Promises by system, in minutes',
  promisesHead: ['System', 'Promise', 'Kept', 'Broken', 'Not known', 'At the end', 'Verdict'],
  incidents: 'Incidents',
  incidentsCaption: 'Incidents of which something was recorded',
  incidentsHead: ['Incident', 'Concerns', 'Priority', 'Phase', 'Detected', 'Response', 'Resolution', 'Cause'],
  clocksCaption: 'Clocks that ended in this month',
  clocksHead: ['Incident', 'Clock', 'Promised', 'Outcome', 'Recorded', 'Cause'],
  changes: 'Changes',
  changesCaption: 'Changes of which something was recorded',
  changesHead: ['Change', 'Title', 'Class', 'Requested by', 'Agreed', 'Result', 'Finished'],
  kinds: {
    PatchRun: 'Patch runs',
    PatchPolicy: 'Patch policies',
    Restore: 'Restores and drills',
    ServiceRequest: 'Orders of services',
    Problem: 'Problems',
    GuestState: 'Access to guests',
    ManagedVM: 'Orders of systems',
    ManagedApplication: 'Orders of applications',
  } as Record<string, string>,
  othersHead: ['Name', 'What happened', 'State', 'Message', 'Persons', 'Last'],
  missing: 'What is missing',
  gap: (day: string) => `${day}: nothing is known of this day.`,
  corrections: 'Corrections after the close',
  correction: (at: string, by: string, reason: string, sha256: string) => `${at}, ${by}: ${reason} (SHA-256 ${sha256})`,
  definitions: 'Definitions',
  definitionItems: [
    'A minute is good where the guest’s agent or its exporter was seen, of an application where its probes passed; bad where they were looked for and not seen; without data where nobody looked.',
    'As measured leaves nothing out. Without what was agreed leaves out systems that were powered off as ordered, work in maintenance windows and agreed changes while it went on, and waiting for the customer.',
    'Minutes without data are never called good. Where they leave it open whether a promise was kept, it is unproven.',
    'Times are those of the zone of the contract. Percentages are rounded down.',
  ],
  proof: (sha256: string, at: string, days: number) =>
    `Closed ${at} from ${days} closed days. SHA-256 of the report: ${sha256}.`,
};

export type Words = typeof ENGLISH & {
  readonly month: (month: string) => string;
  readonly day: (day: string) => string;
  readonly when: (instant: string, timeZone: string) => string;
  readonly percent: (percent: string) => string;
  readonly number: (count: number) => string;
  readonly level: (level: string) => string;
};

const GERMAN: typeof ENGLISH = {
  title: month => `Servicebericht ${month}`,
  subtitle: (customer, billingId, contract) => `${customer} · Kundennummer ${billingId} · Vertrag ${contract}`,
  keptOf: (kept, all, unproven) =>
    `${kept} von ${all} Zusagen wurden eingehalten.${unproven === 0 ? '' : ` Über ${unproven} lässt sich nichts sagen.`}`,
  tones: { Kept: 'eingehalten', Broken: 'verletzt', Unproven: 'nicht belegt' },
  verdicts: {
    Kept: 'eingehalten',
    Broken: 'verletzt',
    Unproven: 'nicht belegt',
    NotMeasured: 'nicht gemessen',
    NotPromised: 'nicht zugesagt',
  },
  because: {
    PoweredOff: 'wie bestellt ausgeschaltet',
    Window: 'Wartungsfenster',
    Change: 'vereinbarte Änderung',
    WaitingForCustomer: 'Warten auf den Kunden',
  },
  comment: (text, by) => `„${text}“ (${by})`,
  breaches: 'Verletzte Zusagen',
  noBreaches: 'Keine.',
  decisions: 'Entscheidungen, die wir von Ihnen brauchen',
  noDecisions: 'Keine.',
  decision: (namespace, change, title, until) =>
    `${title} (Änderung ${change} in ${namespace})${until === '' ? '' : `, bis ${until}`}`,
  availabilityBroken: (system, share, target) =>
    `${system} war höchstens ${share} der Zeit verfügbar; zugesagt sind ${target}.`,
  promiseBroken: (system, promise, minutes) => `${system}: ${promise} war ${minutes} Minuten lang verletzt.`,
  clockBroken: (incident, subject, clock, target, at, cause) =>
    `${incident} (${subject}): ${clock === 'response' ? 'Die Reaktion' : 'Die Lösung'} dauerte länger als ${target}, festgestellt ${at}. Ursache: ${cause}`,
  causeUnknown: 'noch nicht bekannt.',
  none: '–',
  availability: 'Verfügbarkeit',
  availabilityCaption: 'Verfügbarkeit je System und Stufe',
  availabilityHead: [
    'System',
    'Stufe',
    'Zugesagt',
    'Wie gemessen',
    'Ohne Vereinbartes',
    'Minuten Ausfall',
    'Minuten ohne Daten',
    'Zusage',
  ],
  outagesCaption: 'Ausfälle, die zählen',
  outagesHead: ['System', 'Von', 'Bis'],
  excusesCaption: 'Zeiten, die nicht zählen, und wer zugestimmt hat',
  excusesHead: ['System', 'Von', 'Bis', 'Warum', 'Belegt durch', 'Zugestimmt'],
  notListed: more => `${more} weitere sind nicht aufgeführt; die Summen enthalten alle.`,
  promises: 'Weitere Zusagen',
  promisesCaption: 'Zusagen je System, in Minuten',
  promisesHead: ['System', 'Zusage', 'Eingehalten', 'Verletzt', 'Nicht bekannt', 'Am Ende', 'Urteil'],
  incidents: 'Störungen',
  incidentsCaption: 'Störungen, zu denen etwas aufgezeichnet wurde',
  incidentsHead: ['Störung', 'Betrifft', 'Priorität', 'Stand', 'Erkannt', 'Reaktion', 'Lösung', 'Ursache'],
  clocksCaption: 'Fristen, die in diesem Monat endeten',
  clocksHead: ['Störung', 'Frist', 'Zugesagt', 'Ergebnis', 'Aufgezeichnet', 'Ursache'],
  changes: 'Änderungen',
  changesCaption: 'Änderungen, zu denen etwas aufgezeichnet wurde',
  changesHead: ['Änderung', 'Titel', 'Klasse', 'Beantragt von', 'Zustimmung', 'Ergebnis', 'Beendet'],
  kinds: {
    PatchRun: 'Patchläufe',
    PatchPolicy: 'Patchvorgaben',
    Restore: 'Wiederherstellungen und Übungen',
    ServiceRequest: 'Einzeln bestellte Leistungen',
    Problem: 'Probleme',
    GuestState: 'Zugänge zu Systemen',
    ManagedVM: 'Bestellungen von Systemen',
    ManagedApplication: 'Bestellungen von Anwendungen',
  },
  othersHead: ['Name', 'Was geschah', 'Stand', 'Meldung', 'Personen', 'Zuletzt'],
  missing: 'Was fehlt',
  gap: day => `${day}: Über diesen Tag ist nichts bekannt.`,
  corrections: 'Berichtigungen nach dem Abschluss',
  correction: (at, by, reason, sha256) => `${at}, ${by}: ${reason} (SHA-256 ${sha256})`,
  definitions: 'Begriffe',
  definitionItems: [
    'Eine Minute ist gut, wenn der Agent oder der Exporter des Systems gesehen wurde, bei einer Anwendung, wenn ihre Proben gelangen; schlecht, wenn nach ihnen gesehen und nichts gefunden wurde; ohne Daten, wenn niemand nachsah.',
    '„Wie gemessen“ lässt nichts weg. „Ohne Vereinbartes“ lässt weg, was wie bestellt ausgeschaltet war, Arbeiten in Wartungsfenstern und vereinbarten Änderungen, solange sie dauerten, und das Warten auf den Kunden.',
    'Minuten ohne Daten heißen niemals gut. Wo sie offenlassen, ob eine Zusage eingehalten wurde, ist sie nicht belegt.',
    'Zeiten sind die der Zeitzone des Vertrags. Prozentzahlen sind abgerundet.',
  ],
  proof: (sha256, at, days) =>
    `Abgeschlossen ${at} aus ${days} abgeschlossenen Tagen. SHA-256 des Berichts: ${sha256}.`,
};

const LEVELS: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  en: {
    Admin: 'Admin',
    MonitoringAndPatching: 'Monitoring & Patching',
    AdvancedMonitoringAndPatching: 'Advanced Monitoring & Patching',
  },
  de: {
    Admin: 'Admin',
    MonitoringAndPatching: 'Monitoring & Patching',
    AdvancedMonitoringAndPatching: 'Erweitertes Monitoring & Patching',
  },
};

function inLocale(locale: string, language: Language, words: typeof ENGLISH): Words {
  const number = new Intl.NumberFormat(locale);
  const date = (instant: string, options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, options).format(new Date(instant));
  return {
    ...words,
    month: month => date(`${month}-01T12:00:00Z`, { month: 'long', year: 'numeric', timeZone: 'UTC' }),
    day: day => date(`${day}T12:00:00Z`, { dateStyle: 'medium', timeZone: 'UTC' }),
    when: (instant, timeZone) =>
      Number.isNaN(Date.parse(instant)) ? '' : date(instant, { dateStyle: 'medium', timeStyle: 'short', timeZone }),
    // As it was written: a number would be rounded.
    percent: percent => (percent === '' ? words.none : `${language === 'de' ? percent.replace('.', ',') : percent} %`),
    number: count => number.format(count),
    level: level => LEVELS[language][level] ?? level,
  };
}

export const WORDS: Readonly<Record<Language, Words>> = {
  de: inLocale('de-DE', 'de', GERMAN),
  en: inLocale('en-GB', 'en', ENGLISH),
};
