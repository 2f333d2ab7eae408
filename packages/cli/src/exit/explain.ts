/** Turns whatever a command threw into an exit code and lines for people; stacks show with TRIBUTARY_DEBUG=1 only. */
import { CommandError, type Problem } from './command-error.ts';
import { type ExitReason, exitCodes } from './exit-codes.ts';

export interface Explanation {
  readonly reason: ExitReason;
  readonly exitCode: number;
  /** Name of the error's type, stable for programs. */
  readonly kind: string;
  readonly message: string;
  readonly advice: string | null;
  readonly problems: readonly Problem[];
}

/** Reasons of the typed errors of the other packages, by the name that each error carries. */
const reasonsByName: Readonly<Record<string, ExitReason>> = {
  AttackError: 'input',
  BackendError: 'input',
  BudgetError: 'budget',
  BudgetExceededError: 'budget',
  BudgetRefusedError: 'budget',
  ClippingError: 'input',
  ClosedLedgerError: 'budget',
  ConnectionError: 'network',
  DataError: 'input',
  EncoderError: 'input',
  EngineError: 'input',
  EvaluationError: 'input',
  SimulationError: 'input',
  TrainingError: 'input',
  DatasetError: 'input',
  LayoutError: 'input',
  LedgerError: 'store',
  PlanError: 'input',
  PortError: 'network',
  RegistryError: 'input',
  RefusalError: 'network',
  SafetensorsError: 'input',
  StoreError: 'store',
  TaskDocumentError: 'input',
};

/** Node's error codes that a person can do something about. */
const systemErrors: Readonly<Record<string, { readonly reason: ExitReason; readonly advice: string }>> = {
  ENOENT: { reason: 'input', advice: 'Check the path; it is relative to the folder that the command runs in.' },
  EEXIST: { reason: 'input', advice: 'Something else is there already: choose another path.' },
  EISDIR: { reason: 'input', advice: 'A file was expected where there is a folder.' },
  ENOTDIR: { reason: 'input', advice: 'A folder was expected where there is a file.' },
  EACCES: { reason: 'input', advice: 'Check the permissions of the path.' },
  EPERM: { reason: 'input', advice: 'Check the permissions of the path.' },
  EADDRINUSE: {
    reason: 'network',
    advice: 'Another program listens there: choose another --port, or 0 for a free one.',
  },
  EADDRNOTAVAIL: { reason: 'network', advice: 'The host is not an address of this machine: choose another --host.' },
  ECONNREFUSED: { reason: 'network', advice: 'Nothing listens there: check the --url and that the coordinator runs.' },
  ECONNRESET: { reason: 'network', advice: 'The other side closed the connection: try again.' },
  ENOTFOUND: { reason: 'network', advice: 'The host name is unknown: check the --url.' },
  ETIMEDOUT: { reason: 'network', advice: 'The other side did not answer: check the --url and the network.' },
  ENOSPC: { reason: 'store', advice: 'The disk is full: free space there, then run it again; nothing was lost.' },
  EROFS: { reason: 'store', advice: 'The file system is read-only: choose another folder.' },
};

/** Classifies an error. Never throws. */
export function explainError(error: unknown): Explanation {
  if (error instanceof CommandError) {
    const { reason, message, advice, problems } = error;
    return { reason, exitCode: exitCodes[reason].code, kind: error.name, message, advice, problems };
  }
  const name = error instanceof Error ? error.name : 'Error';
  const message = error instanceof Error ? error.message : String(error);
  const known = reasonOfTyped(name, codeOf(error));
  if (known) return explanation(known, name, message, adviceOf(error));
  const system = systemErrors[codeOf(error) ?? codeOf((error as { cause?: unknown } | null)?.cause) ?? ''];
  if (system) return explanation(system.reason, name, message, system.advice);
  return explanation('unexpected', name, message, 'Run it again with TRIBUTARY_DEBUG=1 to see where it happened.');
}

/** The explanation as lines for standard error. */
export function explanationLines(found: Explanation): string[] {
  return [
    `error: ${found.message}`,
    ...found.problems.map(({ path, line, message }) => {
      const where = [line === null ? '' : `line ${line}`, path].filter(Boolean).join(', ');
      return `  ${where ? `${where}: ` : ''}${message}`;
    }),
    ...(found.advice ? [found.advice] : []),
  ];
}

function explanation(reason: ExitReason, kind: string, message: string, advice: string | null): Explanation {
  return { reason, exitCode: exitCodes[reason].code, kind, message, advice, problems: [] };
}

function reasonOfTyped(name: string, code: string | null): ExitReason | undefined {
  if (name === 'TributaryError' || name === 'StorageError') return deviceReason(code ?? '');
  // An engine that was named cannot do what was asked; what is used after its end is a mistake of ours, and a lost device nobody's.
  if (name === 'EngineError' && (code === 'finished' || code === 'closed' || code === 'lost')) return undefined;
  // What a store holds is to blame, or what was asked of it.
  if (name === 'RegistryError' && (code === 'forged' || code === 'damaged')) return 'store';
  if (name === 'StoreError' && code === 'conflict') return 'input';
  return Object.hasOwn(reasonsByName, name) ? reasonsByName[name] : undefined;
}

/** Errors of the device SDK carry a code: what the storage, the caller or the network is to blame for. */
function deviceReason(code: string): ExitReason {
  if (code.startsWith('storage-')) return 'store';
  if (code === 'invalid-event' || code === 'unknown-item' || code === 'training' || code === 'texts') return 'input';
  if (code === 'invalid-option' || code === 'no-consent') return 'usage';
  return 'network';
}

function codeOf(error: unknown): string | null {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : null;
}

function adviceOf(error: unknown): string | null {
  const advice = (error as { advice?: unknown }).advice;
  return typeof advice === 'string' ? advice : null;
}
