/** The code blocks of a document that are marked to be run as written: ```sh runnable, ```ts runnable file=NAME. */
export interface RunnableBlock {
  readonly language: string;
  /** Name of the file that the block is, where it says so. */
  readonly file: string | null;
  readonly code: string;
  /** 1-based line of the fence in the document. */
  readonly line: number;
}

export function runnableBlocks(markdown: string): RunnableBlock[] {
  const fence = /^```(\w+) runnable(?: file=(\S+))?\n([\s\S]*?)^```$/gm;
  return [...markdown.matchAll(fence)].map((match) => ({
    language: match[1],
    file: match[2] ?? null,
    code: match[3],
    line: markdown.slice(0, match.index).split('\n').length,
  }));
}

/** The code blocks of a document that are files of a page that it builds: ```tsx page file=src/app.tsx. */
export function pageFiles(markdown: string): { readonly file: string; readonly code: string }[] {
  const fence = /^```\w+ page file=(\S+)\n([\s\S]*?)^```$/gm;
  return [...markdown.matchAll(fence)].map(([, file, code]) => ({ file, code }));
}
