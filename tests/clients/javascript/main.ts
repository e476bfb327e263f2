// `node main.ts CLIENT '{"url": …, "teacher": TOKEN, "head": TOKEN}'`: the journey by a client, and its figures as JSON.
import { format } from "node:util";
import { journey } from "./journey.ts";

const [name, text] = process.argv.slice(2) as [string, string];
const { url, ...tokens } = JSON.parse(text);
const warnings: string[] = [];
// Apollo Client warns where it replaces an object without an id by one that lacks fields. It reports a list that became
// shorter too, and graphcache each object without an id: those lose nothing.
const LOSS = /^Cache data may be lost(?![^]*existing: \[)/;
console.warn = (...words: unknown[]) => {
  const text = format(...words);
  if (LOSS.test(text)) warnings.push(text);
};
console.error = console.warn;
const { connect } = await import(`./${name}.ts`);
const result = await journey(connect, url, tokens);
console.log(JSON.stringify({ ...result, warnings }));
