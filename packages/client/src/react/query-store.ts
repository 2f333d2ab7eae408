/** The latest answer to the latest question that a component asks of its instance. */

export type Question<Client, Value> = (client: Client) => Promise<Value>;

export interface Answer<Value> {
  /** The question, to be compared; null while nothing is answered. */
  readonly to: object | null;
  readonly value: Value | undefined;
  readonly error: Error | null;
}

export interface QueryStore<Client, Value> {
  answer(): Answer<Value>;
  subscribe(onChange: () => void): () => void;
  /**
   * Asks. An answer to an earlier, other question is dropped when it comes in late. Asked the same while it is being answered,
   * asks once more afterwards, however often that was. Never rejects.
   */
  ask(question: Question<Client, Value>): Promise<void>;
  /** Drops what is still to come. */
  leave(): void;
}

export const unanswered: Answer<never> = { to: null, value: undefined, error: null };

interface Asked<Client, Value> {
  readonly question: Question<Client, Value>;
  again: boolean;
  done: Promise<void>;
}

export function createQueryStore<Client, Value>(client: Client | null): QueryStore<Client, Value> {
  let answer: Answer<Value> = unanswered;
  let asked: Asked<Client, Value> | null = null;
  const subscribers = new Set<() => void>();

  function publish(next: Answer<Value>): void {
    answer = next;
    for (const onChange of [...subscribers]) onChange();
  }

  async function pursue(mine: Asked<Client, Value>, of: Client): Promise<void> {
    const { question } = mine;
    do {
      mine.again = false;
      let next: Answer<Value>;
      try {
        next = { to: question, value: await question(of), error: null };
      } catch (error) {
        const reason = error instanceof Error ? error : new Error(String(error));
        next = { to: question, value: undefined, error: reason };
      }
      if (asked !== mine) return;
      publish(next);
    } while (mine.again && asked === mine);
    if (asked === mine) asked = null;
  }

  return {
    answer: () => answer,
    subscribe(onChange) {
      const mine = () => onChange();
      subscribers.add(mine);
      return () => void subscribers.delete(mine);
    },
    ask(question) {
      if (client === null) return Promise.resolve();
      if (asked?.question === question) {
        asked.again = true;
        return asked.done;
      }
      // What failed is open again; what was answered stays until there is better.
      if (answer.error !== null) publish(unanswered);
      const mine: Asked<Client, Value> = { question, again: false, done: Promise.resolve() };
      asked = mine;
      mine.done = pursue(mine, client);
      return mine.done;
    },
    leave() {
      asked = null;
    },
  };
}
