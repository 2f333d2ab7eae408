/** The coordinator's HTTP pages: what runs, for operators and monitors; and, with a token, a few calls that change it. */
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { LedgerError } from '../ledger/ledger.ts';
import { RegistryError } from '../registry/registry-error.ts';
import { NoisePlanError } from '../release/calibrate-noise.ts';
import { SecurePlanError } from '../round/secure-plan.ts';
import { StoreError } from '../store/store-error.ts';
import { isAdmin } from './admin.ts';
import { type BodyCheck, type BodyProblem, checkNewTask, checkRollback, maximumBodyBytes } from './bodies.ts';
import type { HttpPort, TaskPage } from './port.ts';
import { identityLogView, manifestView, roundView, taskView, versionView } from './views.ts';

/** Rounds that one answer holds at most. */
const largestPage = 1000;
/** Identities that one answer holds at most: 64 characters each. */
const largestLogPage = 10_000;

/** An answer that is an error: `{"error": {code, message, problems?}}`. */
class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: ContentfulStatusCode;
  readonly code: string;
  readonly problems: readonly BodyProblem[] | undefined;

  constructor(status: ContentfulStatusCode, code: string, message: string, problems?: readonly BodyProblem[]) {
    super(message);
    this.status = status;
    this.code = code;
    this.problems = problems;
  }
}

export function createHttpApp(port: HttpPort, options: { readonly maximumBodyBytes?: number } = {}): Hono {
  const app = new Hono();
  const admin = adminOnly(port);
  const bounded = bodyLimit({
    maxSize: options.maximumBodyBytes ?? maximumBodyBytes,
    onError: () => {
      throw new HttpError(
        413,
        'too-large',
        'The body is too large; create tasks of such catalogues on the command line.',
      );
    },
  });

  app.use(async (context, next) => {
    await next();
    context.header('Cache-Control', 'no-store');
    context.header('X-Content-Type-Options', 'nosniff');
  });
  app.notFound((context) => answer(context, new HttpError(404, 'not-found', 'There is no such page here.')));
  app.onError((error, context) => {
    const known = httpErrorOf(error);
    if (known.status >= 500) port.failed(error);
    return answer(context, known);
  });

  app.get('/health', (context) => context.json({ status: 'ok', ...port.health() }));
  app.get('/ready', async (context) => {
    const state = await port.ready();
    return context.json(state, state.ready ? 200 : 503);
  });
  app.get('/metrics', async (context) => {
    const { contentType, text } = await port.metrics();
    return context.body(text, 200, { 'Content-Type': contentType });
  });
  app.get('/tasks', async (context) => context.json({ tasks: (await port.tasks()).map(taskView) }));
  app.get('/tasks/:id', async (context) => context.json(taskView(await taskOf(port, context))));
  app.get('/tasks/:id/rounds', async (context) => {
    const { record } = await taskOf(port, context);
    const rounds = await port.rounds(record.id, pageOf(context.req.query('limit')));
    return context.json({ rounds: rounds.map((round) => roundView(round, record.document.cohort.minimum)) });
  });
  app.get('/tasks/:id/versions', async (context) => {
    const { record } = await taskOf(port, context);
    return context.json({
      current: record.currentVersion,
      versions: (await port.versions(record.id)).map(versionView),
    });
  });

  app.get('/populations/:population/identity-log', async (context) => {
    const population = context.req.param('population');
    const log = await port.identityLog(population);
    if (!log) {
      throw new HttpError(
        404,
        'unknown-population',
        `There is no identity log of '${population.slice(0, 64)}'; tasks of the plan "secure" with registered identities keep one.`,
      );
    }
    const { size } = log.signedRoot();
    const query = (name: string) => context.req.query(name);
    const from = integerOf('from', query('from'), 0, Number.MAX_SAFE_INTEGER) ?? 0;
    const count = integerOf('count', query('count'), 0, largestLogPage) ?? 0;
    return context.json(identityLogView(log, from, count, integerOf('since', query('since'), 0, size)));
  });

  app.post('/tasks', admin, bounded, async (context) => {
    const { document, catalogue } = valid(checkNewTask(await jsonOf(context)));
    await port.createTask(document, catalogue);
    const task = await port.task(document.task);
    return context.json(task ? taskView(task) : { id: document.task }, 201);
  });
  app.post('/tasks/:id/stop', admin, async (context) => {
    const id = context.req.param('id');
    if (!(await port.stopTask(id))) throw unknownTask(id);
    return context.json(taskView(await taskOf(port, context)));
  });
  app.post('/tasks/:id/rollback', admin, bounded, async (context) => {
    const { record } = await taskOf(port, context);
    const { version } = valid(checkRollback(await jsonOf(context)));
    return context.json(manifestView(await port.rollback(record.id, version)));
  });
  return app;
}

function adminOnly({ adminToken }: HttpPort): MiddlewareHandler {
  return async (context, next) => {
    if (adminToken === null) {
      throw new HttpError(
        403,
        'no-admin',
        'This coordinator was started without an admin token: nothing can be changed over HTTP.',
      );
    }
    if (!isAdmin(context.req.header('Authorization'), adminToken)) {
      context.header('WWW-Authenticate', 'Bearer');
      throw new HttpError(401, 'not-authorised', 'Send the admin token: `Authorization: Bearer TOKEN`.');
    }
    await next();
  };
}

async function taskOf(port: HttpPort, context: Context): Promise<TaskPage> {
  const id = context.req.param('id') ?? '';
  const task = await port.task(id);
  if (!task) throw unknownTask(id);
  return task;
}

function unknownTask(id: string): HttpError {
  return new HttpError(404, 'unknown-task', `There is no task '${id.slice(0, 64)}'; GET /tasks lists them.`);
}

function pageOf(limit: string | undefined): number {
  return integerOf('limit', limit, 1, largestPage) ?? 100;
}

function integerOf(name: string, text: string | undefined, least: number, most: number): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  const problems = [{ path: name, message: `expected an integer from ${least} to ${most}` }];
  throw new HttpError(400, 'invalid', 'The query is not valid; see problems.', problems);
}

async function jsonOf(context: Context): Promise<unknown> {
  try {
    return await context.req.json();
  } catch (error) {
    if (error instanceof HttpError) throw error;
    throw new HttpError(400, 'not-json', 'The body is not JSON.');
  }
}

function valid<T>(check: BodyCheck<T>): T {
  if (check.ok) return check.value;
  throw new HttpError(400, 'invalid', 'The body is not valid; see problems.', check.problems);
}

/** Errors of the parts below as answers; of what is unexpected, nothing is told but that it is in the log. */
function httpErrorOf(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  if (error instanceof SecurePlanError || error instanceof NoisePlanError)
    return new HttpError(400, 'infeasible', error.message);
  if (error instanceof LedgerError) return new HttpError(409, 'ledger', error.message);
  if (error instanceof StoreError && error.code === 'conflict') return new HttpError(409, 'conflict', error.message);
  if (error instanceof StoreError && error.code === 'full') {
    return new HttpError(507, 'full', 'The store is full: nothing was written. Free space on the coordinator.');
  }
  if (error instanceof RegistryError && error.code.startsWith('unknown-')) {
    return new HttpError(404, error.code, error.message);
  }
  return new HttpError(500, 'internal', 'The coordinator failed; its log says why.');
}

function answer(context: Context, { status, code, message, problems }: HttpError): Response {
  return context.json({ error: { code, message, ...(problems ? { problems } : {}) } }, status);
}
