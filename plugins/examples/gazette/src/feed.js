// The gazette's answers, read leniently: one odd field costs that field, one odd job that job, never the page.
//
// Its feed is a JSON Feed (https://www.jsonfeed.org/version/1.1/); what a job pays, and where, stands in an extension, `_job`.
// Nothing here knows of Prospector: bytes and plain values in, plain values out.

/** An answer that cannot be understood, and why. */
export class Unclear extends Error {}

/** A job that cannot be shown, and why; what it calls itself, as far as it says so. */
export class Unreadable extends Error {
  constructor(reason, id = null, title = null) {
    super(reason);
    Object.assign(this, { id, title });
  }
}

/** Whose key it is: the account's lasting identifier, and its name. Throws `Unclear`. */
export function account(body) {
  const answer = object(body);
  const [id, name] = [text(answer.id), text(answer.name)];
  if (id === null || name === null) throw new Unclear('it names nobody');
  return { id, name };
}

/** The jobs of a page, not yet read, and the address of the next one. Throws `Unclear`. */
export function page(body) {
  const answer = object(body);
  if (!Array.isArray(answer.items)) throw new Unclear('it has no list of items');
  return { items: answer.items, next: text(answer.next_url) };
}

/** What the gazette says of a refusal. */
export function refusal(body) {
  try {
    return text(object(body).error);
  } catch {
    return null;
  }
}

/**
 * A job. What it does not say is null; amounts are hundredths of `currency`, times seconds since 1970. Without identifier
 * or address it is none, as there would be nothing to show: throws `Unreadable`.
 */
export function job(entry) {
  if (!isRecord(entry)) throw new Unreadable('It is no job');
  const [id, url, title] = [entry.id, entry.url, entry.title].map(text);
  if (id === null) throw new Unreadable('It has no id', null, title);
  if (url === null || !url.startsWith('https://')) throw new Unreadable('It has no https url', id, title);
  const more = isRecord(entry._job) ? entry._job : {};
  const [least, most] = [more.pay_min, more.pay_max].map(hundredths);
  const isTurned = least !== null && most !== null && least > most;
  return {
    id,
    url,
    title: title ?? `Job ${id}`,
    description: text(entry.content_text) ?? text(entry.content_html) ?? text(entry.summary) ?? '',
    tags: Array.isArray(entry.tags) ? entry.tags.map(text).filter((tag) => tag !== null) : [],
    language: /^[a-z]{2}(?=$|-)/.exec(text(entry.language) ?? '')?.[0] ?? null,
    postedAt: moment(entry.date_published),
    updatedAt: moment(entry.date_modified),
    closesAt: moment(more.closes),
    /** `hour` or `project`. */
    payPer: text(more.pay_per),
    payMin: isTurned ? most : least,
    payMax: isTurned ? least : most,
    currency: /^[A-Z]{3}$/.exec(text(more.currency) ?? '')?.[0] ?? null,
    /** `Worldwide`, or the place that it is tied to. */
    location: text(more.location),
    hoursPerWeek: count(more.hours_per_week),
    weeks: count(more.weeks),
    applicants: count(more.applicants),
  };
}

function object(body) {
  let answer;
  try {
    answer = JSON.parse(decoded(body));
  } catch {
    throw new Unclear('it is not JSON');
  }
  if (!isRecord(answer)) throw new Unclear('it is no object');
  return answer;
}

/** A text of UTF-8. The runtime in the component has no TextDecoder. */
function decoded(body) {
  const SPAN = 8192; // arguments of a call: some thousands are taken everywhere
  let bytes = '';
  for (let at = 0; at < body.length; at += SPAN) bytes += String.fromCharCode(...body.slice(at, at + SPAN));
  return decodeURIComponent(escape(bytes));
}

function isRecord(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value) {
  if (Number.isSafeInteger(value)) return String(value);
  // Half of a pair of surrogates is no text.
  return typeof value === 'string' ? value.trim().toWellFormed() || null : null;
}

function number(value) {
  const found = typeof value === 'string' && value.trim() ? Number(value) : value;
  return Number.isFinite(found) && found >= 0 ? found : null;
}

function count(value) {
  const found = number(value);
  return found !== null && found < 2 ** 32 ? Math.trunc(found) : null;
}

function hundredths(value) {
  const found = number(value);
  return found !== null && found < 1e12 ? Math.round(found * 100) : null;
}

/** A time of RFC 3339. One without an offset could be any, and 1970 is what feeds write where they know nothing. */
function moment(value) {
  const found = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.exec(text(value) ?? '');
  const seconds = found ? Math.floor(Date.parse(found[0]) / 1000) : 0;
  return seconds > 0 ? seconds : null;
}
