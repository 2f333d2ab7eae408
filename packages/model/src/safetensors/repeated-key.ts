/** JSON.parse keeps the last of two equal keys, so that two readers may see two different files. This sees both. */

/** A key that some object of a valid JSON text has twice, or null. */
export function repeatedKey(json: string): string | null {
  const tokens = /"(?:[^"\\]|\\.)*"|[{}[\]:]/g;
  const open: Set<string>[] = [];
  let text: string | null = null;
  for (const [token] of json.matchAll(tokens)) {
    if (token === '{' || token === '[') open.push(new Set());
    else if (token === '}' || token === ']') open.pop();
    else if (token !== ':') text = JSON.parse(token) as string;
    else if (text !== null) {
      // A colon outside of strings follows a key of the innermost object.
      const keys = open.at(-1);
      if (keys?.has(text)) return text;
      keys?.add(text);
    }
  }
  return null;
}
