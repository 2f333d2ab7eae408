/** The `license` in the front matter of a model card (README.md), e.g. "apache-2.0"; null where it names none. */
export function cardLicence(card: string): string | null {
  const front = /^---\r?\n([\s\S]*?)\r?\n---/.exec(card)?.[1] ?? '';
  const [, licence] = /^license:[ \t]*["']?([\w.+-]{1,60})["']?[ \t]*$/m.exec(front) ?? [];
  return licence ?? null;
}
