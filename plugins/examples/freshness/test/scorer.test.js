// npm test: native, without WebAssembly.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { descriptor, scoring } from '../src/scorer.js';

const NOW = 1_790_000_000n;
const context = (settings = [{ name: 'half_life_hours', value: { tag: 'number', val: 24 } }]) => ({ now: NOW, settings });
const hoursAgo = (hours) => ({ postedAt: NOW - BigInt(hours * 3600) });
const signal = (posting) => scoring.score(context(), [posting])[0].signals[0];

test('a posting loses half of its value in a half-life', () => {
  assert.deepEqual(
    [0, 24, 48].map((hours) => signal(hoursAgo(hours)).value),
    [1, 0.5, 0.25],
  );
  assert.equal(signal(hoursAgo(12)).reason, 'It was posted 12 h ago; every 24 h halve its value');
});

test('a clock that is ahead makes no posting newer than new', () => {
  assert.equal(signal(hoursAgo(-5)).value, 1);
});

test('a posting without a date is neutral, and says so', () => {
  const { value, missing, confidence } = signal({ postedAt: null });
  assert.deepEqual({ value, missing, confidence }, { value: 0.5, missing: ['posted_at'], confidence: 0 });
});

test('a setting that is missing is an error that names it', () => {
  assert.throws(() => scoring.score(context([]), []), { kind: 'invalid-input', code: 'half_life_hours' });
});

test('every setting has a default and a description', () => {
  const { properties } = JSON.parse(descriptor.describe().settings);
  assert.deepEqual(Object.keys(properties), ['half_life_hours']);
  for (const of of Object.values(properties)) assert.ok(of.default !== undefined && of.description);
});
