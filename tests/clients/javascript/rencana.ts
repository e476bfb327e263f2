// Our own client, which has no cache.
import { createClient } from "../../../clients/typescript/dist/index.js";
import type { Client, Connect } from "./client.ts";

export const connect: Connect = (url, token, fetch) => {
  const send = createClient({ url, token: () => token, fetch });
  return {
    query: (document, variables) => send(document, ...([variables] as never)),
    mutate: (document, variables) => send(document, ...([variables] as never)),
  } satisfies Client;
};
