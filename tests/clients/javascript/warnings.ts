// The warnings that a library gives of lost data. Import this module before the library.
import { format } from "node:util";

export const warnings: string[] = [];
// Apollo Client warns where it replaces an object without an id by one that lacks fields. It reports a list that became
// shorter too, and graphcache each object without an id: those lose nothing.
const LOSS = /^Cache data may be lost(?![^]*existing: \[)/;
console.warn = (...words: unknown[]) => {
  const text = format(...words);
  if (LOSS.test(text)) warnings.push(text);
};
console.error = console.warn;
