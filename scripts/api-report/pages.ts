/** A page as its blocks, so that the declarations of all pages are wrapped together: starting the formatter is what takes time. */

/** A paragraph or list as it stands, or the text of declarations. */
export type Block = string | { readonly declarations: string };

/** Given many declarations, wraps each of them. */
export type Format = (texts: readonly string[]) => readonly string[];

/** @returns the text of each page; in Markdown, declarations stand in a fence */
export function renderPages(pages: ReadonlyMap<string, readonly Block[]>, format: Format): ReadonlyMap<string, string> {
  const texts = [...pages.values()].flat().flatMap((block) => (typeof block === 'string' ? [] : [block.declarations]));
  const formatted = format(texts).values();
  const render = (block: Block, fenced: boolean): string => {
    if (typeof block === 'string') return block;
    const text = formatted.next().value ?? '';
    return fenced ? `\`\`\`ts\n${text}\n\`\`\`` : text;
  };
  return new Map(
    [...pages].map(([file, blocks]) => [
      file,
      `${blocks.map((block) => render(block, file.endsWith('.md'))).join('\n\n')}\n`,
    ]),
  );
}
