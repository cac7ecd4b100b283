// What the platform is and wishes for, its requests, and the contract's types around the rest.
//
// Each interface of the world `platform` is an object. An option is a value or null, variants are `{ tag, val }`, numbers
// of 64 bits are plain ones; an error of the contract is thrown, and what the host throws is passed on as it is.

import * as feed from './feed.js';
import * as judging from './judging.js';
import { best, location, posting } from './postings.js';
import SETTINGS from './settings.js';

/** The name of the gazette's one origin, and of its credential. */
const [API, KEY] = ['api', 'key'];
/** Where requests go. */
const [ME, FEED] = ['/v1/me', '/v1/feed.json'];
/** Where a person gets a key. */
const REGISTRATION = 'https://gazette.example/account/keys';
/** Jobs that the gazette gives at most in one answer. */
const MOST_JOBS = 50;
/** The longest cursor that the contract takes. */
const LONGEST_CURSOR = 4096;
/** What no judging looks at: Prospector does not hand it over then, which is cheaper. */
const UNREAD = ['identifiers', 'title', 'description', 'url', 'categories', 'language', 'client-country'];

/** What the gazette's refusals mean, by status. */
const KINDS = { 401: 'unauthenticated', 403: 'forbidden', 404: 'not-found', 429: 'rate-limited' };

/** The platform's exports, over the contract's `http`. */
export const platform = (http) => ({
  descriptor: { describe },
  account: { identify: () => identify(http), explain },
  search: { search: (query) => search(http, query) },
  screening: { screen },
  scoring: { score: (context, postings) => postings.map((of) => evaluation(context, of)) },
});

function describe() {
  const route = (pathPrefix, purpose) => ({ origin: API, pathPrefix, methods: ['get'], access: 'read', rehearsals: [], purpose });
  return {
    id: 'gazette',
    displayName: 'Gazette',
    version: '0.1.0',
    summary: 'Jobs of a made-up gazette, read in JavaScript.',
    origins: [{ name: API, default: 'https://api.gazette.example' }],
    routes: [route(ME, 'know whose key it is'), route(FEED, 'read jobs')],
    authentication: {
      tag: 'api-key',
      val: {
        credential: KEY,
        placement: { header: 'Authorization', prefix: 'Bearer ' },
        audience: [API],
        registrationUrl: REGISTRATION,
      },
    },
    settings: JSON.stringify(SETTINGS),
    rateLimits: [{ requests: 60, window: 60 }],
    contentRetention: null,
    automaticSubmission: 'forbidden',
    judgesWithout: UNREAD.map((part) => ({ part, unless: [] })),
  };
}

function identify(http) {
  const { id, name } = understood(ask(http, ME), 'the account', feed.account);
  return { id, username: name, permissions: [], attributes: [] };
}

function explain({ status }) {
  if (status !== 401) return null;
  return {
    title: 'Key refused',
    message: 'The gazette does not accept the API key.',
    remedy: `Get a key at ${REGISTRATION}, and connect again.`,
    permanent: true,
  };
}

function search(http, { cursor, limit, settings }) {
  const { items, next } = understood(ask(http, cursor === null ? first(limit, settings) : told(cursor)), 'the jobs', feed.page);
  const page = { postings: [], unreadable: [], notices: [], next: null, total: null };
  for (const entry of items.slice(0, limit)) {
    try {
      page.postings.push(posting(feed.job(entry)));
    } catch (odd) {
      if (!(odd instanceof feed.Unreadable)) throw odd;
      page.unreadable.push({ id: odd.id, title: odd.title, reason: odd.message });
    }
  }
  const cut = (message) => page.notices.push({ kind: 'truncated', subject: 'feed', message });
  if (items.length > limit) cut(`The gazette gave ${items.length} jobs at once, where ${limit} were asked for`);
  if (next !== null) {
    // It names an address; the key goes nowhere but where the person has said.
    const origin = http.origin(API);
    const path = next.startsWith(`${origin}/`) ? next.slice(origin.length) : next;
    if (isOurs(path)) page.next = path;
    else cut(`The gazette's next page is none of its feed's: ${start(path, 200)}`);
  }
  return page;
}

/** The first page: where later ones are, each page says itself. */
function first(limit, settings) {
  const tags = values(settings).tags ?? [];
  const asked = [`limit=${Math.min(limit, MOST_JOBS)}`, ...tags.map((tag) => `tag=${encodeURIComponent(tag)}`)];
  return `${FEED}?${asked.join('&')}`;
}

/** Where a page begins: what this plugin has said itself at the end of the one before. */
function told(cursor) {
  if (isOurs(cursor)) return cursor;
  throw failure({ kind: 'invalid-input', message: "The cursor is none of this plugin's", delivery: 'not-sent' });
}

function isOurs(path) {
  return path.startsWith(`${FEED}?`) && path.length <= LONGEST_CURSOR;
}

function screen({ settings }, postings) {
  const { remote_only: remoteOnly = true, min_hourly_usd: least = 0 } = values(settings);
  return postings.map((of) => {
    const drop = judging.dropped(location(of), best(of, 'hourly'), remoteOnly, Number(least));
    return drop === null ? { tag: 'keep' } : { tag: 'drop', val: drop };
  });
}

function evaluation({ profile: { skills, rates, availability } }, of) {
  const usd = (rate) => (rate === null ? null : Math.round(Number(rate) * (rates.usdRate ?? 1)));
  const hourly = best(of, 'hourly');
  const pay =
    hourly === null
      ? judging.budget(best(of, 'fixed'), usd(rates.fixedMinimum), usd(rates.fixedPreferred))
      : judging.budget(hourly, usd(rates.hourlyMinimum), usd(rates.hourlyPreferred));
  const known = skills.flatMap(({ name, aliases }) => [name, ...aliases]);
  const readings = {
    'skill-match': judging.skills(of.skills, known),
    budget: pay,
    'client-history': judging.unknown('The gazette says nothing of who posts', 'client'),
    competition: judging.competition(of.competition?.proposals.minimum ?? null),
    timeline: judging.timeline(of.workload?.minimum ?? null, availability.hoursPerWeek),
  };
  const signals = Object.entries(readings).map(([tag, reading]) => ({ kind: { tag }, ...reading }));
  return { signals, adjustments: [] };
}

/** The settings by name: Prospector has held them to the schema and filled in the defaults. */
function values(settings) {
  return Object.fromEntries(settings.map(({ name, value }) => [name, value.val]));
}

/** Sends a request with the key, which only Prospector knows. An answer that is no success becomes an error that says what to do. */
function ask(http, path) {
  const url = `${http.origin(API)}${path}`;
  const response = http.fetch({ method: 'get', url, headers: [], body: null, credential: KEY, timeoutMs: null });
  const { status, body, retryAfter } = response;
  if (status >= 200 && status < 300) return response;
  const kind = KINDS[status] ?? (status >= 500 ? 'unavailable' : 'unexpected-answer');
  const said = feed.refusal(body);
  const message = `The gazette refuses ${path.split('?')[0]} with status ${status}${said ? `: ${start(said, 500)}` : ''}`;
  const remedy = kind === 'unauthenticated' ? `Get a key at ${REGISTRATION}, and connect again.` : null;
  throw failure({ kind, code: String(status), message, remedy, retryAfter });
}

/** What an answer says, by one of `feed`'s readers. */
function understood({ body }, what, read) {
  try {
    return read(body);
  } catch (why) {
    if (!(why instanceof feed.Unclear)) throw why;
    throw failure({ kind: 'unexpected-answer', message: `The gazette's answer for ${what} cannot be understood: ${why.message}` });
  }
}

/** The start of a text, without half of a pair of surrogates at its end. */
function start(text, most) {
  return text.slice(0, most).toWellFormed();
}

/** An error of the contract. */
function failure(of) {
  return { code: null, remedy: null, delivery: 'sent', retryAfter: null, ...of };
}
