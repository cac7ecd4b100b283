// npm test: native, without WebAssembly.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as feed from '../src/feed.js';
import { JOB, bytes } from './host.js';

test('a job is read as it is', () => {
  const { payMin, payMax, currency, postedAt, closesAt, tags, location } = feed.job(JOB);
  assert.deepEqual(
    { payMin, payMax, currency, postedAt, closesAt, tags, location },
    {
      payMin: 6000,
      payMax: 9050,
      currency: 'USD',
      postedAt: 1_790_000_000,
      closesAt: 1_791_201_600,
      tags: ['rust', 'parsing'],
      location: 'Worldwide',
    },
  );
});

test('an odd field costs that field', () => {
  for (const odd of [null, true, [], {}, '', 'NaN', NaN, Infinity, -1, 1e300, '\ud800', '2026-13-41T99:00:00Z']) {
    for (const key of Object.keys(JOB).filter((key) => key !== 'id' && key !== 'url')) {
      assert.equal(feed.job({ ...JOB, [key]: odd }).id, 'j-1', key);
    }
    for (const key of Object.keys(JOB._job)) {
      const job = feed.job({ ...JOB, _job: { ...JOB._job, [key]: odd } });
      for (const value of Object.values(job)) assert.ok(typeof value !== 'number' || Number.isSafeInteger(value), key);
      assert.ok(JSON.stringify(job).isWellFormed());
    }
  }
});

test('ends of a range that are the wrong way round are turned', () => {
  const { payMin, payMax } = feed.job({ ...JOB, _job: { pay_min: 90, pay_max: '60' } });
  assert.deepEqual([payMin, payMax], [6000, 9000]);
});

test('a time that could be any is none', () => {
  const read = (date_published) => feed.job({ ...JOB, date_published }).postedAt;
  assert.equal(read('2026-10-05T14:00:00.5+02:00'), 1_791_201_600);
  for (const odd of ['2026-10-05T14:00:00', '2026-10-05', 'yesterday', '1970-01-01T00:00:00Z']) assert.equal(read(odd), null, odd);
});

test('what cannot be shown says why', () => {
  for (const [entry, why] of [
    [7, 'It is no job'],
    [{ ...JOB, id: null }, 'It has no id'],
    [{ ...JOB, url: 'http://x' }, 'It has no https url'],
  ]) {
    assert.throws(() => feed.job(entry), (thrown) => thrown instanceof feed.Unreadable && thrown.message === why);
  }
});

test('an answer that is none is an error and no empty page', () => {
  for (const body of ['', '<html>', 'null', '[]', '{"items": 7}', '[[']) {
    for (const read of [feed.page, feed.account]) assert.throws(() => read(bytes(body)), feed.Unclear, body.slice(0, 9));
  }
  assert.throws(() => feed.page(new Uint8Array([0x22, 0xff, 0x22])), feed.Unclear, 'no UTF-8');
  assert.deepEqual(feed.page(bytes({ items: [1] })), { items: [1], next: null });
  assert.deepEqual(feed.account(bytes({ id: 7, name: 'Zoë 🦉' })), { id: '7', name: 'Zoë 🦉' });
  assert.equal(feed.refusal(bytes({ error: 'no such key' })), 'no such key');
});

test('a long answer is read whole', () => {
  const name = 'ë'.repeat(30_000);
  assert.equal(feed.account(bytes({ id: 7, name })).name, name);
});
