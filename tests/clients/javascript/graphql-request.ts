// graphql-request, which has no cache.
import { GraphQLClient } from "graphql-request";
import type { Client, Connect } from "./client.ts";

export const connect: Connect = (url, token, fetch) => {
  const client = new GraphQLClient(url, { fetch, headers: { authorization: `Bearer ${token}` } });
  return {
    query: (document, variables) => client.request(document, variables as object),
    mutate: (document, variables) => client.request(document, variables as object),
  } satisfies Client;
};
