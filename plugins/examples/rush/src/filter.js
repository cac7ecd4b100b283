// A filter that drops postings which are a race: too many proposals in too little time, or hardly any time left.
//
// It exports the interfaces of the world `filter` as objects. An option is a value or null, variants are `{ tag, val }`, numbers
// of 64 bits come as plain ones (from `jco` as BigInt: `Number` takes both); an error of the contract is thrown.

const HOUR = 3600;
// In its first minutes a posting has few proposals or many, by chance.
const LEAST_HOURS = 0.5;

const SETTINGS = {
  type: 'object',
  additionalProperties: false,
  properties: {
    max_proposals_per_hour: {
      type: 'number',
      minimum: 0.1,
      maximum: 1000,
      default: 20,
      description:
        'Postings to which more proposals than this came in an hour since they were posted are dropped: yours would hardly be read',
    },
    min_hours_left: {
      type: 'number',
      minimum: 0,
      maximum: 720,
      default: 3,
      description: 'Postings that close sooner than this are dropped',
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
    id: 'rush',
    displayName: 'Rush',
    version: '0.1.0',
    summary: 'Drops postings that are a race, or about to close.',
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

export const screening = {
  screen(context, postings) {
    const settings = read(context.settings);
    const now = Number(context.now);
    return postings.map((posting) => verdict(posting, settings, now));
  },
};

/** The settings: Prospector has held them to the schema and filled in the defaults. */
function read(settings) {
  const given = new Map(settings.map(({ name, value }) => [name, Number(value.val)]));
  return Object.fromEntries(Object.keys(SETTINGS.properties).map((name) => [name, number(given, name)]));
}

function number(given, name) {
  const value = given.get(name);
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

function verdict(posting, settings, now) {
  const dropped = closing(posting, settings.min_hours_left, now) ?? race(posting, settings.max_proposals_per_hour, now);
  return dropped ? { tag: 'drop', val: dropped } : { tag: 'keep' };
}

function closing({ closesAt }, least, now) {
  if (closesAt == null) return null;
  const left = (Number(closesAt) - now) / HOUR;
  if (left >= least) return null;
  const reason = left > 0 ? `It closes in ${hours(left)}, and you want ${hours(least)}` : 'It is closed';
  return { filter: 'min_hours_left', reason };
}

function race({ postedAt, competition }, most, now) {
  if (postedAt == null || competition == null) return null;
  const age = Math.max(LEAST_HOURS, (now - Number(postedAt)) / HOUR);
  // A platform that gives a band has at least its lower end.
  const perHour = competition.proposals.minimum / age;
  if (perHour <= most) return null;
  const reason = `${competition.proposals.minimum} proposals in ${hours(age)}: ${perHour.toFixed(1)} an hour, more than ${most}`;
  return { filter: 'max_proposals_per_hour', reason };
}

function hours(number) {
  return `${Number(number.toFixed(1))} h`;
}
