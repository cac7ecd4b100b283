// What is dropped, and how well the rest fits.
//
// Nothing here knows of Prospector: plain values in, plain values out. Amounts are hundredths of USD.

/** The value of what cannot be told: neither good nor bad. */
export const NEUTRAL = 0.5;
/** So many others make it hopeless. */
const CROWD = 50;

/** What a signal measures, from 0 (bad) to 1 (good): the value, what was measured, and why the value is what it is. */
function reading(value, raw, reason) {
  return { value, raw, reason, missing: [], confidence: 1 };
}

/** A signal of which nothing can be told, and what would have been used. */
export function unknown(reason, ...missing) {
  return { value: NEUTRAL, raw: 'not stated', reason, missing, confidence: 0 };
}

/** The setting that drops a job, and why; null for one that stays. `hourly` is what it pays per hour at best. */
export function dropped(location, hourly, remoteOnly, least) {
  if (remoteOnly && location !== null && !['worldwide', 'anywhere', 'remote'].includes(location.toLowerCase())) {
    return { filter: 'remote_only', reason: `It is tied to ${location}` };
  }
  if (hourly !== null && hourly < least * 100) {
    return { filter: 'min_hourly_usd', reason: `It pays ${hourly / 100} USD per hour at best, below ${least}` };
  }
  return null;
}

/** How many of the skills that are asked for are known, by name. */
export function skills(asked, known) {
  if (asked.length === 0) return unknown('It asks for no skill by name', 'skills');
  const names = new Set(known.map((name) => name.toLowerCase()));
  const covered = asked.filter((skill) => names.has(skill.toLowerCase())).length;
  const raw = `${covered} of ${asked.length} skills`;
  return reading(covered / asked.length, raw, `You cover ${raw}`);
}

/** What it pays at best against what one wants: from nothing to the preferred rate. */
export function budget(pays, minimum, preferred) {
  if (pays === null) return unknown('It does not say what it pays in USD', 'budget');
  if (preferred === null || preferred <= 0) return unknown('Your profile has no preferred rate', 'profile.rates');
  const [value, raw] = [Math.min(1, pays / preferred), `${pays / 100} USD`];
  if (minimum !== null && pays < minimum) {
    return reading(value / 2, raw, `${raw} is below your minimum of ${minimum / 100}`);
  }
  return reading(value, raw, `${raw}, where you prefer ${preferred / 100}`);
}

/** The fewer the better. */
export function competition(others) {
  if (others === null) return unknown('It does not say how many want it', 'competition');
  return reading(Math.max(0, 1 - others / CROWD), `${others} others`, `${others} others want it`);
}

/** Whether it fits into a week. */
export function timeline(hours, available) {
  if (hours === null || available === null) return unknown('How much of the week it takes is not known', 'workload');
  const raw = `${hours} h a week`;
  if (hours <= available) return reading(1, raw, `It takes ${hours} of your ${available} hours a week`);
  return reading(available / hours, raw, `It takes ${hours} hours a week, and you have ${available}`);
}
