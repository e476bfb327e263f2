// Apollo Client with an InMemoryCache.
import { ApolloClient, HttpLink, InMemoryCache, type ApolloLink } from "@apollo/client";
import type { Client, Connect } from "./client.ts";

export const connect: Connect = (uri, token, fetch) =>
  connectTo(new HttpLink({ uri, fetch, headers: { authorization: `Bearer ${token}` } }));

export function connectTo(link: ApolloLink): Client {
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  return {
    async query(query, variables) {
      return (await client.query({ query, variables, fetchPolicy: "network-only" } as never)).data as never;
    },
    async mutate(mutation, variables) {
      return (await client.mutate({ mutation, variables } as never)).data as never;
    },
    async readCache(query, variables) {
      return client.readQuery({ query, variables } as never);
    },
  };
}
