// What the journey needs of a GraphQL client, and the answers as the server sent them.
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import type { OperationDefinitionNode } from "graphql";

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** A client of one person, in the default setting of its library. */
export interface Client {
  /** Sends a query, whatever the cache holds, and returns the data. */
  query<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Data>;
  /** Sends a mutation and returns the data. */
  mutate<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Data>;
  /** Reads a query from the cache alone. Returns null if a field is missing. Absent if the library has no cache. */
  readCache?<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Data | null>;
}

/** Creates a client. `fetch` is the global one, and records the answers. */
export type Connect = (url: string, token: string, fetch: typeof globalThis.fetch) => Client;

/** The number of requests, how many of them sent a text of a document, and the newest answer. */
export class Recorder {
  requests = 0;
  texts = 0;
  answer: Json = null;

  fetch: typeof globalThis.fetch = async (input, init) => {
    const response = await fetch(input, init);
    this.requests += 1;
    const sent = init?.body ? JSON.parse(String(init.body)) : Object.fromEntries(new URL(String(input)).searchParams);
    if (sent.query) this.texts += 1;
    this.answer = await response.clone().json();
    return response;
  };
}

export function operationName(document: TypedDocumentNode<unknown, never>): string {
  const operation = document.definitions.find((node): node is OperationDefinitionNode => node.kind === "OperationDefinition");
  return operation!.name!.value;
}

// Fields that a client adds to a document for its own use, and does not show.
const ADDED = /^(__typename|__is[A-Z]\w*|id)$/;

/** Lists the values of a server's answer that are different or absent in what a client shows. */
export function* differences(sent: Json, shown: Json | undefined, path = ""): Generator<string> {
  if (sent !== null && typeof sent === "object") {
    if (shown === null || typeof shown !== "object") {
      yield `${path}: ${JSON.stringify(sent)} became ${JSON.stringify(shown)}`;
    } else if (Array.isArray(sent) && sent.length !== (shown as Json[]).length) {
      yield `${path}: ${sent.length} values became ${(shown as Json[]).length}`;
    } else {
      for (const [name, value] of Object.entries(sent)) {
        const other = (shown as Record<string, Json>)[name];
        if (other !== undefined || !ADDED.test(name)) yield* differences(value, other, `${path}.${name}`);
      }
    }
  } else if (sent !== shown) {
    yield `${path}: ${JSON.stringify(sent)} became ${JSON.stringify(shown)}`;
  }
}
