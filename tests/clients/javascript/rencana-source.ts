// Our own client, which has no cache, from its source: Node leaves the types out.
import { createClient } from "../../../clients/typescript/src/index.ts";
import type { Client, Connect } from "./client.ts";

export const connectBy =
  (create: typeof createClient): Connect =>
  (url, token, fetch) => {
    const send = create({ url, token: () => token, fetch });
    return {
      query: (document, variables) => send(document, ...([variables] as never)),
      mutate: (document, variables) => send(document, ...([variables] as never)),
    } satisfies Client;
  };
export const connect = connectBy(createClient);
