// npm test: native, without WebAssembly.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { descriptor, screening } from '../src/filter.js';

const NOW = 1_790_000_000n;
const setting = (name, val) => ({ name, value: { tag: 'number', val } });
const context = (settings = [setting('max_proposals_per_hour', 20), setting('min_hours_left', 3)]) => ({
  now: NOW,
  settings,
});

/** A posting of so many hours ago, with so many proposals. */
const posting = (hours, proposals, more = {}) => ({
  postedAt: NOW - BigInt(hours * 3600),
  competition: { proposals: { minimum: proposals, maximum: proposals } },
  ...more,
});

const screened = (...postings) => screening.screen(context(), postings);

test('a posting that many run for is dropped, with the figures', () => {
  const [kept, dropped] = screened(posting(2, 40), posting(2, 41));
  assert.deepEqual(kept, { tag: 'keep' });
  assert.deepEqual(dropped.val, {
    filter: 'max_proposals_per_hour',
    reason: '41 proposals in 2 h: 20.5 an hour, more than 20',
  });
});

test('the first minutes say nothing', () => {
  assert.deepEqual(screened(posting(0, 10)), [{ tag: 'keep' }]);
});

test('a posting that is about to close is dropped', () => {
  const closing = (hours) => screened(posting(1, 0, { closesAt: NOW + BigInt(hours * 3600) }))[0];
  assert.equal(closing(3).tag, 'keep');
  assert.equal(closing(1).val.reason, 'It closes in 1 h, and you want 3 h');
  assert.equal(closing(-1).val.reason, 'It is closed');
});

test('what a platform does not say drops nothing', () => {
  const verdicts = screened(
    { postedAt: null, competition: null, closesAt: null },
    { postedAt: NOW - 60n, competition: null },
    { postedAt: null, competition: { proposals: { minimum: 99 } } },
  );
  assert.deepEqual(verdicts, [{ tag: 'keep' }, { tag: 'keep' }, { tag: 'keep' }]);
});

test('a setting that is missing is an error that names it', () => {
  assert.throws(() => screening.screen(context([]), []), { kind: 'invalid-input', code: 'max_proposals_per_hour' });
});

test('every setting has a default and a description', () => {
  const { properties } = JSON.parse(descriptor.describe().settings);
  assert.deepEqual(Object.keys(properties), ['max_proposals_per_hour', 'min_hours_left']);
  for (const of of Object.values(properties)) assert.ok(of.default !== undefined && of.description);
});
