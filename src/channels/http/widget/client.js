// The API client: every request ends within REQUEST_TIMEOUT_MS with a validated value or a Failure.

const REQUEST_TIMEOUT_MS = 15000;
const DEFAULT_RETRY_SECONDS = 30;

/** The reason why a request failed; `failed_${kind}` is the key of its sentence. */
export class Failure extends Error {
  /**
   * @param {'unreachable' | 'timeout' | 'busy' | 'server' | 'aborted'} kind
   * @param {number} [seconds] until the request may be repeated
   */
  constructor(kind, seconds = 0) {
    super(kind);
    this.kind = kind;
    this.seconds = seconds;
  }
}

/**
 * @param {string} url
 * @param {AbortSignal} signal
 * @param {object | URLSearchParams} [body] sent by POST, as a form or as JSON; without it the request is a GET
 * @returns {Promise<any>}
 */
export async function fetchJson(url, signal, body) {
  const controller = new AbortController();
  let timedOut = false;
  const abort = () => controller.abort();
  const timer = setTimeout(() => {
    timedOut = true;
    abort();
  }, REQUEST_TIMEOUT_MS);
  signal.addEventListener('abort', abort);
  const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const post = body && { method: 'POST', ...(body instanceof URLSearchParams ? { body } : json) };
  try {
    const response = await fetch(url, { credentials: 'omit', signal: controller.signal, ...post });
    if (response.status === 429)
      throw new Failure('busy', Math.ceil(Number(response.headers.get('retry-after'))) || DEFAULT_RETRY_SECONDS);
    if (!response.ok) throw new Failure('server');
    return JSON.parse(await response.text());
  } catch (error) {
    if (signal.aborted) throw new Failure('aborted');
    if (timedOut) throw new Failure('timeout');
    if (error instanceof Failure) throw error;
    throw new Failure(error instanceof SyntaxError ? 'server' : 'unreachable');
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

/**
 * Finds entries for an unfinished question. It is sent in a form: no address that a proxy logs contains
 * it, and a browser sends a form to another origin without a request before it.
 *
 * @param {Context} context
 * @param {string} query
 * @param {AbortSignal} signal
 * @returns {Promise<Hit[]>}
 */
export async function fetchHits(context, query, signal) {
  const parameters = new URLSearchParams({ q: query, limit: '5' });
  if (context.desk) parameters.set('desk', context.desk);
  const found = await fetchJson(`${context.endpoint}/api/v1/suggest`, signal, parameters);
  if (!Array.isArray(found?.hits)) throw new Failure('server');
  return [...(found.desks ?? []), ...found.hits];
}

/**
 * Fetches the contact points of one desk or of all, with their opening status.
 * @param {Context} context
 * @param {AbortSignal} signal
 * @returns {Promise<ContactPoint[]>}
 */
export async function fetchContactPoints({ endpoint, desk, language }, signal) {
  const found = await fetchJson(`${endpoint}/api/v1/desks?language=${language}`, signal);
  const desks = found.desks.filter((/** @type {{ id: string }} */ { id }) => !desk || id === desk);
  return desks.flatMap((/** @type {{ contact_points: ContactPoint[] }} */ { contact_points }) => contact_points);
}

/**
 * Fetches the questions of entries by their ids; leaves out those that are not shown.
 * @param {Context} context
 * @param {AbortSignal} signal
 * @returns {Promise<Choice[]>}
 */
export async function fetchChoices({ endpoint, featured }, signal) {
  const entries = featured.map((id) => fetchJson(`${endpoint}/api/v1/entries/${encodeURIComponent(id)}`, signal).catch(() => null));
  return (await Promise.all(entries)).filter((entry) => typeof entry?.question === 'string');
}

/**
 * @param {Context} context
 * @param {Exchange} exchange
 * @param {string | null} conversation
 * @param {AbortSignal} signal
 * @returns {Promise<Answer>}
 */
export async function fetchAnswer(context, exchange, conversation, signal) {
  const { question, entry, declined, feedback } = exchange;
  const shared = { conversation: conversation ?? undefined, language: context.language };
  const asked = { question: declined ?? question, entry, none_of_these: !!declined, desk: context.desk || undefined };
  const path = feedback ? 'feedback' : 'ask';
  const answer = await fetchJson(`${context.endpoint}/api/v1/${path}`, signal, { ...shared, ...(feedback ?? asked) });
  if (!isAnswer(answer)) throw new Failure('server');
  return answer;
}

/**
 * @param {any} value
 * @returns {value is Answer}
 */
export function isAnswer(value) {
  return isPart(value) && [value.also ?? []].flat().every(isPart);
}

/** @param {any} value */
function isPart(value) {
  return (
    typeof value?.message === 'string' &&
    typeof value.outcome === 'string' &&
    Array.isArray(value.suggestions) &&
    (!value.entry || (typeof value.entry.answer?.html === 'string' && Array.isArray(value.entry.related))) &&
    (!value.escalation || (Array.isArray(value.escalation.contact_points) && Array.isArray(value.escalation.desk_drafts)))
  );
}
