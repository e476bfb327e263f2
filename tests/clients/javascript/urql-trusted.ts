// urql that names documents by their hash.
import { fetchExchange } from "@urql/core";
import { persistedExchange } from "@urql/exchange-persisted";
import type { Connect } from "./client.ts";
import { connectBy } from "./urql.ts";

export const connect: Connect = (url, token, fetch) =>
  connectBy([persistedExchange({ enableForMutation: true }), fetchExchange], url, token, fetch);
