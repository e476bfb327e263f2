// `node audit.ts URL TOKEN`: the audits of graphql-http, the reference of GraphQL over HTTP, as JSON.
import { auditServer } from "graphql-http";

const [url, token] = process.argv.slice(2) as [string, string];
const fetchFn: typeof fetch = (input, init) =>
  fetch(input, { ...init, headers: { ...init?.headers, authorization: `Bearer ${token}` } });
const results = await auditServer({ url, fetchFn });
const lines = results.map(({ id, name, status, ...result }) => ({ id, name, status, reason: "reason" in result ? result.reason : null }));
console.log(JSON.stringify(lines));
