// `node main.ts CLIENT '{"url": …, "teacher": TOKEN, "head": TOKEN}'`: the journey by a client, and its figures as JSON.
import { warnings } from "./warnings.ts";
import { journey } from "./journey.ts";

const [name, text] = process.argv.slice(2) as [string, string];
const { url, ...tokens } = JSON.parse(text);
const { connect } = await import(`./${name}.ts`);
const result = await journey(connect, url, tokens);
console.log(JSON.stringify({ ...result, warnings }));
