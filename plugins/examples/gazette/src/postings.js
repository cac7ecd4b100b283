// The gazette's jobs as the contract's postings, and what judging reads off one.

/** Skills that the contract takes at most. */
const MOST_SKILLS = 100;

/** The gazette says nothing of who posts: no history is neutral, not bad. */
const NOBODY = {
  id: null,
  country: null,
  countryCode: null,
  rating: null,
  reviews: null,
  posted: null,
  hires: null,
  hireRate: null,
  spentUsd: null,
  paymentVerified: null,
  memberSince: null,
};

/** A job as a posting. */
export function posting(job) {
  return {
    id: job.id,
    kind: { tag: 'project' },
    title: job.title,
    url: job.url,
    description: job.description,
    status: { tag: 'open' },
    payment: { tag: { hour: 'hourly', project: 'fixed' }[job.payPer] ?? 'unstated' },
    budget: budget(job),
    skills: job.tags.slice(0, MOST_SKILLS),
    categories: [],
    experience: null,
    duration: exactly(job.weeks, 7),
    workload: exactly(job.hoursPerWeek),
    language: job.language,
    postedAt: job.postedAt,
    updatedAt: job.updatedAt,
    closesAt: job.closesAt,
    competition: job.applicants === null ? null : { proposals: exactly(job.applicants), average: null },
    client: NOBODY,
    attributes: job.location === null ? [] : [{ name: 'location', value: { tag: 'text', val: job.location } }],
  };
}

/** What it pays. An amount of no currency is none; what another than USD is worth the gazette does not say. */
function budget({ payMin: minimum, payMax: maximum, currency }) {
  if (currency === null || (minimum === null && maximum === null)) return null;
  return { minimum, maximum, currency, usdRate: currency === 'USD' ? 1 : null };
}

function exactly(number, times = 1) {
  if (number === null) return null;
  const exact = Math.min(number * times, 2 ** 32 - 1);
  return { minimum: exact, maximum: exact };
}

/** What it pays at best, in hundredths of USD, if by this `payment`. */
export function best({ budget, payment }, by) {
  const most = budget?.maximum ?? budget?.minimum ?? null;
  return most === null || budget.usdRate === null || payment.tag !== by ? null : Math.round(Number(most) * budget.usdRate);
}

/** The place that it is tied to. */
export function location({ attributes }) {
  return attributes.find(({ name }) => name === 'location')?.value.val ?? null;
}
