// A scorer by how new a posting is: whoever answers first is read first.
//
// It exports the interfaces of the world `scorer` as objects. An option is a value or null, variants are `{ tag, val }`, numbers
// of 64 bits come as plain ones (from `jco` as BigInt: `Number` takes both); an error of the contract is thrown.

const HOUR = 3600;

const SETTINGS = {
  type: 'object',
  additionalProperties: false,
  properties: {
    half_life_hours: {
      type: 'number',
      minimum: 0.1,
      maximum: 8760,
      default: 24,
      description: 'After so many hours a posting is worth half of what it was worth when it was posted',
    },
  },
};

// All that is not looked at: Prospector does not hand it over then, which is cheaper.
const UNREAD = [
  'identifiers',
  'title',
  'description',
  'url',
  'categories',
  'language',
  'client-country',
  'attributes',
  'skills',
];

export const descriptor = {
  describe: () => ({
    id: 'freshness',
    displayName: 'Freshness',
    version: '0.1.0',
    summary: 'Scores how new a posting is.',
    origins: [],
    routes: [],
    authentication: { tag: 'none' },
    settings: JSON.stringify(SETTINGS),
    rateLimits: [],
    contentRetention: null,
    automaticSubmission: 'forbidden',
    judgesWithout: UNREAD.map((part) => ({ part, unless: [] })),
  }),
};

export const scoring = {
  score(context, postings) {
    const halfLife = read(context.settings, 'half_life_hours');
    const now = Number(context.now);
    return postings.map((posting) => ({ signals: [freshness(posting, halfLife, now)], adjustments: [] }));
  },
};

/** A setting: Prospector has held it to the schema and filled in the default. */
function read(settings, name) {
  const value = Number(settings.find((setting) => setting.name === name)?.value.val);
  if (Number.isFinite(value)) return value;
  throw {
    kind: 'invalid-input',
    code: name,
    message: `\`${name}\` is missing, or no number`,
    remedy: null,
    delivery: 'not-sent',
    retryAfter: null,
  };
}

function freshness({ postedAt }, halfLife, now) {
  const kind = { tag: 'custom', val: 'freshness' };
  if (postedAt == null) {
    const reason = 'It does not say when it was posted';
    return { kind, value: 0.5, raw: 'unknown', reason, missing: ['posted_at'], confidence: 0 };
  }
  // A posting of the near future is new: clocks differ.
  const age = Math.max(0, (now - Number(postedAt)) / HOUR);
  const shown = `${Number(age.toFixed(1))} h`;
  return {
    kind,
    value: 0.5 ** (age / halfLife),
    raw: shown,
    reason: `It was posted ${shown} ago; every ${halfLife} h halve its value`,
    missing: [],
    confidence: 1,
  };
}
