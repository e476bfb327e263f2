// Apollo Client that names documents by their hash, with its link for persisted queries.
import { createHash } from "node:crypto";
import { ApolloLink, HttpLink } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { connectTo } from "./apollo.ts";
import type { Connect } from "./client.ts";

export const connect: Connect = (uri, token, fetch) => {
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  const http = new HttpLink({ uri, fetch, headers: { authorization: `Bearer ${token}` } });
  return connectTo(ApolloLink.from([new PersistedQueryLink({ sha256 }), http]));
};
