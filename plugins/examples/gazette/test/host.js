// What the tests share: a job of the gazette's, and a host that answers what it was told to.

export const JOB = {
  id: 'j-1',
  url: 'https://gazette.example/jobs/j-1',
  title: 'Parser for lab reports',
  content_text: 'Read three formats of reports, and write one.',
  date_published: '2026-09-21T14:13:20Z',
  language: 'en-GB',
  tags: ['rust', 'parsing'],
  _job: {
    pay_min: 60,
    pay_max: 90.5,
    pay_per: 'hour',
    currency: 'USD',
    location: 'Worldwide',
    hours_per_week: 20,
    weeks: 6,
    applicants: 4,
    closes: '2026-10-05T12:00:00Z',
  },
};

export const ORIGIN = 'https://api.gazette.example';

export const bytes = (body) => new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body));

/** The contract's `http`, with an answer for each request in turn; `asked` has the requests. */
export function host(...answers) {
  const asked = [];
  const fetch = (request) => {
    asked.push(request);
    const { status = 200, retryAfter = null, body } = answers.shift();
    return { status, headers: [], body: bytes(body), retryAfter, rate: null };
  };
  return { origin: (name) => (name === 'api' ? ORIGIN : null), fetch, asked };
}
