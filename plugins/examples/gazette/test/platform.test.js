import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as judging from '../src/judging.js';
import { platform } from '../src/platform.js';
import { JOB, ORIGIN, host } from './host.js';

const SETTINGS = [
  { name: 'tags', value: { tag: 'texts', val: ['rust', 'c++'] } },
  { name: 'remote_only', value: { tag: 'flag', val: true } },
  { name: 'min_hourly_usd', value: { tag: 'number', val: 50 } },
];
const query = { cursor: null, limit: 100, settings: SETTINGS };
const context = {
  settings: SETTINGS,
  profile: {
    skills: [{ name: 'Rust', aliases: ['rustlang'] }],
    rates: { usdRate: 1, hourlyMinimum: 2000, hourlyPreferred: 18100, fixedMinimum: null, fixedPreferred: null },
    availability: { hoursPerWeek: 40 },
  },
};

test('a page is asked for with the key, and says where the next one is', () => {
  const gazette = host(
    { body: { items: [JOB, { title: 'Neither id nor address' }], next_url: `${ORIGIN}/v1/feed.json?after=j-1` } },
    { body: { items: [] } },
  );
  const { search } = platform(gazette);
  const page = search.search(query);
  assert.deepEqual([page.postings.map(({ id }) => id), page.next, page.notices], [['j-1'], '/v1/feed.json?after=j-1', []]);
  assert.deepEqual(page.unreadable, [{ id: null, title: 'Neither id nor address', reason: 'It has no id' }]);
  assert.equal(search.search({ ...query, cursor: page.next }).next, null);
  assert.deepEqual(
    gazette.asked.map(({ url, credential }) => [url, credential]),
    [
      [`${ORIGIN}/v1/feed.json?limit=50&tag=rust&tag=c%2B%2B`, 'key'],
      [`${ORIGIN}/v1/feed.json?after=j-1`, 'key'],
    ],
  );
});

test('a next page that is elsewhere is not asked for, and that is told', () => {
  for (const next_url of ['https://other.example/v1/feed.json?after=1', '/v1/me', `/v1/feed.json?${'x'.repeat(5000)}`]) {
    const page = platform(host({ body: { items: [], next_url } })).search.search(query);
    assert.equal(page.next, null);
    assert.equal(page.notices[0].kind, 'truncated');
  }
  const { search } = platform(host());
  assert.throws(() => search.search({ ...query, cursor: '/v1/me' }), { kind: 'invalid-input', delivery: 'not-sent' });
});

test('a gazette that gives more than was asked for says that there is more', () => {
  const page = platform(host({ body: { items: [JOB, JOB, JOB] } })).search.search({ ...query, limit: 2 });
  assert.equal(page.postings.length, 2);
  assert.match(page.notices[0].message, /gave 3 jobs at once, where 2 were/);
});

test('a refusal is an error of its kind, which says what to do', () => {
  const kinds = { 401: 'unauthenticated', 429: 'rate-limited', 503: 'unavailable', 418: 'unexpected-answer' };
  for (const [status, kind] of Object.entries(kinds)) {
    const { account } = platform(host({ status: Number(status), retryAfter: 9, body: { error: 'no such key' } }));
    const message = `The gazette refuses /v1/me with status ${status}: no such key`;
    assert.throws(() => account.identify([]), { kind, message, code: status, retryAfter: 9, delivery: 'sent' });
  }
  const { account } = platform(host({ body: '<html>' }));
  assert.throws(() => account.identify([]), { kind: 'unexpected-answer', delivery: 'sent' });
  assert.equal(account.explain({ status: 500 }), null);
  assert.ok(account.explain({ status: 401 }).remedy.includes('https://gazette.example/account/keys'));
});

test('what drops a job is named with the values', () => {
  const { search, screening } = platform(host({ body: { items: jobs() } }));
  const verdicts = screening.screen(context, search.search(query).postings);
  assert.deepEqual(verdicts, [
    { tag: 'keep' },
    { tag: 'drop', val: { filter: 'remote_only', reason: 'It is tied to Oslo' } },
    { tag: 'drop', val: { filter: 'min_hourly_usd', reason: 'It pays 40 USD per hour at best, below 50' } },
    { tag: 'keep' },
    { tag: 'keep' },
  ]);
});

/** The job; one tied to a place; one that pays less; one that pays as little, of another currency; one that does not say. */
function jobs() {
  const [poor, silent] = [{ pay_min: null, pay_max: 40 }, { pay_min: null, pay_max: null }];
  const extras = [{}, { location: 'Oslo' }, poor, { ...poor, currency: 'EUR' }, silent];
  return extras.map((extra) => ({ ...JOB, _job: { ...JOB._job, ...extra } }));
}

test('every signal is from 0 to 1, and neutral where nothing is said', () => {
  const { search, scoring } = platform(host({ body: { items: jobs() } }));
  const { postings } = search.search(query);
  const [{ signals }] = scoring.score(context, postings);
  assert.deepEqual(
    signals.map(({ kind, value }) => [kind.tag, value]),
    [['skill-match', 0.5], ['budget', 0.5], ['client-history', judging.NEUTRAL], ['competition', 0.92], ['timeline', 1]],
  );
  const unsaid = { ...postings[4], skills: [], competition: null, workload: null };
  for (const { value, confidence, missing } of scoring.score(context, [unsaid])[0].signals) {
    assert.deepEqual([value, confidence], [judging.NEUTRAL, 0]);
    assert.ok(missing.length > 0);
  }
  const bad = [judging.budget(100, 5000, 8000), judging.competition(500), judging.timeline(80, 40)];
  assert.deepEqual(bad.map(({ value }) => value), [0.00625, 0, 0.5]);
});

test('every setting has a default and a description', () => {
  const { properties } = JSON.parse(platform(host()).descriptor.describe().settings);
  for (const { name } of SETTINGS) assert.ok(properties[name].default !== undefined && properties[name].description, name);
});
