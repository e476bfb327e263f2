// urql with the normalised cache of graphcache.
import { Client as Urql, fetchExchange, type Exchange, type OperationResult } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import type { Client, Connect } from "./client.ts";

function dataOf<Data>(result: OperationResult<Data>): Data {
  if (result.error) throw result.error;
  return result.data!;
}

export const connect: Connect = (url, token, fetch) => connectBy([fetchExchange], url, token, fetch);

export function connectBy(exchanges: Exchange[], ...[url, token, fetch]: Parameters<Connect>): Client {
  const client = new Urql({
    url,
    fetch,
    fetchOptions: { headers: { authorization: `Bearer ${token}` } },
    exchanges: [cacheExchange({}), ...exchanges],
  });
  return {
    async query(document, variables) {
      return dataOf(await client.query(document, variables as never, { requestPolicy: "network-only" }).toPromise());
    },
    async mutate(document, variables) {
      return dataOf(await client.mutation(document, variables as never).toPromise());
    },
    async readCache(document, variables) {
      const result = await client.query(document, variables as never, { requestPolicy: "cache-only" }).toPromise();
      return result.stale ? null : (result.data ?? null);
    },
  };
}
